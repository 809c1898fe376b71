/**
 * Names of classes, where Hugging Face's datasets keep them: as JSON under a key
 * of a file's metadata, in Arrow and in Parquet alike.
 *
 * Source: https://github.com/huggingface/datasets/blob/main/src/datasets/arrow_writer.py
 *
 * @module
 */

/** The key of the metadata. */
export const FEATURES_KEY = "huggingface";

/**
 * Reads the names of the columns that datasets calls ClassLabel.
 *
 * @param metadata What a file has under {@linkcode FEATURES_KEY}, if anything.
 * @returns The names by column, that of class `i` at place `i`.
 * @throws {SyntaxError} If the metadata is not JSON.
 */
export function readLabelNames(
  metadata: string | undefined,
): Record<string, string[]> {
  const features: Record<string, { names?: unknown } | null> = metadata
    ? JSON.parse(metadata)?.info?.features ?? {}
    : {};
  return Object.fromEntries(
    Object.entries(features).flatMap(([column, feature]) => {
      const names = feature?.names;
      return Array.isArray(names) ? [[column, names.map(String)]] : [];
    }),
  );
}

/**
 * Writes the names of classes as {@linkcode readLabelNames} reads them.
 *
 * @param labelNames The names by column.
 * @returns The metadata, or `undefined` where no column has names.
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
