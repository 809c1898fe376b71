/**
 * A folder of files as a data set.
 *
 * @module
 */
import { readArrow } from "./arrow.ts";
import { readCsv, readTsv } from "./csv.ts";
import type { Dataset } from "./dataset.ts";
import { DatasetDict } from "./dataset_dict.ts";
import { listFiles, readBytes, readText } from "./files.ts";
import { readJsonl } from "./jsonl.ts";

/** How to read a file, by the end of its name. */
const READERS: Record<string, (path: string) => Promise<Dataset>> = {
  arrow: async (path) => readArrow(await readBytes(path), path),
  tsv: async (path) => readTsv(await readText(path), path),
  csv: async (path) => readCsv(await readText(path), path),
  jsonl: async (path) => readJsonl(await readText(path), path),
};

/**
 * Reads the splits of a task: `train.EXT`, `validation.EXT` and, where there is
 * one, `test.EXT`, where EXT is `arrow`, `tsv`, `csv` or `jsonl`.
 *
 * @param path The folder.
 * @returns The splits.
 * @throws {SyntaxError} If a file is not what its name says, or not a whole one.
 * @throws {RangeError} If a split has two files or no rows.
 * @throws {Error} If the folder or a split is missing, a file is empty, or may not be read.
 */
export async function loadDataset(path: string): Promise<DatasetDict> {
  const names = await listFiles(path);
  const [train, validation, test] = [
    requireFile(path, "train", names),
    requireFile(path, "validation", names),
    findFile(path, "test", names),
  ];
  return new DatasetDict({
    train: await readSplit(path, train),
    validation: await readSplit(path, validation),
    ...(test && { test: await readSplit(path, test) }),
  });
}

/** The one file of a split, or `undefined` where there is none. */
function findFile(
  path: string,
  split: string,
  names: string[],
): string | undefined {
  const found = fileNames(split).filter((name) => names.includes(name));
  if (found.length > 1) {
    throw new RangeError(
      `Cannot load ${path}: it has ${
        found.join(" and ")
      } for one split; remove or rename all but one`,
    );
  }
  return found[0];
}

function requireFile(path: string, split: string, names: string[]): string {
  const file = findFile(path, split, names);
  if (file) return file;
  const parquet = names.some((name) => name.endsWith(".parquet"))
    ? "; Parquet cannot be read, convert it to one of these"
    : "";
  throw new Error(
    `Cannot load ${path}: it has no ${split} split; looked for ${
      fileNames(split).join(", ")
    } and found ${names.join(", ") || "no files"}${parquet}`,
  );
}

function fileNames(split: string): string[] {
  return Object.keys(READERS).map((extension) => `${split}.${extension}`);
}

async function readSplit(path: string, file: string): Promise<Dataset> {
  const extension = file.slice(file.lastIndexOf(".") + 1);
  const dataset = await READERS[extension]!(`${path}/${file}`);
  if (dataset.length === 0) {
    throw new RangeError(`Cannot read ${path}/${file}: it has no rows`);
  }
  return dataset;
}
