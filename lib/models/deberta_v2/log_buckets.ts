/**
 * Buckets of distances in disentangled attention.
 *
 * @module
 */
import type { DebertaV2Config } from "./deberta_v2_config.ts";

const log = (x: number) => Math.fround(Math.log(Math.fround(x)));

/**
 * Returns the row of the table of distances for each distance: all distances up to
 * half of the buckets have a row each, greater ones share rows, by their
 * logarithms. Computed in f32, as in transformers.
 *
 * @param config The model's sizes.
 * @returns The row of a distance, query minus key, of {@linkcode relativeRows}.
 */
export function logBuckets(
  config: DebertaV2Config,
): (distance: number) => number {
  const { positionBuckets } = config;
  const greatest = greatestDistance(config);
  const rows = relativeRows(config);
  const middle = Math.floor((positionBuckets ?? 0) / 2);
  const scale = log((greatest - 1) / middle);
  const bucketOf = (distance: number) => {
    const far = Math.abs(distance);
    if (positionBuckets === null || far <= middle) return distance;
    const share = Math.fround(log(far / middle) / scale);
    const bucket = Math.ceil(Math.fround(share * (middle - 1))) + middle;
    return Math.sign(distance) * bucket;
  };
  return (distance) =>
    Math.min(Math.max(bucketOf(distance) + rows / 2, 0), rows - 1);
}

/** Returns the number of rows of the table of distances. */
export function relativeRows(config: DebertaV2Config): number {
  return 2 * (config.positionBuckets ?? greatestDistance(config));
}

function greatestDistance(config: DebertaV2Config): number {
  return config.maxRelativePositions ?? config.maxPositionEmbeddings;
}
