import {
  AdamW,
  add,
  DataLoader,
  Dropout,
  Embedding,
  fromArray,
  getScheduler,
  Initializer,
  Linear,
  mean,
  Module,
  mul,
  type SchedulerOptions,
  SGD,
  type Tensor,
} from "../../mod.ts";
import { device } from "../helpers/device.ts";
import { needs } from "../helpers/permissions.ts";
import { assertResumes, ResumableLoop } from "./resumable_loop.ts";
import { collateFn, ROWS, TABLE, type Tokens } from "./token_rows.ts";

/** A head with dropout, over the vectors of a shared table. */
class Head extends Module {
  readonly words: Embedding;
  readonly dropout = new Dropout(0.4);
  readonly output: Linear;

  constructor(words: Embedding, seed: number) {
    super();
    this.words = words;
    const initializer = new Initializer(seed);
    this.output = new Linear(device, TABLE[1], 1, { initializer });
  }

  forward({ ids, labels }: Tokens): Tensor {
    const shape = [ids.length];
    const x = this.words.forward({ shape, data: Int32Array.from(ids) });
    const y = this.output.forward(this.dropout.forward(x));
    return mean(mul(y, fromArray(device, labels, [ids.length, 1])));
  }
}

/** Two modules that share a table, with two optimizers and the named schedules. */
function twoHeads(schedules: readonly string[]): ResumableLoop<Tokens> {
  const initializer = new Initializer(3);
  const words = new Embedding(device, ...TABLE, { initializer });
  const modules = { model: new Head(words, 1), model2: new Head(words, 2) };
  const { model, model2 } = modules;
  const optimizers = {
    optimizer: new AdamW(model.parameters(), { lr: 0.01 }),
    sgd: new SGD(model2.output.parameters(), { lr: 0.1, momentum: 0.9 }),
  };
  const options: Record<string, SchedulerOptions> = {
    constant: {},
    "constant_with_warmup": { numWarmupSteps: 2 },
    "inverse_sqrt": { numWarmupSteps: 2 },
    "warmup_stable_decay": {
      ...{ numWarmupSteps: 1, numStableSteps: 1, numDecaySteps: 3 },
    },
    "cosine_with_min_lr": { ...STEPS, minLr: 1e-3 },
    "cosine_warmup_with_min_lr": { ...STEPS, minLrRate: 0.1 },
  };
  const schedulers = Object.fromEntries(
    schedules.map((name, i) => {
      const optimizer = Object.values(optimizers)[i]!;
      return [name, getScheduler(name, optimizer, options[name] ?? STEPS)];
    }),
  );
  return new ResumableLoop({
    ...{ modules, optimizers, schedulers },
    loader: new DataLoader(ROWS, { batchSize: 3, collateFn, shuffle: true }),
    forward: (batch) => add(model.forward(batch), model2.forward(batch)),
  });
}

const STEPS = { numWarmupSteps: 1, numTrainingSteps: 5 };

Deno.test(
  needs(
    "two modules that share a table, two optimizers and every schedule are resumed with the same bits",
    "read",
    "write",
  ),
  async (t) => {
    const pairs = [
      ["linear", "cosine"],
      ["cosine_with_restarts", "polynomial"],
      ["constant", "constant_with_warmup"],
      ["inverse_sqrt", "cosine_with_min_lr"],
      ["cosine_warmup_with_min_lr", "warmup_stable_decay"],
    ];
    for (const names of pairs) {
      await t.step(
        names.join(", "),
        () =>
          assertResumes(() => twoHeads(names), 4, [{ count: 1 }, {
            count: 3,
            beforeStep: true,
          }]),
      );
    }
  },
);
