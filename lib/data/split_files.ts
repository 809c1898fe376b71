/**
 * Finds the files of each split by name: `train.tsv`, or sharded, as on the
 * Hugging Face Hub, `train-00000-of-00002.parquet`,
 * `train-00001-of-00002.parquet`.
 *
 * @module
 */

/** Extensions of the files that can be read. */
export const EXTENSIONS = [
  "arrow",
  "parquet",
  "tsv",
  "csv",
  "jsonl",
  "json",
] as const;

/** One of {@linkcode EXTENSIONS}. */
export type Extension = typeof EXTENSIONS[number];

const NAME = new RegExp(
  `^((?:train|validation|test)(?:_\\w+)?)(?:-(\\d{5})-of-(\\d{5}))?\\.(${
    EXTENSIONS.join("|")
  })$`,
);

/** Order of the splits. */
const ORDER = ["train", "validation", "test"];

/**
 * Finds the files of each split.
 *
 * @param path The folder, for errors.
 * @param names The names of its files, sorted.
 * @returns The file names by split; shards are in order.
 * @throws {RangeError} If a split has several files that are not its shards, or lacks a shard.
 */
export function findSplits(
  path: string,
  names: readonly string[],
): Map<string, string[]> {
  const splits = new Map<string, string[]>();
  const found = names.flatMap((name) => {
    const split = name.match(NAME)?.[1];
    return split === undefined ? [] : [{ name, split }];
  });
  const rank = (split: string) => ORDER.indexOf(split.split("_")[0]!);
  found.sort((a, b) => rank(a.split) - rank(b.split));
  for (const { name, split } of found) {
    splits.set(split, [...splits.get(split) ?? [], name]);
  }
  for (const files of splits.values()) checkShards(path, files);
  return splits;
}

/** Checks that a split is a single file, or has each of its shards once. */
function checkShards(path: string, files: readonly string[]): void {
  const matches = files.map((name) => name.match(NAME)!);
  const [first] = matches;
  const count = Number(first![3] ?? 1);
  const alike = matches.every(([, , , of, extension]) =>
    of === first![3] && extension === first![4]
  );
  if (!alike || files.length > count) {
    throw new RangeError(
      `Cannot load ${path}: it has ${
        files.join(" and ")
      } for one split; remove or rename all but one`,
    );
  }
  if (first![3] === undefined) return;
  for (let i = 0; i < count; i++) {
    const shard = String(i).padStart(5, "0");
    if (matches[i]?.[2] === shard) continue;
    throw new RangeError(
      `Cannot load ${path}: shard ${shard} of ${first![3]} of the ${
        first![1]
      } split is missing; download or copy all shards`,
    );
  }
}
