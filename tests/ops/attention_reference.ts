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
  /** Farthest key that a query sees; all of its sequence if left out. */
  readonly window?: number;
  /** Factor of the scores; 1 / √D if left out. */
  readonly scale?: number;
  /** Added to the scores, `[A, N]`. */
  readonly bias?: readonly number[];
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

/** Index in `[A, N]` of the score of a query with its first key; N in all. */
export function biasPlace(
  { lengths, heads }: Case,
  sequence: number,
  query: number,
  head: number,
): number {
  const sizes = lengths.map((length) => length * 4 * Math.ceil(length / 4));
  const sum = (sizes: number[]) => sizes.reduce((a, b) => a + b, 0);
  if (head === heads) return heads * sum(sizes);
  const columns = 4 * Math.ceil((lengths[sequence] ?? 0) / 4);
  return head * sum(sizes) + sum(sizes.slice(0, sequence)) + query * columns;
}

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
  const { heads, width, dropout, window = Infinity, bias } = shapes;
  const scale = scaleOf(shapes);
  const ends = cuSeqlens(shapes);
  for (let i = 0; i + 1 < ends.length; i++) {
    const [start, end] = [ends[i]!, ends[i + 1]!];
    for (let query = start; query < end; query++) {
      const first = Math.max(start, query - window);
      const last = Math.min(end - 1, query + window);
      for (let head = 0; head < heads; head++) {
        const scores: number[] = [];
        for (let row = first; row <= last; row++) {
          let dot = 0;
          for (let d = 0; d < width; d++) {
            dot += qkv[at(shapes, query, 0, head, d)]! *
              qkv[at(shapes, row, 1, head, d)]!;
          }
          const place = biasPlace(shapes, i, query - start, head);
          scores.push(scale * dot + (bias?.[place + row - start] ?? 0));
        }
        const largest = Math.max(...scores);
        const exps = scores.map((s) => Math.exp(s - largest));
        const sum = exps.reduce((a, b) => a + b);
        const keys = exps.map((e, j) => ({
          row: first + j,
          p: e / sum,
          mask: dropout
            ? dropoutScale(dropout, first - start + j, query * heads + head)
            : 1,
        }));
        yield { query, head, keys };
      }
    }
  }
}

const scaleOf = ({ width, scale = 1 / Math.sqrt(width) }: Case) => scale;

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
  return referenceGradients(shapes, qkv, dO).dQkv;
}

/** The same, and the gradient of the bias, `[A, N]`. */
export function referenceGradients(
  shapes: Case,
  qkv: number[],
  dO: number[],
): { dQkv: number[]; dBias: number[] } {
  const { heads, width } = shapes;
  const dQkv: number[] = new Array(qkv.length).fill(0);
  const dBias: number[] = new Array(biasPlace(shapes, 0, 0, heads)).fill(0);
  const ends = cuSeqlens(shapes);
  for (const { query, head, keys } of probabilities(shapes, qkv)) {
    const sequence = ends.findIndex((end) => end > query) - 1;
    const start = ends[sequence]!;
    const place = biasPlace(shapes, sequence, query - start, head);
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
      dBias[place + row - start] = p * (dP[j]! - mean);
      const dS = p * (dP[j]! - mean) * scaleOf(shapes);
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
  return { dQkv, dBias };
}
