/**
 * Multiply-adds of a matrix product, as WGSL over named registers.
 *
 * @module
 */
import { COMPONENTS, type Lines, times } from "../wgsl_lines.ts";

/** Four steps of K of an operand, in registers. */
export interface LoadedSteps {
  /** The statements that load them. */
  readonly loads: readonly string[];
  /** The value at step `q`: of row `i` of A, or of vec4 column `i` of B. */
  readonly value: (i: number, q: number) => string;
}

/** The accumulator of row `r` and vec4 column `v`. */
export function accumulator(r: number, v: number): string {
  return `c${r}_${v}`;
}

/** Row `r` of A where each register `a{r / 4}_{q}` holds one step of four rows. */
export function rowOfSteps(r: number, q: number): string {
  return `a${Math.floor(r / 4)}_${q}.${COMPONENTS[r % 4]}`;
}

/** Vec4 column `v` of B where each register `b{n}` holds four steps of one column. */
export function columnOfRows(v: number, q: number): string {
  const values = times(4, (e) => `b${4 * v + e}.${COMPONENTS[q]}`);
  return `vec4f(${values.join(", ")})`;
}

/**
 * Multiply-adds of four steps of K into one accumulator, in order, so that it is
 * loaded and stored once.
 *
 * @param c The accumulator.
 * @param a Value of A at step `q`.
 * @param b Vec4 of B at step `q`.
 * @returns WGSL.
 */
export function multiplySteps(
  c: string,
  a: (q: number) => string,
  b: (q: number) => string,
): Lines {
  return ["{", [
    ...times(4, (q) => `let x${q} = vec4f(${a(q)});`),
    ...times(4, (q) => `${c} = fma(x${q}, ${b(q)}, ${c});`),
  ], "}"];
}

/**
 * Multiply-adds of four steps of K into all accumulators. Vec4 columns are the
 * outer loop, so that their part of B stays in registers.
 *
 * @param rows Rows of C per thread.
 * @param vecs Vec4 columns of C per thread.
 * @param a Four steps of A.
 * @param b Four steps of B.
 * @returns WGSL, without the loads.
 */
export function multiplyAdd(
  rows: number,
  vecs: number,
  a: LoadedSteps,
  b: LoadedSteps,
): Lines {
  return times(vecs, (v) =>
    times(rows, (r) => {
      const c = accumulator(r, v);
      return multiplySteps(c, (q) => a.value(r, q), (q) => b.value(v, q));
    }).flat()).flat();
}
