/**
 * A folder of files as a data set.
 *
 * @module
 */
import { loadDataFile } from "./data_file.ts";
import type { Dataset } from "./dataset.ts";
import { DatasetDict } from "./dataset_dict.ts";
import { listFiles, listFolders } from "./files.ts";
import { joinShards } from "./shards.ts";
import { EXTENSIONS, findSplits } from "./split_files.ts";

/** What {@linkcode loadDataset} looks for. */
export interface LoadDatasetOptions {
  /**
   * The splits that must be there; others are read where there are files of them.
   *
   * @default ["train", "validation"]
   */
  splits?: readonly string[];
}

/** Where the Hub keeps a data set of one configuration. */
const DATA_FOLDER = "data";

/**
 * Reads the splits of a task: `train.EXT`, `validation.EXT` and, where there is
 * one, `test.EXT`, where EXT is `arrow`, `parquet`, `tsv`, `csv` or `jsonl`; or
 * in shards, `train-00000-of-00002.EXT` and so on. A name may go on after `_`:
 * `validation_mismatched.EXT` is a split of its own.
 *
 * The files lie in the folder, or as on the Hugging Face Hub in `data/` or in
 * the folder of the only configuration.
 *
 * @param path The folder.
 * @param options The splits that must be there.
 * @returns The splits.
 * @throws {SyntaxError} If a file is not what its name says, or not a whole one.
 * @throws {RangeError} If a split has two files, lacks a shard or has no rows,
 * if its shards differ in their columns, or if there are several configurations.
 * @throws {Error} If the folder or a split is missing, a file is empty, or may not be read.
 */
export async function loadDataset(
  path: string,
  options: LoadDatasetOptions = {},
): Promise<DatasetDict> {
  const { splits: required = ["train", "validation"] } = options;
  const folder = await findFolder(path);
  const names = await listFiles(folder);
  const files = findSplits(folder, names);
  const missing = required.find((split) => !files.has(split));
  if (missing !== undefined) {
    const looked = [
      ...EXTENSIONS.map((extension) => `${missing}.${extension}`),
      `${missing}-00000-of-00001.parquet`,
    ];
    throw new Error(
      `Cannot load ${folder}: it has no ${missing} split; looked for ${
        looked.join(", ")
      } and found ${
        names.join(", ") || "no files"
      }; add such a file, or name another folder`,
    );
  }
  const splits: Record<string, Dataset> = {};
  for (const [split, names] of files) {
    splits[split] = await readSplit(folder, names);
  }
  return new DatasetDict(splits);
}

/** The folder itself, or the one in it that holds the splits. */
async function findFolder(path: string): Promise<string> {
  const hasSplits = async (folder: string) =>
    findSplits(folder, await listFiles(folder)).size > 0;
  if (await hasSplits(path)) return path;
  const configurations: string[] = [];
  for (const name of await listFolders(path)) {
    if (await hasSplits(`${path}/${name}`)) configurations.push(name);
  }
  if (configurations.includes(DATA_FOLDER)) return `${path}/${DATA_FOLDER}`;
  if (configurations.length > 1) {
    throw new RangeError(
      `Cannot load ${path}: it has the configurations ${
        configurations.join(", ")
      }; give the folder of one, such as ${path}/${configurations[0]}`,
    );
  }
  return configurations.length === 1 ? `${path}/${configurations[0]}` : path;
}

async function readSplit(
  folder: string,
  names: readonly string[],
): Promise<Dataset> {
  const shards: Dataset[] = [];
  for (const name of names) {
    shards.push(await loadDataFile(`${folder}/${name}`));
  }
  const dataset = joinShards(shards);
  if (dataset.length === 0) {
    throw new RangeError(`Cannot read ${folder}/${names[0]}: it has no rows`);
  }
  return dataset;
}
