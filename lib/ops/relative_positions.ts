/**
 * Distances between the tokens of unpadded sequences, for biases of attention
 * scores.
 *
 * @module
 */
import type { Device } from "../gpu/device.ts";
import { fromArray, type Tensor } from "../tensor/tensor.ts";

/** Distances of queries and keys, on the GPU; from {@linkcode relativePositions}. */
export interface RelativePositions {
  /** The sequences, from `attentionTiles`, `[tiles, 4]` u32. */
  readonly tiles: Tensor;
  /** Rows of all sequences T. */
  readonly rows: number;
  /** Pairs of a row and a key of its sequence N, where the keys are padded to a multiple of four. */
  readonly pairs: number;
  /** Rows of the longest sequence L. */
  readonly longest: number;
  /** Number of buckets R. */
  readonly count: number;
  /** Bucket of each distance (query minus key) from 1 - L to L - 1, `[2L - 1]` u32. */
  readonly buckets: Tensor;
  /** Least and greatest distance of each bucket, `[R, 2]` i32; of one without any, 1 and 0. */
  readonly ranges: Tensor;
}

/** Distances by bucket. */
export interface RelativeBuckets {
  /** Number of buckets R. */
  readonly count: number;
  /** Returns the bucket of a distance, query minus key: a whole number below R. */
  readonly bucketOf: (distance: number) => number;
}

/**
 * Returns the number of rows of the longest sequence.
 *
 * @param cuSeqlens Cumulative sequence lengths: `B + 1` numbers, the first 0.
 * @returns The number.
 */
export function longestSequence(cuSeqlens: readonly number[]): number {
  return cuSeqlens.reduce(
    (most, end, i) => Math.max(most, end - (cuSeqlens[i - 1] ?? 0)),
    0,
  );
}

/**
 * Uploads the distances between the tokens of sequences.
 *
 * @param device The device.
 * @param tiles The sequences, from `attentionTiles`.
 * @param cuSeqlens Cumulative sequence lengths: `B + 1` numbers, the first 0.
 * @param buckets The buckets; the distances of each are neighbours.
 * @returns The distances.
 * @throws {RangeError} If a bucket does not exist, or has distances that are no neighbours.
 */
export function relativePositions(
  device: Device,
  tiles: Tensor,
  cuSeqlens: readonly number[],
  { count, bucketOf }: RelativeBuckets,
): RelativePositions {
  const longest = longestSequence(cuSeqlens);
  const buckets = new Uint32Array(2 * longest - 1);
  const ranges = Int32Array.from({ length: 2 * count }, (_, i) => 1 - i % 2);
  for (let distance = 1 - longest; distance < longest; distance++) {
    const bucket = bucketOf(distance);
    const [least, greatest] = ranges.subarray(2 * bucket) as Iterable<number>;
    const isEmpty = least! > greatest!;
    if (!(bucket >= 0 && bucket < count)) {
      throw new RangeError(
        `Cannot put distance ${distance} into bucket ${bucket}: there are ${count}`,
      );
    }
    if (!isEmpty && greatest !== distance - 1) {
      throw new RangeError(
        `Cannot put distance ${distance} into bucket ${bucket}: its distances end at ${greatest}`,
      );
    }
    buckets[distance + longest - 1] = bucket;
    ranges.set([isEmpty ? distance : least!, distance], 2 * bucket);
  }
  const pairs = cuSeqlens.slice(1).reduce((sum, end, i) => {
    const length = end - cuSeqlens[i]!;
    return sum + length * 4 * Math.ceil(length / 4);
  }, 0);
  return {
    tiles,
    rows: cuSeqlens.at(-1)!,
    pairs,
    longest,
    count,
    buckets: fromArray(device, buckets, [buckets.length], { dtype: "u32" }),
    ranges: fromArray(device, ranges, [count, 2], { dtype: "i32" }),
  };
}
