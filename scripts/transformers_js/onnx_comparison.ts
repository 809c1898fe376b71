/**
 * Comparison of the logits of an exported model with those of the model itself.
 *
 * @module
 */
import { indexOfMax } from "../inference/logits.ts";

/** Largest allowed difference of a logit of an fp32 file. */
export const FP32_TOLERANCE = 1e-4;

/** Result of {@linkcode compare}. */
export interface Comparison {
  /** Largest difference of a logit. */
  readonly maxDifference: number;
  /** Mean difference of a logit. */
  readonly meanDifference: number;
  /** Rows that get another label. */
  readonly differentLabels: readonly number[];
}

/**
 * Compares the logits of the same rows.
 *
 * @param ours The logits of each row from the model itself, one per label.
 * @param theirs The logits from the exported model.
 * @returns The differences; infinite if a logit is not finite.
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
 * Checks that an fp32 file equals the model. Files of other formats may differ.
 *
 * @param comparison The comparison.
 * @param dtype Number format of the file.
 * @throws {Error} If the logits differ by more than the tolerance, or a label differs.
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
    : `${differentLabels.length} rows get another label, the first is row ${row}`;
  throw new Error(
    `The exported model does not equal the model: ${reason}: export it again with deno task export`,
  );
}
