/**
 * Learning rate schedules by name, and the scheduler that applies one to an
 * optimizer.
 *
 * @module
 */
import { checkOptions } from "../check_options.ts";
import { INSPECT } from "../inspect.ts";
import {
  constantWithWarmup,
  cosine,
  cosineWarmupWithMinLr,
  cosineWithMinLr,
  cosineWithRestarts,
  type Given,
  inverseSqrt,
  linear,
  type LrLambda,
  polynomial,
  SCHEDULER_OPTIONS,
  type SchedulerOptions,
  warmupStableDecay,
} from "./lr_lambda.ts";

interface Schedule {
  /** Makes λ; `lr` is the initial learning rate. */
  readonly build: (
    options: Given<"numWarmupSteps" | "numTrainingSteps" | "numDecaySteps">,
    lr: number,
  ) => LrLambda;
  readonly requires: readonly (keyof SchedulerOptions)[];
  /** Options in addition to `numWarmupSteps` and `numTrainingSteps`, which all schedules take. */
  readonly takes: readonly (keyof SchedulerOptions)[];
}

const STEPS = ["numWarmupSteps", "numTrainingSteps"] as const;

const SCHEDULES: Readonly<Record<string, Schedule>> = {
  "linear": { build: linear, requires: STEPS, takes: [] },
  "cosine": { build: cosine, requires: STEPS, takes: ["numCycles"] },
  "cosine_with_restarts": {
    build: cosineWithRestarts,
    requires: STEPS,
    takes: ["numCycles"],
  },
  "polynomial": {
    build: polynomial,
    requires: STEPS,
    takes: ["lrEnd", "power"],
  },
  "constant": { build: () => () => 1, requires: [], takes: [] },
  "constant_with_warmup": {
    build: constantWithWarmup,
    requires: ["numWarmupSteps"],
    takes: [],
  },
  "inverse_sqrt": {
    build: inverseSqrt,
    requires: ["numWarmupSteps"],
    takes: ["timescale"],
  },
  "cosine_with_min_lr": {
    build: cosineWithMinLr,
    requires: STEPS,
    takes: ["numCycles", "minLr", "minLrRate"],
  },
  "cosine_warmup_with_min_lr": {
    build: cosineWarmupWithMinLr,
    requires: STEPS,
    takes: ["numCycles", "minLr", "minLrRate", "warmupLrRate"],
  },
  "warmup_stable_decay": {
    build: warmupStableDecay,
    requires: ["numWarmupSteps", "numDecaySteps"],
    takes: [
      "numDecaySteps",
      "numStableSteps",
      "warmupType",
      "decayType",
      "minLrRatio",
      "numCycles",
    ],
  },
};

const PHASE_TYPES: readonly unknown[] = ["linear", "cosine", "1-sqrt"];

/**
 * Makes the function of a schedule, for use without an optimizer.
 *
 * @param name Name of the schedule.
 * @param options Options; `undefined` is the same as not given.
 * @param lr Initial learning rate, for `polynomial` and `minLr`.
 * @returns λ, a pure function of the step.
 * @throws {TypeError} If an option is missing, or the schedule does not take it.
 * @throws {RangeError} If the name is unknown, or a value is out of range.
 */
