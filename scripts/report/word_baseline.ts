/**
 * A baseline for texts: a logistic regression on their words, without any model.
 * Every classifier should beat it.
 *
 * Words and pairs of neighbouring words are weighted by TF-IDF as in scikit-learn's
 * `TfidfVectorizer`, and each class has a regression of its own (one against the
 * rest), with an L2 penalty of `½ |w|²` beside the sum of the losses: `C=1`.
 *
 * Source: Shalev-Shwartz and Zhang 2013, Stochastic Dual Coordinate Ascent Methods
 * for Regularized Loss Minimization, JMLR 14, section 6.2 (log loss).
 *
 * @module
 */
import { Random } from "../../mod.ts";
import type { Label } from "./report_data.ts";

/** Texts with their labels. */
export interface LabelledTexts {
  /** The text of each row, or its two texts. */
  readonly texts: readonly (readonly string[])[];
  /** The class of each row, or a 0 or 1 for each label. */
  readonly labels: readonly Label[];
}

/** Words of a row with their weights, which have a norm of 1, and a constant. */
interface Features {
  readonly columns: Int32Array;
  readonly weights: Float64Array;
}

/** Training rows, evenly chosen where there are more: seconds, not minutes. */
const MAX_ROWS = 20_000;

/** Words and pairs of words, the most frequent where there are more. */
const MAX_WORDS = 50_000;

/** Passes over the rows; more change no prediction of a thousand. */
const EPOCHS = 15;

/** Squared norm of the features of a row: that of its words, and the constant's. */
const SQUARED_NORM = 2;

/** A word: letters and digits; a letter of a script without spaces; a picture. */
const WORD =
  /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}]|[\p{L}\p{M}\p{N}]+|\p{Extended_Pictographic}/gu;

/**
 * Fits the regression to training texts, and predicts others.
 *
 * @param train The training rows.
 * @param texts The text of each row to predict, or its two texts.
 * @param numLabels Number of classes or labels.
 * @returns The predicted class of each row, or a 0 or 1 for each label; the same rows give the same predictions.
 */
export function predictByWords(
  train: LabelledTexts,
  texts: readonly (readonly string[])[],
  numLabels: number,
): Label[] {
  const every = Math.ceil(train.texts.length / MAX_ROWS);
  const chosen = train.texts.map((_, i) => i).filter((i) => i % every === 0);
  const words = chosen.map((i) => wordsOf(train.texts[i]!));
  const vocabulary = new Vocabulary(words);
  const rows = words.map((list) => vocabulary.features(list));
  const labels = chosen.map((i) => train.labels[i]!);
  const weights = fit(rows, labels, numLabels, vocabulary.size);
  const isMultiLabel = typeof labels[0] !== "number";
  return texts.map((row) => {
    const scores = scoresOf(
      vocabulary.features(wordsOf(row)),
      weights,
      numLabels,
    );
    return isMultiLabel
      ? Array.from(scores, (score) => score > 0 ? 1 : 0)
      : scores.indexOf(scores.reduce((a, b) => Math.max(a, b)));
  });
}

/** Words and pairs of words of the training texts, with their inverse document frequencies. */
class Vocabulary {
  readonly #columns: Map<string, number>;
  readonly #idf: number[];

  constructor(rows: readonly (readonly string[])[]) {
    const counts = new Map<string, number>();
    for (const row of rows) {
      for (const word of new Set(row)) {
        counts.set(word, (counts.get(word) ?? 0) + 1);
      }
    }
    const least = rows.length < 100 ? 1 : 2; // a word of one row tells nothing of others
    const kept = [...counts].filter(([, n]) => n >= least)
      .sort(([, a], [, b]) => b - a).slice(0, MAX_WORDS);
    this.#columns = new Map(kept.map(([word], column) => [word, column]));
    this.#idf = kept.map(([, n]) => Math.log((1 + rows.length) / (1 + n)) + 1);
  }

  /** Number of columns: the words, and a constant. */
  get size(): number {
    return this.#idf.length + 1;
  }

  /** Weighs the words of a row. */
  features(words: readonly string[]): Features {
    const counts = new Map<number, number>();
    for (const word of words) {
      const column = this.#columns.get(word);
      if (column === undefined) continue;
      counts.set(column, (counts.get(column) ?? 0) + 1);
    }
    const columns = Int32Array.from([...counts.keys(), this.#idf.length]);
    const weights = Float64Array.from(
      counts,
      ([column, n]) => n * this.#idf[column]!,
    );
    const norm = Math.hypot(...weights) || 1;
    return {
      columns,
      weights: Float64Array.from([...weights.map((w) => w / norm), 1]),
    };
  }
}

/** Words and pairs of neighbours of a row; those of the second text are others. */
function wordsOf(texts: readonly string[]): string[] {
  return texts.flatMap((text, i) => {
    const words = text.normalize("NFC").toLowerCase().match(WORD) ?? [];
    const pairs = words.slice(1).map((word, j) => `${words[j]} ${word}`);
    return [...words, ...pairs].map((word) => i === 0 ? word : `${i}:${word}`);
  });
}

/**
 * Minimises `½ |w|² + Σ ln(1 + exp(-y w·x))` for each label by its dual, one row at
 * a time: `w = Σ α x`, where `α` of a row approaches `y / (1 + exp(y w·x))`.
 *
 * @returns Weights, `[columns, labels]`.
 */
function fit(
  rows: readonly Features[],
  labels: readonly Label[],
  numLabels: number,
  columns: number,
): Float64Array {
  const weights = new Float64Array(columns * numLabels);
  const alphas = new Float64Array(rows.length * numLabels);
  const changes = new Float64Array(numLabels);
  const random = new Random(0);
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    for (const i of random.permutation(rows.length)) {
      const row = rows[i]!;
      const scores = scoresOf(row, weights, numLabels);
      for (let label = 0; label < numLabels; label++) {
        const y = hasLabel(labels[i]!, label) ? 1 : -1;
        const target = y / (1 + Math.exp(y * scores[label]!));
        const at = i * numLabels + label;
        changes[label] = (target - alphas[at]!) / (0.25 + SQUARED_NORM);
        alphas[at]! += changes[label]!;
      }
      for (let j = 0; j < row.columns.length; j++) {
        const at = row.columns[j]! * numLabels;
        for (let label = 0; label < numLabels; label++) {
          weights[at + label]! += changes[label]! * row.weights[j]!;
        }
      }
    }
  }
  return weights;
}

function hasLabel(labels: Label, label: number): boolean {
  return typeof labels === "number" ? labels === label : labels[label] === 1;
}

function scoresOf(
  { columns, weights: values }: Features,
  weights: Float64Array,
  numLabels: number,
): Float64Array {
  const scores = new Float64Array(numLabels);
  for (let j = 0; j < columns.length; j++) {
    const at = columns[j]! * numLabels;
    for (let label = 0; label < numLabels; label++) {
      scores[label]! += weights[at + label]! * values[j]!;
    }
  }
  return scores;
}
