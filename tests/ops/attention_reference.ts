import type { DropoutKey } from "../../mod.ts";
import { dropoutScale } from "../helpers/philox.ts";

export interface Case {
  /** Rows of each sequence. */
  readonly lengths: readonly number[];
  /** Heads A. */
  readonly heads: number;
  /** The head width D. */
  readonly width: number;
  readonly dropout?: DropoutKey;
}

export const rowsOf = ({ lengths }: Case) => lengths.reduce((a, b) => a + b, 0);

export const cuSeqlens = ({ lengths }: Case) =>
  lengths.reduce((ends, length) => [...ends, ends.at(-1)! + length], [0]);

/** Index of element `d` of a head in `[T, 3, A, D]`; part 0 is the query, 1 the key, 2 the value. */
export const at = (
  { heads, width }: Case,
  row: number,
  part: number,
  head: number,
  d = 0,
) => ((row * 3 + part) * heads + head) * width + d;

/** The keys of one query and head: row, probability and dropout mask of each. */
export interface Attended {
  readonly query: number;
  readonly head: number;
  readonly keys: { row: number; p: number; mask: number }[];
}

/** softmax(q kᵀ / √D) of every query and head over the rows of its sequence, in f64. */
export function* probabilities(
  shapes: Case,
  qkv: number[],
): Generator<Attended> {
  const { heads, width, dropout } = shapes;
  const ends = cuSeqlens(shapes);
  for (let i = 0; i + 1 < ends.length; i++) {
    const [start, end] = [ends[i]!, ends[i + 1]!];
    for (let query = start; query < end; query++) {
      for (let head = 0; head < heads; head++) {
        const scores: number[] = [];
        for (let row = start; row < end; row++) {
          let dot = 0;
          for (let d = 0; d < width; d++) {
            dot += qkv[at(shapes, query, 0, head, d)]! *
              qkv[at(shapes, row, 1, head, d)]!;
          }
          scores.push(dot / Math.sqrt(width));
        }
        const largest = Math.max(...scores);
        const exps = scores.map((s) => Math.exp(s - largest));
        const sum = exps.reduce((a, b) => a + b);
        const keys = exps.map((e, j) => ({
          row: start + j,
          p: e / sum,
          mask: dropout ? dropoutScale(dropout, j, query * heads + head) : 1,
        }));
        yield { query, head, keys };
      }
    }
  }
}

/** o = dropout(p) v, `[T, A, D]`, in f64. */
export function reference(shapes: Case, qkv: number[]): number[] {
  const { heads, width } = shapes;
  const o: number[] = new Array(qkv.length / 3).fill(0);
  for (const { query, head, keys } of probabilities(shapes, qkv)) {
    for (const { row, p, mask } of keys) {
      for (let d = 0; d < width; d++) {
        o[(query * heads + head) * width + d]! += mask * p *
          qkv[at(shapes, row, 2, head, d)]!;
      }
    }
  }
  return o;
}

/** The gradient of Σ dO · o in f64, by the full formula of the softmax gradient. */
export function referenceBackward(
  shapes: Case,
  qkv: number[],
  dO: number[],
): number[] {
  const { heads, width } = shapes;
  const dQkv: number[] = new Array(qkv.length).fill(0);
  for (const { query, head, keys } of probabilities(shapes, qkv)) {
    const o = (query * heads + head) * width;
    const dP = keys.map(({ row, mask }) => {
      let dot = 0;
      for (let d = 0; d < width; d++) {
        dot += dO[o + d]! * qkv[at(shapes, row, 2, head, d)]!;
      }
      return mask * dot;
    });
    const mean = keys.reduce((sum, { p }, j) => sum + p * dP[j]!, 0);
    keys.forEach(({ row, p, mask }, j) => {
      const dS = p * (dP[j]! - mean) / Math.sqrt(width);
      for (let d = 0; d < width; d++) {
        const [q, k, v] = [
          at(shapes, query, 0, head, d),
          at(shapes, row, 1, head, d),
          at(shapes, row, 2, head, d),
        ];
        dQkv[q]! += dS * qkv[k]!;
        dQkv[k]! += dS * qkv[q]!;
        dQkv[v]! += mask * p * dO[o + d]!;
      }
    });
  }
  return dQkv;
}