export function getLrLambda(
  name: string,
  options: SchedulerOptions,
  lr: number,
): LrLambda {
  const schedule = Object.hasOwn(SCHEDULES, name) && SCHEDULES[name];
  if (!schedule) {
    throw new RangeError(
      ["reduce_lr_on_plateau", "greedy"].includes(name)
        ? `Scheduler "${name}" is not available: it depends on a metric, while a schedule here is a function of the step`
        : `Unknown scheduler "${name}": it must be one of ${
          Object.keys(SCHEDULES).join(", ")
        }`,
    );
  }
  checkOptions(
    `make the scheduler "${name}"`,
    options,
    SCHEDULER_OPTIONS,
    "{ numWarmupSteps: 0, numTrainingSteps: 100 }",
  );
  const { build, requires, takes } = schedule;
  for (const key of requires) {
    if (options[key] === undefined) {
      throw new TypeError(
        `${name} requires \`${key}\`, please provide that argument`,
      );
    }
  }
  const accepted: readonly string[] = [...STEPS, ...takes];
  for (const [key, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (!accepted.includes(key)) {
      throw new TypeError(
        `${name} does not take \`${key}\`: its options are ${
          accepted.join(", ")
        }`,
      );
    }
    if (key.endsWith("Type")) {
      if (!PHASE_TYPES.includes(value)) {
        throw new RangeError(
          `Unknown ${key} "${value}": it must be one of ${
            PHASE_TYPES.join(", ")
          }`,
        );
      }
    } else if (!Number.isFinite(value) || value < 0) {
      throw new RangeError(`${key} must be 0 or more, not ${value}`);
    }
  }
  return build(options as Parameters<typeof build>[0], lr);
}

/** The part of an optimizer that a scheduler uses. */
export interface ScheduledOptimizer {
  /** Parameter groups; the scheduler sets `lr` to `initialLr` times λ. */
  readonly paramGroups: readonly { lr: number; initialLr?: number }[];
  /**
   * Default settings, with the initial learning rate for `polynomial` and
   * `minLr`; without them, that of the first group.
   */
  readonly defaults?: { readonly lr: number };
}

/** Scheduler state, returned by {@linkcode LambdaLR.stateDict}. */
export interface LambdaLRState {
  /** Number of steps so far; the name is PyTorch's. */
  lastEpoch: number;
  /** Initial learning rate of each group. */
  baseLrs: number[];
}

/**
 * Sets the learning rate of each parameter group to its initial rate times a
 * function λ of the step, as `torch.optim.lr_scheduler.LambdaLR`. The constructor
 * sets the rates of step 0, so that update number t, from 0, uses λ(t).
 */
export class LambdaLR {
  #optimizer: ScheduledOptimizer;
  #lrLambda: LrLambda;
  #lastEpoch = 0;

  /**
   * Makes a scheduler and sets the rates of step 0.
   *
   * @param optimizer The optimizer; groups without `initialLr` get it from `lr`.
   * @param lrLambda The function λ.
   */
  constructor(optimizer: ScheduledOptimizer, lrLambda: LrLambda) {
    this.#optimizer = optimizer;
    this.#lrLambda = lrLambda;
    this.#setRates();
  }

  /** Advances to the next step and sets its rates; call it after `optimizer.step()`. */
  step(): void {
    this.#lastEpoch++;
    this.#setRates();
  }

  /**
   * Returns the rates of the current step.
   *
   * @returns The learning rate of each group.
   */
  getLastLr(): number[] {
    return this.#optimizer.paramGroups.map(({ lr }) => lr);
  }

  /**
   * Returns the state to save; the options of the schedule are not part of it.
   *
   * @returns Plain numbers, for JSON.
   */
  stateDict(): LambdaLRState {
    return {
      lastEpoch: this.#lastEpoch,
      baseLrs: this.#optimizer.paramGroups.map(({ lr, initialLr }) =>
        initialLr ?? lr
      ),
    };
  }

  /**
   * Restores a saved state and sets the rates of its step.
   *
   * @param state A state returned by {@linkcode stateDict}.
   * @throws {RangeError} If its number of groups differs from the optimizer's.
   */
  loadStateDict(state: LambdaLRState): void {
    const { paramGroups } = this.#optimizer;
    if (state.baseLrs.length !== paramGroups.length) {
      throw new RangeError(
        `Cannot load the scheduler: its state has ${state.baseLrs.length} parameter groups, but the optimizer has ${paramGroups.length}`,
      );
    }
    this.#lastEpoch = state.lastEpoch;
    paramGroups.forEach((group, i) => group.initialLr = state.baseLrs[i]!);
    this.#setRates();
  }

  /** Step and learning rates, for `console.log`. */
  [INSPECT](): string {
    return `LambdaLR { lastEpoch: ${this.#lastEpoch}, lr: ${
      JSON.stringify(this.getLastLr())
    } }`;
  }

  #setRates(): void {
    const factor = this.#lrLambda(this.#lastEpoch);
    for (const group of this.#optimizer.paramGroups) {
      group.initialLr ??= group.lr;
      group.lr = group.initialLr * factor;
    }
  }
}

/**
 * Makes the scheduler of a named schedule, as transformers' `get_scheduler`.
 *
 * @example
 * ```ts
 * import { getScheduler } from "@gradloop/gradloop";
 * import { assertEquals } from "@std/assert";
 *
 * const optimizer = { paramGroups: [{ lr: 0.5 }] }; // or an AdamW
 * const scheduler = getScheduler("linear", optimizer, {
 *   numWarmupSteps: 0,
 *   numTrainingSteps: 4,
 * });
 * scheduler.step();
 * assertEquals(scheduler.getLastLr(), [0.375]);
 * ```
 *
 * @param name Name of the schedule, such as `linear`.
 * @param optimizer The optimizer; its learning rates are set to those of step 0.
 * @param options `numWarmupSteps`, `numTrainingSteps` and the schedule's own options.
 * @returns The scheduler; call `step()` after each update.
 * @throws {TypeError} If an option is missing, or the schedule does not take it.
 * @throws {RangeError} If the name is unknown, a value is out of range, or the optimizer has no group.
 */
export function getScheduler(
  name: string,
  optimizer: ScheduledOptimizer,
  options: SchedulerOptions = {},
): LambdaLR {
  const [group] = optimizer.paramGroups;
  if (!group) {
    throw new RangeError(
      "Cannot make a scheduler: the optimizer has no parameter group",
    );
  }
  const lr = optimizer.defaults?.lr ?? group.initialLr ?? group.lr;
  return new LambdaLR(optimizer, getLrLambda(name, options, lr));
}
