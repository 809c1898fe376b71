/**
 * Options of the scaling of a loss.
 *
 * @module
 */
import { checkOptions, type OptionNames } from "../check_options.ts";
import { MIN_SCALE } from "../ops/grad_scale.ts";

/** Options of `GradScaler`. */
export interface GradScalerOptions {
  /**
   * Scale at the start.
   *
   * @default 65536
   */
  initScale?: number;
  /**
   * Factor of the scale after `growthInterval` steps in a row that were not skipped, above 1.
   *
   * @default 2
   */
  growthFactor?: number;
  /**
   * Factor of the scale after a step that was skipped, between 0 and 1.
   *
   * @default 0.5
   */
  backoffFactor?: number;
  /**
   * Steps in a row without an ∞ or NaN after which the scale grows.
   *
   * @default 2000
   */
  growthInterval?: number;
  /**
   * Whether it does anything. If not, `step` is that of the optimizer.
   *
   * @default true
   */
  enabled?: boolean;
}

const OPTIONS: OptionNames<GradScalerOptions> = {
  initScale: true,
  growthFactor: true,
  backoffFactor: true,
  growthInterval: true,
  enabled: true,
};

/**
 * Checks options.
 *
 * @param options The options.
 * @returns The options, those that were left out too.
 * @throws {RangeError} If one is out of range.
 * @throws {TypeError} If one has an unknown name.
 */
export function withDefaults(
  options: GradScalerOptions,
): Required<GradScalerOptions> {
  checkOptions("make a GradScaler", options, OPTIONS);
  const all = {
    ...{ initScale: 65536, growthFactor: 2, backoffFactor: 0.5 },
    ...{ growthInterval: 2000, enabled: true },
    ...options,
  };
  checkRanges(all);
  return all;
}

/**
 * Checks a scale.
 *
 * @param value The number.
 * @returns Whether it is above 0, and a normal and finite number in f32.
 */
export function isScale(value: number): boolean {
  return value >= MIN_SCALE && Math.fround(value) < Infinity;
}

function checkRanges(options: Required<GradScalerOptions>): void {
  const { initScale, growthFactor, backoffFactor, growthInterval } = options;
  const refuse = (name: string, value: number, range: string): never => {
    throw new RangeError(
      `Cannot make a GradScaler: ${name} is ${value}, and must be ${range}`,
    );
  };
  if (!isScale(initScale)) {
    refuse("initScale", initScale, "above 0, normal and finite in f32");
  }
  if (!(growthFactor > 1)) refuse("growthFactor", growthFactor, "above 1");
  if (!(backoffFactor > 0 && backoffFactor < 1)) {
    refuse("backoffFactor", backoffFactor, "between 0 and 1");
  }
  if (growthInterval !== growthInterval >>> 0 || growthInterval < 1) {
    refuse("growthInterval", growthInterval, "a whole number from 1 to 2³²-1");
  }
}
