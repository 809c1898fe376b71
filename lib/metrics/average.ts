/**
 * Averages of scores over classes and labels.
 *
 * @module
 */

/**
 * Ways to make one score of the scores of several classes or labels: `"binary"`, that
 * of one class; `"micro"`, that of the sums of their counts; `"macro"`, their mean;
 * `"weighted"`, their mean weighted by support.
 */
export type Average = "binary" | "micro" | "macro" | "weighted";

/** One score, or one per label if the average is `null`. */
export type AveragedScore<A extends string | null> = A extends null ? number[]
  : number;

/**
 * Checks the name of an average.
 *
 * @param average The name.
 * @param known The known names.
 * @throws {RangeError} If it is not known.
 */
export function checkAverage(average: string, known: readonly string[]): void {
  if (!known.includes(average)) {
    throw new RangeError(
      `There is no average "${average}": known are ${
        known.join(", ")
      }, and null for a score of each label`,
    );
  }
}
