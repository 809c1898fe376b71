/**
 * Loads the splits of a data set from a folder, or from one file.
 *
 * @module
 */
import { checkOptions, type OptionNames } from "../check_options.ts";
import { isDiskFile } from "../files/disk_folder.ts";
import type { FileSource, Folder, FolderSource } from "../files/folder.ts";
import { diskPathOf, openFolder, pathOf, urlOf } from "../files/open_folder.ts";
import type { TableOptions } from "./csv.ts";
import { IF_MISSING, loadDataFile, readerOf } from "./data_file.ts";
import type { Dataset } from "./dataset.ts";
import { DatasetDict } from "./dataset_dict.ts";
import { joinShards } from "./shards.ts";
import { EXTENSIONS, findSplits } from "./split_files.ts";

/** Options of {@linkcode loadDataset}. */
export interface LoadDatasetOptions
  extends Pick<TableOptions, "delimiter" | "labelColumns"> {
  /**
   * Required splits; any others are loaded too if their files exist.
   *
   * @default ["train", "validation"], and ["train"] of one file
   */
  splits?: readonly string[];
}

const OPTIONS: OptionNames<LoadDatasetOptions> = {
  splits: true,
  delimiter: true,
  labelColumns: true,
};

/** Folder of a single configuration in a repository of the Hugging Face Hub. */
const DATA_FOLDER = "data";
/** Folder of the data sets that `deno task fetch` downloads. */
const FETCHED = "data/hub/datasets";
/** A repository on the Hugging Face Hub: `owner/name`. */
const REPOSITORY = /^\w[\w.-]*\/\w[\w.-]*$/;

/**
 * Loads the splits of a task from a local folder: `train.EXT`, `validation.EXT`
 * and, if it exists, `test.EXT`, where EXT is `arrow`, `parquet`, `tsv`, `csv`,
 * `jsonl` or `json`; or sharded, `train-00000-of-00002.EXT` and so on. Names can
 * have a suffix: `validation_mismatched.EXT` is a separate split. One file of any
 * name is the split `train`, as in datasets; {@linkcode trainTestSplit} divides it.
 *
 * The files are in the folder itself or, as on the Hugging Face Hub, in `data/`
 * or in the folder of the only configuration.
 *
 * A data set of the Hub is downloaded first, with
 * `deno task fetch --dataset nyu-mll/glue:mrpc`, and then loaded with
 * `loadDataset("data/hub/datasets/nyu-mll/glue/mrpc")`.
 *
 * @example A folder, and files in a browser
 * ```ts ignore
 * const raw = await loadDataset("data/mrpc");
 * const chosen = await loadDataset({ "train.csv": file, "validation.csv": other });
 * const { train } = await loadDataset(input.files[0]);
 * ```
 *
 * @param source The folder: its path, or files by name. Or one file: its path, a URL, or a `File`.
 * @param options The required splits; delimiter and label columns of delimited text.
 * @returns The splits.
 * @throws {SyntaxError} If a file does not match its extension, or is incomplete.
 * @throws {RangeError} If a split has two files, lacks a shard or has no rows,
 * if the columns of its shards differ, or if there are several configurations.
 * @throws {TypeError} If `options` is a string, the configuration in Python, or has an unknown name.
 * @throws {Error} If the folder or a split is missing, or a file is empty or cannot be read.
 */
export async function loadDataset(
  source: FolderSource | FileSource,
  options: LoadDatasetOptions = {},
): Promise<DatasetDict> {
  const path = pathOf(source);
  if (typeof options === "string") refuseConfiguration(path, options);
  checkOptions(`load ${path}`, options, OPTIONS);
  const { splits, ...table } = options;
  const file = await fileOf(source);
  if (file !== undefined) return await loadFile(file, splits, table);
  const required = splits ?? ["train", "validation"];
  const folder = await findFolder(openFolder(source as FolderSource));
  const names = await listFiles(folder);
  const files = findSplits(folder.path, names);
  const missing = required.find((split) => !files.has(split));
  if (missing !== undefined) {
    const candidates = [
      ...EXTENSIONS.map((extension) => `${missing}.${extension}`),
      `${missing}-00000-of-00001.parquet`,
    ];
    throw new Error(
      `Cannot load ${folder.path}: it has no ${missing} split; looked for ${
        candidates.join(", ")
      } and found ${
        names.join(", ") || "no files"
      }; add such a file, or name another folder`,
    );
  }
  const found: Record<string, Dataset> = {};
  for (const [split, names] of files) {
    found[split] = await readSplit(folder, names, table);
  }
  return new DatasetDict(found);
}

