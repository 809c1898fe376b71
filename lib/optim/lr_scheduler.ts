/**
 * The learning rate schedules by name, and the scheduler that applies one to an
 * optimizer.
 *
 * @module
 */
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
  /** Besides `numWarmupSteps` and `numTrainingSteps`, which each takes. */
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
 * @param name The schedule.
 * @param options Its options; one that is `undefined` counts as not given.
 * @param lr Initial learning rate: `polynomial` and `minLr` relate to it.
 * @returns λ, a pure function of the step.
 * @throws {TypeError} If an option is missing, or not one of the schedule's.
 * @throws {RangeError} If there is no such schedule, or a value is out of range.
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
        ? `Scheduler "${name}" is not available: it follows a metric, while a schedule here is a function of the step`
        : `Unknown scheduler "${name}": it must be one of ${
          Object.keys(SCHEDULES).join(", ")
        }`,
    );
  }
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

/** What a scheduler needs of an optimizer. */
export interface ScheduledOptimizer {
  /** The groups whose rates it sets; `initialLr` is the rate that λ multiplies. */
  readonly paramGroups: readonly { lr: number; initialLr?: number }[];
  /** The rate that `polynomial` and `minLr` relate to; without it, the first group's. */
  readonly defaults?: { readonly lr: number };
}

/** What {@linkcode LambdaLR.stateDict} saves. */
export interface LambdaLRState {
  /** Steps so far; the name is PyTorch's. */
  lastEpoch: number;
  /** Initial learning rate of each group. */
  baseLrs: number[];
}

/**
 * Keeps the learning rate of each parameter group at its initial rate times a
 * function of the step. It starts with step 0 when it is made, so the t-th update
 * from 0 runs at λ(t), as in `torch.optim.lr_scheduler.LambdaLR`.
 */
export class LambdaLR {
  #optimizer: ScheduledOptimizer;
  #lrLambda: LrLambda;
  #lastEpoch = 0;

  /**
   * Sets the rates of step 0.
   *
   * @param optimizer Its groups get `initialLr` where they have none.
   * @param lrLambda λ, from the step to a factor.
   */
  constructor(optimizer: ScheduledOptimizer, lrLambda: LrLambda) {
    this.#optimizer = optimizer;
    this.#lrLambda = lrLambda;
    this.#setRates();
  }

  /** Goes to the next step; to be called after `optimizer.step()`. */
  step(): void {
    this.#lastEpoch++;
    this.#setRates();
  }

  /**
   * Tells the rates of the present step.
   *
   * @returns The learning rate of each group.
   */
  getLastLr(): number[] {
    return this.#optimizer.paramGroups.map(({ lr }) => lr);
  }

  /**
   * Saves what a resumed run needs besides the schedule's own options.
   *
   * @returns Plain numbers, fit for JSON.
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
   * Goes to a saved step and sets its rates.
   *
   * @param state What {@linkcode stateDict} gave.
   * @throws {RangeError} If it is of an optimizer with another number of groups.
   */
  loadStateDict(state: LambdaLRState): void {
    const { paramGroups } = this.#optimizer;
    if (state.baseLrs.length !== paramGroups.length) {
      throw new RangeError(
        `Cannot load the scheduler: its state is of ${state.baseLrs.length} parameter groups, the optimizer has ${paramGroups.length}`,
      );
    }
    this.#lastEpoch = state.lastEpoch;
    paramGroups.forEach((group, i) => group.initialLr = state.baseLrs[i]!);
    this.#setRates();
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
 * @param name The schedule.
 * @param optimizer The optimizer; its rates are those of step 0 afterwards.
 * @param options `numWarmupSteps`, `numTrainingSteps` and what else it takes.
 * @returns The scheduler; call `step()` after each update.
 * @throws {TypeError} If an option is missing, or not one of the schedule's.
 * @throws {RangeError} If there is no such schedule, or a value is out of range.
 */
export function getScheduler(
  name: string,
  optimizer: ScheduledOptimizer,
  options: SchedulerOptions = {},
): LambdaLR {
  const [group] = optimizer.paramGroups;
  if (!group) throw new RangeError("Cannot schedule: no parameter group");
  const lr = optimizer.defaults?.lr ?? group.initialLr ?? group.lr;
  return new LambdaLR(optimizer, getLrLambda(name, options, lr));
}
