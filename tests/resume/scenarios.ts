import { Random } from "../../lib/random.ts";
import { TASKS } from "../../scripts/classify/tasks.ts";
import { ROOT } from "../helpers/permissions.ts";
import { jsonl, sentence } from "../scripts/classify_fixture.ts";
import {
  commandOf,
  type TrainFixture,
  trainFixture,
  tsv,
} from "../scripts/train_fixture.ts";
import { EVALUATION_BATCH_SIZE } from "./moments.ts";
import type { LoopOptions } from "./user_loop.ts";

/** Folder of a run, in the working folder of its processes. */
export const RUN = "runs/a";

/** A training run that is interrupted in many ways. */
export interface Scenario {
  readonly name: string;
  readonly permissions: readonly string[];
  /** URL of the script. */
  readonly script: string;
  /** Arguments of a new run. */
  readonly args: readonly string[];
  /** Arguments that go on with it. */
  readonly resumeArgs: readonly string[];
  /** File without which it cannot go on, so that it starts again. */
  readonly started: RegExp;
  /** File that is written at its end. */
  readonly ended: string;
  /** The command that its processes print when they are interrupted; none if they ignore signals. */
  readonly command: string | undefined;
}

/** Flags of steps of two batches, in epochs of six steps with a smaller last batch. */
const COMMON = [
  `--model ../model --batch-size 2 --eval-batch-size ${EVALUATION_BATCH_SIZE}`,
  "--gradient-accumulation-steps 2 --dropout 0.1",
  `--learning-rate 3e-3 --logging-steps 1 --seed 3 --output-dir ${RUN}`,
].join(" ");

function script(
  name: string,
  task: "train" | "classify",
  flags: string,
  steps = 60,
): Scenario {
  return {
    ...commandOf(task),
    name: `${task}, ${name}`,
    args: `${flags} --max-steps ${steps} ${COMMON}`.split(" "),
    resumeArgs: ["--resume", RUN],
    started: /^config\.json$/,
    ended: "results.json",
    command: `./denow task ${task} --resume ${RUN}`,
  };
}

function loop(name: string, options: LoopOptions): Scenario {
  const args = [JSON.stringify(options), RUN];
  return {
    name: `loop, ${name}`,
    permissions: ["--allow-read", "--allow-write=runs"],
    script: new URL("tests/resume/user_loop.ts", ROOT).href,
    args,
    resumeArgs: args,
    started: /^/,
    ended: "end.json",
    command: undefined,
  };
}

/** Training with evaluations and checkpoints inside the epochs. */
export const BY_STEPS = script(
  "by steps",
  "train",
  "--data ../pairs --eval-steps 4 --save-steps 7 --metric-for-best-model loss --max-grad-norm 1",
);

/** Training with the default checkpoints. */
export const BY_EPOCH = script("by epoch", "train", "--data ../pairs");

/** Training on a task with two validation splits, and predictions for two more. */
export const GLUE = script(
  "two validation splits",
  "classify",
  "--task mnli --data ../mnli --eval-steps 5 --save-total-limit 3",
);

/** Training that stops early. */
export const EARLY_STOPPING = script(
  "early stopping",
  "train",
  "--data ../pairs --eval-steps 3 --save-steps 4 --metric-for-best-model loss --early-stopping-patience 4",
);

/** A run without checkpoints: an interrupted one starts again. */
export const NO_CHECKPOINTS = script(
  "no checkpoints",
  "train",
  "--data ../pairs --save-strategy no",
);

/** Loops of one's own. */
export const LOOPS = [
  loop("DistilBERT, grouped by length, AdamW", {
    model: "distilbert",
    sampler: "grouped",
    optimizer: "adamw",
    frozen: [],
  }),
  loop("BERT, frozen layers, SGD with momentum", {
    model: "bert",
    sampler: "random",
    optimizer: "sgd",
    frozen: ["bert.embeddings", "bert.encoder.layer.0.attention"],
  }),
  loop("a module of one's own, grouped by length, SGD with momentum", {
    model: "own",
    sampler: "grouped",
    optimizer: "sgd",
    frozen: [],
  }),
  loop("a module of one's own, frozen embeddings, AdamW", {
    model: "own",
    sampler: "random",
    optimizer: "adamw",
    frozen: ["embedding"],
  }),
] as const;

/** Pretraining: larger than the others, since its model is given. */
export const PRETRAIN: Scenario = {
  name: "pretrain",
  script: commandOf("pretrain").script,
  permissions: ["--allow-read", "--allow-write=runs"],
  args: `--batch-size 2 --max-steps 4 --save-steps 3 --output-dir ${RUN}`
    .split(" "),
  resumeArgs: ["--resume", RUN],
  started: /^checkpoint-\d+$/,
  ended: "tokenizer_config.json",
  command: `./denow task pretrain --resume ${RUN}`,
};

/** A short run for faults: an evaluation and checkpoints inside of an epoch, of which one is removed. */
export const SHORT = script(
  "short",
  "train",
  "--data ../pairs --eval-steps 3 --save-steps 4",
  6,
);

/** A run that keeps a checkpoint of each step, and so fills a disk. */
export const FILLING = script(
  "filling",
  "train",
  "--data ../pairs --eval-steps 12 --save-steps 1 --save-total-limit 100",
);

/** Every scenario of kills. */
export const SCENARIOS = [
  BY_STEPS,
  BY_EPOCH,
  GLUE,
  EARLY_STOPPING,
  NO_CHECKPOINTS,
  ...LOOPS,
];

/** Makes a folder with the model and the data of the scenarios. */
export async function resumeFixture(): Promise<TrainFixture> {
  const fixture = await trainFixture();
  const random = new Random(1);
  const labels = (count: number) =>
    Array.from({ length: count }, () => random.below(2));
  await fixture.write("pairs/train.tsv", tsv(labels(23)));
  await fixture.write("pairs/validation.tsv", tsv(labels(8), 3));
  await fixture.saveModel("model", 3);
  const { validation, submissions } = TASKS.mnli;
  const unlabelled = Object.keys(submissions);
  for (const split of ["train", ...validation, ...unlabelled]) {
    const isLabelled = !unlabelled.includes(split);
    const rows = Array.from({ length: split === "train" ? 23 : 7 }, (_, i) => ({
      premise: sentence(i, 2 + i % 4),
      hypothesis: sentence(i + 3, 2 + i % 3),
      label: isLabelled ? random.below(3) : -1,
    }));
    await fixture.write(`mnli/${split}.jsonl`, jsonl(rows));
  }
  return fixture;
}
