import {
  AdamW,
  add,
  DataLoader,
  type Device,
  Dropout,
  Embedding,
  fromArray,
  getScheduler,
  Initializer,
  LengthGroupedSampler,
  Linear,
  mean,
  Module,
  mul,
  type Optimizer,
  type Row,
  type Sampler,
  SGD,
  tanh,
  type Tensor,
} from "../../mod.ts";
import { device } from "../helpers/device.ts";
import { needs } from "../helpers/permissions.ts";
import { assertResumes, ResumableLoop } from "./resumable_loop.ts";
import { collateFn, ROWS, TABLE, type Tokens } from "./token_rows.ts";

/** Size of a large embedding table, with a sparse gradient. */
const LARGE = [1100, 64] as const;

/** Predicts a number for each token, with dropouts of default seeds. */
class Tagger extends Module {
  readonly words: Embedding;
  readonly dropout = new Dropout(0.2);
  readonly hidden: Linear;
  readonly later = [new Dropout(0.1), new Dropout(0.3)];
  readonly output: Linear;

  constructor(device: Device, [V, H]: readonly [number, number]) {
    super();
    const initializer = new Initializer(3);
    this.words = new Embedding(device, V, H, { initializer, paddingIdx: 0 });
    this.hidden = new Linear(device, H, 8, { initializer });
    this.output = new Linear(device, 8, 1, { initializer });
  }

  forward({ ids, labels }: Tokens): Tensor {
    const shape = [ids.length];
    const embedded = this.words.forward({ shape, data: Int32Array.from(ids) });
    let x = tanh(this.hidden.forward(this.dropout.forward(embedded)));
    for (const dropout of this.later) x = dropout.forward(x);
    const target = fromArray(device, labels.map((label) => -label), [
      ids.length,
      1,
    ]);
    const error = add(this.output.forward(x), target);
    return mean(mul(error, error));
  }
}

interface Options {
  readonly optimizer?: (model: Tagger) => Optimizer;
  readonly sampler?: () => Sampler;
  readonly dropLast?: boolean;
  readonly accumulate?: number;
  readonly maxNorm?: number;
  readonly rows?: Row[];
  readonly table?: readonly [number, number];
  readonly prepare?: (model: Tagger) => void;
  readonly beforeBatch?: (model: Tagger, count: number) => void;
}

const adamW = (model: Tagger) => new AdamW(model.parameters(), { lr: 0.01 });

function loop(options: Options = {}): ResumableLoop<Tokens> {
  const { optimizer: make = adamW, sampler, beforeBatch, rows = ROWS } =
    options;
  const { accumulate = 2, maxNorm = 0.05, dropLast = false } = options;
  const model = new Tagger(device, options.table ?? TABLE);
  options.prepare?.(model);
  const optimizer = make(model);
  const scheduler = getScheduler("linear", optimizer, {
    numWarmupSteps: 2,
    numTrainingSteps: 9,
  });
  const order = sampler ? { sampler: sampler() } : { shuffle: true, seed: 5 };
  return new ResumableLoop({
    modules: { model },
    optimizers: { optimizer },
    schedulers: { scheduler },
    loader: new DataLoader(rows, {
      batchSize: 3,
      collateFn,
      dropLast,
      ...order,
    }),
    forward: (batch) => model.forward(batch),
    ...{ accumulate, maxNorm },
    beforeBatch: (count) => beforeBatch?.(model, count),
  });
}

Deno.test(
  needs(
    "a loop that is resumed at any place ends with the bits of the uninterrupted one",
    "read",
    "write",
  ),
  async (t) => {
    const reversed = (): Sampler => {
      let epoch = 0;
      return {
        length: ROWS.length,
        setEpoch: (next) => epoch = next,
        *[Symbol.iterator]() {
          for (let i = 0; i < this.length; i++) yield (6 - i + epoch) % 7;
        },
      };
    };
    const cases: Record<string, Options> = {
      "AdamW, random order": {},
      "AdamW, grouped by length": {
        sampler: () =>
          new LengthGroupedSampler(ROWS as never, { batchSize: 6, seed: 1 }),
      },
      "AdamW, a sampler of its own, a short last batch dropped": {
        sampler: reversed,
        dropLast: true,
      },
      "SGD with momentum": {
        optimizer: (model) =>
          new SGD(model.parameters(), {
            lr: 0.1,
            momentum: 0.9,
            dampening: 0.1,
          }),
      },
      "SGD without momentum, without accumulation": {
        optimizer: (model) => new SGD(model.parameters(), { lr: 0.1 }),
        accumulate: 1,
      },
      "groups with other settings": {
        optimizer: ({ words, hidden, output }) =>
          new AdamW([
            { params: output.parameters(), lr: 0.1, betas: [0.8, 0.9] },
            {
              params: [words.weight, ...hidden.parameters()],
              weightDecay: 0.3,
            },
          ]),
      },
    };
    for (const [name, options] of Object.entries(cases)) {
      // Every place of the first loop; of the others, inside windows and between epochs.
      const places = name === "AdamW, random order"
        ? undefined
        : [{ count: 1 }, { count: 2, beforeStep: true }, { count: 3 }];
      await t.step(name, () => assertResumes(() => loop(options), 5, places));
    }
  },
);

Deno.test(
  needs(
    "a large embedding table has the same bits where it is saved with a sparse or a dense gradient",
    "read",
    "write",
  ),
  async (t) => {
    // The first batch has more rows of the table than the others.
    const rows = ROWS.map(({ label }, i) => ({
      inputIds: Array.from(
        { length: i === 0 ? 1050 : 20 + 7 * i },
        (_, j) => (97 * i + 31 * j) % LARGE[0],
      ),
      label: label!,
    }));
    const sampler = () => Array.from(rows.keys());
    // Only the order in which the table's gradient is summed counts for the norm.
    const prepare = ({ hidden, output }: Tagger) => {
      for (
        const parameter of [...hidden.parameters(), ...output.parameters()]
      ) {
        parameter.requiresGrad = false;
      }
    };
    const optimizer = ({ words }: Tagger) => new AdamW(words.parameters());
    for (const [name, accumulate] of [["sparse", 1], ["dense", 2]] as const) {
      await t.step(name, () =>
        assertResumes(
          () =>
            loop({
              ...{ rows, sampler, accumulate, prepare, optimizer },
              table: LARGE,
            }),
          4,
          [1, 2, 3].flatMap((
            count,
          ) => [{ count }, { count, beforeStep: true }]),
        ));
    }
  },
);

Deno.test(
  needs(
    "layers that are frozen, or no longer, are resumed with the same bits",
    "read",
    "write",
  ),
  async (t) => {
    const freeze = (frozen: boolean) => ({ hidden, words }: Tagger) => {
      for (const parameter of [...hidden.parameters(), words.weight]) {
        parameter.requiresGrad = !frozen;
      }
    };
    const trained = (model: Tagger) =>
      new AdamW([...model.parameters()].filter((p) => p.requiresGrad));
    const cases: Record<string, Options> = {
      "before the optimizer is made": {
        prepare: freeze(true),
        optimizer: trained,
      },
      "after the optimizer is made": {
        beforeBatch: (model) => freeze(true)(model),
      },
      "until the second step": {
        beforeBatch: (model, count) => freeze(count < 2)(model),
      },
      "from the second step on": {
        beforeBatch: (model, count) => freeze(count >= 2)(model),
      },
    };
    for (const [name, options] of Object.entries(cases)) {
      await t.step(
        name,
        () =>
          assertResumes(() => loop(options), 4, [{ count: 2 }, { count: 3 }]),
      );
    }
  },
);
