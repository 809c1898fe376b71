/**
 * Learning rate schedules: pure functions of the step, with the names of
 * transformers.
 *
 * In the formulas s is the step from 0, W `numWarmupSteps`, N
 * `numTrainingSteps`, and p = (s-W) / (N-W) the progress after the warm-up.
 *
 * Source: https://github.com/huggingface/transformers/blob/v5.0.0/src/transformers/optimization.py
 *
 * @module
 */

import type { OptionNames } from "../check_options.ts";

/** Factor λ of the initial learning rate at a step, counted from 0. */
export type LrLambda = (step: number) => number;

/** Shape of the warm-up or the decay of `warmup_stable_decay`. */
export type PhaseType = "linear" | "cosine" | "1-sqrt";

/** Options of the schedules. Each schedule accepts its own options only. */
export interface SchedulerOptions {
  /** Number of warm-up steps; required, except for `constant`, which has none. */
  numWarmupSteps?: number;
  /**
   * Total number of steps; required, except for the constant schedules,
   * `inverse_sqrt` and `warmup_stable_decay`.
   */
  numTrainingSteps?: number;
  /**
   * Number of cosine waves; `cosine_with_restarts`: number of half waves.
   *
   * @default 0.5, with restarts 1
   */
  numCycles?: number;
  /** `polynomial`: exponent of the decay. @default 1 */
  power?: number;
  /** `polynomial`: final learning rate. @default 1e-7 */
  lrEnd?: number;
  /**
   * `inverse_sqrt`: time scale of the decay, in steps.
   *
   * @default numWarmupSteps, or 10000 if that is 0
   */
  timescale?: number;
  /** Schedules `with_min_lr`: final learning rate; this or `minLrRate` is required. */
  minLr?: number;
  /** Schedules `with_min_lr`: final learning rate as a fraction of the initial one. */
  minLrRate?: number;
  /** `cosine_warmup_with_min_lr`: λ at step 0. @default 1 / numWarmupSteps */
  warmupLrRate?: number;
  /** `warmup_stable_decay`: number of decay steps; required. */
  numDecaySteps?: number;
  /**
   * `warmup_stable_decay`: number of steps between warm-up and decay; overrides
   * `numTrainingSteps`.
   *
   * @default the rest of `numTrainingSteps`
   */
  numStableSteps?: number;
  /** `warmup_stable_decay`: shape of the warm-up. @default "linear" */
  warmupType?: PhaseType;
  /** `warmup_stable_decay`: shape of the decay. @default "cosine" */
  decayType?: PhaseType;
  /** `warmup_stable_decay`: λ at step 0 and at the end. @default 0 */
  minLrRatio?: number;
}

/** Names of the options of all schedules. */
export const SCHEDULER_OPTIONS: OptionNames<SchedulerOptions> = {
  numWarmupSteps: true,
  numTrainingSteps: true,
  numCycles: true,
  power: true,
  lrEnd: true,
  timescale: true,
  minLr: true,
  minLrRate: true,
  warmupLrRate: true,
  numDecaySteps: true,
  numStableSteps: true,
  warmupType: true,
  decayType: true,
  minLrRatio: true,
};

/** Options with some of them required. */
export type Given<K extends keyof SchedulerOptions> =
  & SchedulerOptions
  & Required<Pick<SchedulerOptions, K>>;
/** Options with W required. */
export type Warmup = Given<"numWarmupSteps">;
/** Options with W and N required. */
export type Steps = Given<"numWarmupSteps" | "numTrainingSteps">;

/** λ = (N-s) / (N-W) */
export function linear(
  { numWarmupSteps: W, numTrainingSteps: N }: Steps,
): LrLambda {
  return afterWarmup(W, (s) => Math.max(0, (N - s) / Math.max(1, N - W)));
}

/** λ = ½ (1 + cos(2π·numCycles·p)), which rises again after step N */
export function cosine(options: Steps): LrLambda {
  return cosineDownTo(0, options);
}

/** λ = ½ (1 + cos(π·(numCycles·p mod 1))), and 0 from p = 1 on */
export function cosineWithRestarts(options: Steps): LrLambda {
  const { numWarmupSteps: W, numCycles = 1 } = options;
  const progress = progressOf(options);
  return afterWarmup(W, (s) => {
    const p = progress(s);
    return p >= 1 ? 0 : 0.5 * (1 + Math.cos(Math.PI * ((numCycles * p) % 1)));
  });
}

