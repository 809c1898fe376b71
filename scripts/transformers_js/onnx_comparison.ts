/**
 * How far the logits of an exported model are from those of the model itself.
 *
 * @module
 */
import { indexOfMax } from "../inference/classifier.ts";

/** The most by which a logit of an fp32 file may differ. */
export const FP32_TOLERANCE = 1e-4;

/** What a comparison found. */
export interface Comparison {
  /** Greatest difference of a logit. */
  readonly maxDifference: number;
  /** Mean difference of a logit. */
  readonly meanDifference: number;
  /** Rows for which another label has the greatest logit. */
  readonly differentLabels: readonly number[];
}

/**
 * Compares the logits of the same rows.
 *
 * @param ours What the model gave for each row, one number a label.
 * @param theirs What the exported model gave.
 * @returns The differences; they are infinite where a logit is not finite.
 */
export function compare(
  ours: readonly number[][],
  theirs: readonly number[][],
): Comparison {
  const differences = ours.flatMap((logits, row) =>
    logits.map((logit, label) => {
      const difference = Math.abs(logit - theirs[row]![label]!);
      return Number.isNaN(difference) ? Infinity : difference;
    })
  );
  const labelOf = (logits: readonly number[]) => indexOfMax(logits);
  return {
    maxDifference: Math.max(...differences),
    meanDifference: differences.reduce((a, b) => a + b) / differences.length,
    differentLabels: ours.flatMap((logits, row) =>
      labelOf(logits) === labelOf(theirs[row]!) ? [] : [row]
    ),
  };
}

/**
 * Checks that an fp32 file is the model; of the others nothing is asked.
 *
 * @param comparison What was found.
 * @param dtype How the file keeps the numbers.
 * @throws {Error} If the logits or a label differ.
 */
export function checkComparison(
  { maxDifference, differentLabels }: Comparison,
  dtype: string,
): void {
  if (dtype !== "fp32") return;
  const [row] = differentLabels;
  if (maxDifference <= FP32_TOLERANCE && row === undefined) return;
  const reason = row === undefined
    ? `a logit differs by ${
      maxDifference.toExponential(1)
    }, more than ${FP32_TOLERANCE}`
    : `${differentLabels.length} rows have another label, the first is row ${row}`;
  throw new Error(
    `The exported model is not the model: ${reason}: export it again with deno task export`,
  );
}
