/**
 * Intervals of accuracy and F1, from counts that are made once: to score a resample
 * takes less time than to draw it.
 *
 * @module
 */
import { bootstrap, type ConfidenceInterval } from "../../mod.ts";
import type { JudgedRow } from "./judged_rows.ts";

/** Average of the F1 of the labels; `binary` is that of one class. */
type Average = "binary" | "micro" | "macro";

/** Label and prediction of a row. */
type LabelledRow = Pick<JudgedRow, "label" | "predicted">;

/** Resamples the rows of an evaluation. */
export class LabelIntervals {
  readonly #indices: Int32Array;
  readonly #numLabels: number;
  readonly #isMultiLabel: boolean;
  /** Place of the first label of each row in the lists below, `[N + 1]`. */
  readonly #starts: Int32Array;
  /** Labels that the rows have, or are predicted to have. */
  readonly #labels: Int32Array;
  /** Whether the row has the label and is predicted to have it: 1 or 0. */
  readonly #both: Uint8Array;
  /** Whether it has the label, plus whether it is predicted to: 1 or 2. */
  readonly #either: Uint8Array;

  /**
   * Makes the counts.
   *
   * @param rows The rows.
   * @param numLabels Number of classes or labels.
   */
  constructor(rows: readonly LabelledRow[], numLabels: number) {
    const labels = rows.map(labelsOf);
    const all = labels.flat();
    this.#indices = Int32Array.from(rows.keys());
    this.#numLabels = numLabels;
    this.#isMultiLabel = typeof rows[0]!.label !== "number";
    this.#starts = new Int32Array(rows.length + 1);
    labels.forEach(({ length }, row) => {
      this.#starts[row + 1] = this.#starts[row]! + length;
    });
    this.#labels = Int32Array.from(all, ({ label }) => label);
    this.#both = Uint8Array.from(
      all,
      ({ isActual, isPredicted }) => isActual * isPredicted,
    );
    this.#either = Uint8Array.from(
      all,
      ({ isActual, isPredicted }) => isActual + isPredicted,
    );
  }

  /**
   * Resamples the share of rows with the right class, or all labels right.
   *
   * @returns The share and its interval.
   */
  accuracy(): ConfidenceInterval {
    const isRight = Uint8Array.from(
      this.#indices,
      (row) =>
        this.#both.subarray(this.#starts[row], this.#starts[row + 1])
            .every((both) => both === 1)
          ? 1
          : 0,
    );
    return bootstrap([this.#indices], (drawn) => {
      let right = 0;
      for (let i = 0; i < drawn.length; i++) right += isRight[drawn[i]!]!;
      return right / drawn.length;
    });
  }

  /**
   * Resamples F1: `2TP / (2TP + FP + FN)`, which is 0 for a label without rows.
   * Macro is the mean of all labels, or of the classes that occur, as in scikit-learn.
   *
   * @param average The average.
   * @param positiveLabel The class of `binary`.
   * @returns The score and its interval.
   */
  f1(average: Average, positiveLabel = 1): ConfidenceInterval {
    const [starts, labels] = [this.#starts, this.#labels];
    const [isBoth, isEither] = [this.#both, this.#either];
    const both = new Float64Array(this.#numLabels);
    const either = new Float64Array(this.#numLabels);
    const f1 = (label: number) =>
      either[label] === 0 ? 0 : 2 * both[label]! / either[label]!;
    return bootstrap([this.#indices], (drawn) => {
      both.fill(0);
      either.fill(0);
      for (let i = 0; i < drawn.length; i++) {
        const row = drawn[i]!;
        for (let at = starts[row]!; at < starts[row + 1]!; at++) {
          const label = labels[at]!;
          both[label]! += isBoth[at]!;
          either[label]! += isEither[at]!;
        }
      }
      if (average === "binary") return f1(positiveLabel);
      if (average === "micro") return 2 * sum(both) / (sum(either) || 1);
      let [total, n] = [0, 0];
      for (let label = 0; label < this.#numLabels; label++) {
        if (!this.#isMultiLabel && either[label] === 0) continue;
        total += f1(label);
        n++;
      }
      return total / n;
    });
  }
}

/** A label that a row has, or is predicted to have. */
interface RowLabel {
  readonly label: number;
  readonly isActual: 0 | 1;
  readonly isPredicted: 0 | 1;
}

function labelsOf({ label, predicted }: LabelledRow): RowLabel[] {
  if (typeof label === "number") {
    return label === predicted ? [{ label, isActual: 1, isPredicted: 1 }] : [
      { label, isActual: 1, isPredicted: 0 },
      { label: predicted as number, isActual: 0, isPredicted: 1 },
    ];
  }
  return label.flatMap((value, i) => {
    const isActual = value === 1 ? 1 : 0;
    const isPredicted = (predicted as readonly number[])[i] === 1 ? 1 : 0;
    return isActual + isPredicted > 0
      ? [{ label: i, isActual, isPredicted }]
      : [];
  });
}

function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
