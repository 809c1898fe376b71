import type { Tolerance } from "./tolerances.ts";

export * from "./tolerances.ts";

/** The largest fraction used of each tolerance, in this test file so far. */
export const WORST_USE = new Map<Tolerance, number>();

/**
 * Fails, naming the worst element, unless
 * |actual - expected| <= atol + rtol·|expected| for all elements.
 *
 * @returns The fraction of the tolerance used by the worst element.
 */
export function assertAllClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: Tolerance,
  label = "value",
): number {
  const { atol, rtol } = tolerance;
  if (actual.length !== expected.length) {
    throw new Error(
      `${label}: ${actual.length} elements, expected ${expected.length}`,
    );
  }
  let worst = { used: 0, i: -1 };
  for (let i = 0; i < expected.length; i++) {
    const [a, e] = [actual[i]!, expected[i]!];
    const used = Object.is(a, e)
      ? 0 // equal infinities too
      : Math.abs(a - e) / (atol + rtol * Math.abs(e));
    if (!(used <= worst.used)) worst = { used, i }; // NaN counts as worst
    if (Number.isNaN(used)) break;
  }
  if (!(worst.used <= 1)) {
    const { i, used } = worst;
    throw new Error(
      `${label}[${i}] is ${actual[i]}, expected ${expected[i]}: ${
        used.toFixed(2)
      } times the tolerance (atol ${atol}, rtol ${rtol})`,
    );
  }
  WORST_USE.set(tolerance, Math.max(worst.used, WORST_USE.get(tolerance) ?? 0));
  return worst.used;
}