/** The source if it is one file: a server lists no folder. */
async function fileOf(
  source: FolderSource | FileSource,
): Promise<FileSource | undefined> {
  if (source instanceof File) return source;
  const url = urlOf(source);
  if (url) return url;
  const path = diskPathOf(source);
  return path !== undefined && await isDiskFile(path) ? path : undefined;
}

/** Loads one file as the split `train`. */
async function loadFile(
  source: FileSource,
  required: readonly string[] = [],
  table: TableOptions,
): Promise<DatasetDict> {
  const path = pathOf(source);
  const other = required.find((split) => split !== "train");
  if (other !== undefined) {
    throw new Error(
      `Cannot load ${path}: it is one file, which has no ${other} split; divide it with trainTestSplit, or give a folder with ${
        required.join(", ")
      }`,
    );
  }
  return new DatasetDict({
    train: checkHasRows(await loadDataFile(source, table), path),
  });
}

/** Refuses `loadDataset("glue", "mrpc")`, as in Python. */
function refuseConfiguration(path: string, configuration: string): never {
  const repository = path === "glue" ? "nyu-mll/glue" : path;
  throw new TypeError(
    `Cannot load "${path}", "${configuration}": the first argument is a local folder and the second an object of options; ` +
      `download the data with deno task fetch --dataset ${repository}:${configuration}, ` +
      `then call loadDataset("${FETCHED}/${repository}/${configuration}")`,
  );
}

/** Returns the folder itself, or the subfolder that holds the splits. */
async function findFolder(folder: Folder): Promise<Folder> {
  const { path } = folder;
  const ifMissing = REPOSITORY.test(path)
    ? ` or folder; check the path, or download it from the Hugging Face Hub with deno task fetch --dataset ${path}, then call loadDataset("${FETCHED}/${path}")`
    : IF_MISSING;
  const hasSplits = async (folder: Folder) =>
    findSplits(folder.path, await listFiles(folder, ifMissing)).size > 0;
  if (await hasSplits(folder)) return folder;
  const configurations: string[] = [];
  for (const name of (await folder.list!(ifMissing)).folders) {
    if (await hasSplits(folder.folder(name))) configurations.push(name);
  }
  if (configurations.includes(DATA_FOLDER)) return folder.folder(DATA_FOLDER);
  if (configurations.length > 1) {
    throw new RangeError(
      `Cannot load ${path}: it has the configurations ${
        configurations.join(", ")
      }; give the folder of one of them, such as ${path}/${configurations[0]}`,
    );
  }
  return configurations.length === 1
    ? folder.folder(configurations[0]!)
    : folder;
}

async function listFiles(
  folder: Folder,
  ifMissing = IF_MISSING,
): Promise<readonly string[]> {
  return (await folder.list!(ifMissing)).files; // a server has one file, above
}

async function readSplit(
  folder: Folder,
  names: readonly string[],
  options: TableOptions,
): Promise<Dataset> {
  const shards: Dataset[] = [];
  for (const name of names) {
    const read = readerOf(folder.pathOf(name), name, options);
    shards.push(await read(await folder.open(name, IF_MISSING)));
  }
  return checkHasRows(joinShards(shards), folder.pathOf(names[0]!));
}

function checkHasRows(dataset: Dataset, path: string): Dataset {
  if (dataset.length > 0) return dataset;
  throw new RangeError(`Cannot read ${path}: it has no rows`);
}
