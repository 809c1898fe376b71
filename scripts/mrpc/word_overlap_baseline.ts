/**
 * A baseline for sentence pairs that ignores their meaning: a logistic regression
 * on the words and numbers that the two texts share, and on their lengths.
 *
 * @module
 */

/** A sentence pair with its label. */
export interface LabelledPair {
  /** The first text. */
  readonly sentence1: string;
  /** The second text. */
  readonly sentence2: string;
  /** 0 or 1. */
  readonly label: number;
}

/** Steps of Newton's method; more change no printed digit. */
const STEPS = 12;
/** L2 penalty, which keeps the linear system solvable. */
const L2 = 1;

/**
 * Fits a logistic regression by Newton's method, and predicts with it.
 *
 * Source: Hastie, Tibshirani and Friedman 2009, The Elements of Statistical
 * Learning, section 4.4.1.
 *
 * @param train The training pairs.
 * @param test The pairs to label.
 * @returns 0 or 1 for each pair of `test`.
 */
export function predictByWordOverlap(
  train: readonly LabelledPair[],
  test: readonly LabelledPair[],
): Int32Array {
  const raw = train.map(features);
  const scale = raw[0]!.map((_, j) => {
    const column = raw.map((row) => row[j]!);
    const mean = column.reduce((sum, x) => sum + x, 0) / column.length;
    const variance = column.reduce((sum, x) => sum + (x - mean) ** 2, 0) /
      column.length;
    return { mean, std: Math.sqrt(variance) || 1 };
  });
  const standardize = (row: number[]) => [
    1,
    ...row.map((x, j) => (x - scale[j]!.mean) / scale[j]!.std),
  ];
  const weights = fit(raw.map(standardize), train.map(({ label }) => label));
  return Int32Array.from(
    test,
    (pair) => dot(weights, standardize(features(pair))) > 0 ? 1 : 0,
  );
}

function fit(rows: number[][], labels: number[]): number[] {
  const size = rows[0]!.length;
  let weights = Array<number>(size).fill(0);
  for (let step = 0; step < STEPS; step++) {
    const gradient = weights.map((w) => L2 * w);
    const hessian = weights.map((_, i) =>
      weights.map((_, j) => i === j ? L2 : 0)
    );
    rows.forEach((row, r) => {
      const p = 1 / (1 + Math.exp(-dot(weights, row)));
      for (let i = 0; i < size; i++) {
        gradient[i]! += (p - labels[r]!) * row[i]!;
        for (let j = 0; j < size; j++) {
          hessian[i]![j]! += p * (1 - p) * row[i]! * row[j]!;
        }
      }
    });
    const change = solve(hessian, gradient);
    weights = weights.map((w, i) => w - change[i]!);
  }
  return weights;
}

/** Solves `matrix · x = right` for a positive definite matrix, by Gaussian elimination. */
function solve(matrix: number[][], right: number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i]!]);
  rows.forEach((pivot, i) => {
    for (let r = i + 1; r < rows.length; r++) {
      const factor = rows[r]![i]! / pivot[i]!;
      rows[r] = rows[r]!.map((x, j) => x - factor * pivot[j]!);
    }
  });
  const x = Array<number>(rows.length).fill(0);
  for (let i = rows.length - 1; i >= 0; i--) {
    x[i] = (rows[i]!.at(-1)! - dot(x, rows[i]!)) / rows[i]![i]!;
  }
  return x;
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, x, i) => sum + x * b[i]!, 0);
}

/** Overlap of words, bigrams and numbers; lengths and counts of numbers. */
function features({ sentence1, sentence2 }: LabelledPair): number[] {
  const wordsOf = (text: string): string[] =>
    text.toLowerCase().match(/\d+|\p{L}+/gu) ?? [];
  const [a, b] = [wordsOf(sentence1), wordsOf(sentence2)] as const;
  const bigramsOf = (words: string[]) =>
    words.slice(1).map((word, i) => `${words[i]} ${word}`);
  const numbersOf = (words: string[]) => words.filter((w) => /\d/.test(w));
  const overlap = (x: string[], y: string[]): number[] => {
    const [setX, setY] = [new Set(x), new Set(y)];
    const shared = setX.intersection(setY).size;
    const union = setX.union(setY).size;
    const share = (n: number) => n > 0 ? shared / n : 0;
    return [shared, share(union), share(setX.size), share(setY.size)];
  };
  const numbers = [numbersOf(a), numbersOf(b)] as const;
  return [
    ...overlap(a, b),
    ...overlap(bigramsOf(a), bigramsOf(b)),
    ...overlap(...numbers),
    a.length,
    b.length,
    Math.abs(a.length - b.length),
    ...numbers.map((list) => list.length),
  ];
}
