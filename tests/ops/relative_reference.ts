import {
  attentionTiles,
  type Device,
  type RelativeBuckets,
  relativePositions,
} from "../../mod.ts";

/** Rows of each sequence, and the buckets of distances. */
export interface Distances extends RelativeBuckets {
  readonly lengths: readonly number[];
}

/** Distances up to `exact` on either side have a bucket each, all farther ones the next: `2 · exact + 3` buckets. */
export function clamped(lengths: readonly number[], exact: number): Distances {
  const middle = exact + 1;
  return {
    lengths,
    count: 2 * middle + 1,
    bucketOf: (distance) =>
      Math.max(0, Math.min(2 * middle, distance + middle)),
  };
}

export const rowsOf = ({ lengths }: Distances) =>
  lengths.reduce((a, b) => a + b, 0);

/** Uploads the distances. */
export function upload(device: Device, distances: Distances) {
  const cuSeqlens = [0];
  for (const length of distances.lengths) {
    cuSeqlens.push(cuSeqlens.at(-1)! + length);
  }
  const tiles = attentionTiles(device, cuSeqlens);
  return relativePositions(device, tiles, cuSeqlens, distances);
}

/**
 * The bias of every head and pair of a row and a key of its sequence, `[A, N]`; 0
 * where the keys are padded to a multiple of four.
 */
export function biasOf(
  { lengths, bucketOf }: Distances,
  heads: number,
  score: (head: number, query: number, key: number, bucket: number) => number,
): number[] {
  const bias: number[] = [];
  for (let head = 0; head < heads; head++) {
    let start = 0;
    for (const length of lengths) {
      for (let i = 0; i < length; i++) {
        for (let j = 0; j < 4 * Math.ceil(length / 4); j++) {
          bias.push(
            j < length ? score(head, start + i, start + j, bucketOf(i - j)) : 0,
          );
        }
      }
      start += length;
    }
  }
  return bias;
}
