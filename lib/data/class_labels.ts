/**
 * Class names, stored as in Hugging Face's datasets: as JSON under a key of the
 * file's metadata, in both Arrow and Parquet.
 *
 * Source: https://github.com/huggingface/datasets/blob/main/src/datasets/arrow_writer.py
 *
 * @module
 */

/** Metadata key of the features. */
export const FEATURES_KEY = "huggingface";

/**
 * Reads the class names of `ClassLabel` columns, and of columns with lists of such.
 *
 * @param metadata The metadata under {@linkcode FEATURES_KEY}, if any.
 * @returns The class names by column; index `i` is class `i`.
 * @throws {SyntaxError} If the metadata is not JSON.
 */
export function readLabelNames(
  metadata: string | undefined,
): Record<string, string[]> {
  const features: Record<string, unknown> = metadata
    ? JSON.parse(metadata)?.info?.features ?? {}
    : {};
  return Object.fromEntries(
    Object.entries(features).flatMap(([column, feature]) => {
      const names = namesOf(feature);
      return names ? [[column, names]] : [];
    }),
  );
}

/** Returns the names of a `ClassLabel`, also in a list, `{ "feature": … }` or `[…]`. */
function namesOf(feature: unknown): string[] | undefined {
  const { names, feature: item }: { names?: unknown; feature?: unknown } =
    Object(Array.isArray(feature) ? { feature: feature[0] } : feature);
  if (Array.isArray(names)) return names.map(String);
  return item === undefined ? undefined : namesOf(item);
}

/**
 * Writes class names in the form that {@linkcode readLabelNames} reads.
 *
 * @param labelNames The class names by column.
 * @returns The metadata, or `undefined` if no column has class names.
 */
export function writeLabelNames(
  labelNames: Readonly<Record<string, readonly string[]>>,
): string | undefined {
  const features = Object.entries(labelNames)
    .map(([column, names]) => [column, { names, _type: "ClassLabel" }]);
  return features.length === 0
    ? undefined
    : JSON.stringify({ info: { features: Object.fromEntries(features) } });
}