/** λ = ((lr-lrEnd)·(1-p)^power + lrEnd) / lr, and lrEnd / lr after step N */
export function polynomial(options: Steps, lr: number): LrLambda {
  const { numWarmupSteps: W, numTrainingSteps: N } = options;
  const { lrEnd = 1e-7, power = 1 } = options;
  if (!(lr > lrEnd)) {
    throw new RangeError(
      `lrEnd (${lrEnd}) must be smaller than the initial lr (${lr})`,
    );
  }
  if (N === W) {
    throw new RangeError(
      `polynomial has no decay steps: numWarmupSteps and numTrainingSteps are both ${N}`,
    );
  }
  return afterWarmup(W, (s) => {
    if (s > N) return lrEnd / lr;
    return ((lr - lrEnd) * (1 - (s - W) / (N - W)) ** power + lrEnd) / lr;
  });
}

/** λ = 1 */
export function constantWithWarmup({ numWarmupSteps: W }: Warmup): LrLambda {
  return afterWarmup(W, () => 1);
}

/** λ = 1 / √((s+T-W) / T) with T = timescale */
export function inverseSqrt(options: Warmup): LrLambda {
  const { numWarmupSteps: W, timescale: T = W || 10_000 } = options;
  if (T === 0) throw new RangeError("timescale must be greater than 0");
  return afterWarmup(W, (s) => 1 / Math.sqrt((s + T - W) / T));
}

/** λ = cosine·(1-r) + r with r = minLrRate */
export function cosineWithMinLr(options: Steps, lr: number): LrLambda {
  return cosineDownTo(minLrRateOf(options, lr), options);
}

/** λ of cosineWithMinLr at s+1; warm-up: (s+1) / W, or from warmupLrRate to 1 */
export function cosineWarmupWithMinLr(options: Steps, lr: number): LrLambda {
  const { numWarmupSteps: W, warmupLrRate: u } = options;
  const decay = cosineDownTo(minLrRateOf(options, lr), options);
  return (s) => {
    if (s >= W) return decay(s + 1);
    if (u === undefined) return (s + 1) / Math.max(1, W);
    return u + ((1 - u) * s) / Math.max(1, W - 1);
  };
}

/** λ from minLrRatio to 1 in W steps, 1 for numStableSteps, and back in numDecaySteps */
export function warmupStableDecay(
  options: Given<"numWarmupSteps" | "numDecaySteps">,
): LrLambda {
  const { numWarmupSteps: W, numDecaySteps: D, numTrainingSteps: N } = options;
  const { warmupType = "linear", decayType = "cosine", numCycles = 0.5 } =
    options;
  const { numStableSteps, minLrRatio = 0 } = options;
  if (N === undefined && numStableSteps === undefined) {
    throw new TypeError(
      "warmup_stable_decay requires `numTrainingSteps` or `numStableSteps`, please provide one",
    );
  }
  const decayStart = numStableSteps === undefined ? N! - D : W + numStableSteps;
  const rise = {
    "linear": (p: number) => p,
    "cosine": (p: number) => 0.5 * (1 - Math.cos(Math.PI * p)),
    "1-sqrt": (p: number) => 1 - Math.sqrt(1 - p),
  }[warmupType];
  const fall = {
    "linear": (p: number) => 1 - p,
    "cosine": (p: number) => wave(numCycles, p),
    "1-sqrt": (p: number) => 1 - Math.sqrt(p),
  }[decayType];
  return (s) => {
    if (s < W) return scaleFrom(minLrRatio, rise(s / Math.max(1, W)));
    if (s < decayStart) return 1;
    if (s >= decayStart + D) return minLrRatio;
    return scaleFrom(minLrRatio, fall((s - decayStart) / Math.max(1, D)));
  };
}

function afterWarmup(W: number, lambda: LrLambda): LrLambda {
  return (s) => s < W ? s / Math.max(1, W) : lambda(s);
}

function progressOf(
  { numWarmupSteps: W, numTrainingSteps: N }: Steps,
): LrLambda {
  return (s) => (s - W) / Math.max(1, N - W);
}

function cosineDownTo(rate: number, options: Steps): LrLambda {
  const { numWarmupSteps, numCycles = 0.5 } = options;
  const progress = progressOf(options);
  return afterWarmup(
    numWarmupSteps,
    (s) => scaleFrom(rate, wave(numCycles, progress(s))),
  );
}

function wave(numCycles: number, p: number): number {
  return 0.5 * (1 + Math.cos(Math.PI * numCycles * 2 * p));
}

/** Maps a factor from [0, 1] to [rate, 1]. */
function scaleFrom(rate: number, factor: number): number {
  return factor * (1 - rate) + rate;
}

function minLrRateOf(
  { minLr, minLrRate }: SchedulerOptions,
  lr: number,
): number {
  if (minLr !== undefined && minLrRate !== undefined) {
    throw new TypeError("Only one of `minLr` or `minLrRate` should be set");
  }
  const rate = minLr === undefined ? minLrRate : minLr / lr;
  if (rate === undefined) {
    throw new TypeError("One of `minLr` or `minLrRate` should be set");
  }
  return rate;
}
