/**
 * Flags of checkpoints, of evaluations, and of a run that goes on.
 *
 * @module
 */
import type { FlagTable, Value } from "../cli/flag_help.ts";

/** Settings of checkpoints and evaluations. */
export interface CheckpointOptions {
  /** When checkpoints are saved. */
  readonly saveStrategy: "no" | "epoch" | "steps";
  /** Optimizer steps between checkpoints. */
  readonly saveSteps: number;
  /** Number of checkpoints that are kept. */
  readonly saveTotalLimit: number;
  /** Whether the model at the end is that of the best evaluation. */
  readonly loadBestModelAtEnd: boolean;
  /** Name of the score that decides the best evaluation; undefined for that of the task. */
  readonly metricForBestModel: string | undefined;
  /** Whether a larger score is better; undefined for any but a loss. */
  readonly greaterIsBetter: boolean | undefined;
  /** Evaluations without improvement after which training stops; undefined for none. */
  readonly earlyStoppingPatience: number | undefined;
  /** Least change that is an improvement. */
  readonly earlyStoppingThreshold: number;
  /** When the model is evaluated. */
  readonly evalStrategy: "epoch" | "steps";
  /** Optimizer steps between evaluations. */
  readonly evalSteps: number;
  /** Whether each step is searched for tensors that are not finite. */
  readonly debugNan: boolean | undefined;
  /** Number of times that the run goes on after the loss of the device. */
  readonly retryOnDeviceLost: number;
  /** Folder of the run that goes on; undefined for a new run. */
  readonly resume: string | undefined;
}

/** `--resume`. */
export const RESUME = {
  value: "DIR",
  isOptional: true,
  help:
    "go on with a run where it was interrupted, with its settings; without DIR the newest run that did not end",
  defaultText: "a new run",
} as const;

/** Flags of checkpoints. */
export const SAVE_FLAGS = {
  saveStrategy: {
    value: "NAME",
    help: "when to save a checkpoint",
    choices: ["no", "epoch", "steps"],
  },
  saveSteps: {
    value: "N",
    min: 1,
    help: "optimizer steps between checkpoints, with --save-strategy steps",
  },
  saveTotalLimit: {
    value: "N",
    min: 1,
    help: "checkpoints to keep, the newest and the best always",
  },
} satisfies FlagTable;

/** All of these flags, in the order of `--help`. */
export const CHECKPOINT_FLAGS = {
  ...SAVE_FLAGS,
  loadBestModelAtEnd: {
    isNegatable: true,
    help: "end with the weights of the best evaluation, not of the last",
  },
  metricForBestModel: {
    value: "NAME",
    help: "the score that decides the best evaluation",
    defaultText: "accuracy",
  },
  greaterIsBetter: {
    isNegatable: true,
    help: "a larger score is better",
    defaultText: "true, but false for a loss",
  },
  earlyStoppingPatience: {
    value: "N",
    min: 1,
    help: "stop after N evaluations without improvement",
    defaultText: "no early stopping",
  },
  earlyStoppingThreshold: {
    value: "X",
    min: 0,
    help: "change of the score that counts as an improvement",
  },
  evalStrategy: {
    value: "NAME",
    help: "when to evaluate",
    choices: ["epoch", "steps"],
  },
  evalSteps: {
    value: "N",
    min: 1,
    help: "optimizer steps between evaluations, with --eval-strategy steps",
  },
  debugNan: {
    help:
      "end at the first loss or gradient that is not finite, and save its origin to nan/ in the folder of the run; each step waits for the GPU",
    defaultText: "false",
  },
  retryOnDeviceLost: {
    value: "N",
    min: 0,
    help:
      "after the loss of the GPU, go on from the last checkpoint, up to N times",
  },
  resume: RESUME,
} satisfies FlagTable;

/** Default settings of checkpoints and evaluations. */
export const CHECKPOINT_DEFAULTS = {
  saveStrategy: "epoch",
  saveSteps: 500,
  saveTotalLimit: 2,
  loadBestModelAtEnd: true,
  earlyStoppingThreshold: 0,
  evalStrategy: "epoch",
  evalSteps: 500,
  retryOnDeviceLost: 0,
} as const;

/**
 * Completes the settings of checkpoints and evaluations: steps imply the strategy.
 *
 * @param given The flags that were given, by the name of their setting.
 * @returns The strategies.
 * @throws {TypeError} If flags contradict each other.
 */
export function strategiesOf(
  given: Readonly<Record<string, unknown>>,
): Partial<CheckpointOptions> {
  for (const [kind, strategy, steps] of STRATEGIES) {
    if (given[steps] === undefined || given[strategy] === undefined) continue;
    if (given[strategy] === "steps") continue;
    throw new TypeError(
      `--${kind}-strategy ${given[strategy]} and --${kind}-steps ${
        given[steps]
      } exclude each other: give --${kind}-strategy steps, or leave out the steps`,
    );
  }
  if (given.saveStrategy === "no" && given.loadBestModelAtEnd === true) {
    throw new TypeError(
      "--load-best-model-at-end needs checkpoints: leave out --save-strategy no",
    );
  }
  return {
    ...given.saveSteps !== undefined && { saveStrategy: "steps" },
    ...given.evalSteps !== undefined && { evalStrategy: "steps" },
    ...given.saveStrategy === "no" && { loadBestModelAtEnd: false },
  };
}

/**
 * Merges the flags of a run that goes on: another strategy of saving replaces that
 * with which it began.
 *
 * @param before The flags that it began with, by the name of their setting.
 * @param given The flags that are given now.
 * @returns Both, where the second ones win.
 */
export function mergeFlags(
  before: Readonly<Record<string, Value>>,
  given: Readonly<Record<string, Value>>,
): Record<string, Value> {
  const merged = { ...before, ...given };
  const { saveStrategy = "steps", saveSteps } = given;
  if (saveStrategy !== "steps" && saveSteps === undefined) {
    delete merged.saveSteps;
  }
  if (saveSteps !== undefined && given.saveStrategy === undefined) {
    delete merged.saveStrategy;
  }
  return merged;
}

const STRATEGIES = [
  ["save", "saveStrategy", "saveSteps"],
  ["eval", "evalStrategy", "evalSteps"],
] as const;
