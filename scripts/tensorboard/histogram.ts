/**
 * Histograms of TensorBoard.
 *
 * @module
 */
import type { HistogramProto } from "./event_proto.ts";

/** As many as `tf.summary.histogram` makes. */
const NUM_BUCKETS = 30;

/**
 * Counts values in intervals of equal width from the least to the greatest one.
 *
 * @param values The values, at least one.
 * @returns The histogram; one interval if all values are the same.
 */
export function histogramOf(values: readonly number[]): HistogramProto {
  const min = values.reduce((a, b) => Math.min(a, b));
  const max = values.reduce((a, b) => Math.max(a, b));
  const count = min === max ? 1 : NUM_BUCKETS;
  const width = (max - min) / count;
  const bucket = new Array<number>(count).fill(0);
  for (const value of values) {
    const i = count === 1 ? 0 : Math.floor((value - min) / width);
    bucket[Math.min(i, count - 1)]!++; // the greatest is in the last one
  }
  return {
    min,
    max,
    num: values.length,
    sum: values.reduce((sum, value) => sum + value, 0),
    sumSquares: values.reduce((sum, value) => sum + value * value, 0),
    bucketLimit: bucket.map((_, i) =>
      i === count - 1 ? max : min + (i + 1) * width
    ),
    bucket,
  };
}
