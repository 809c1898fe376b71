/**
 * Reads a file of any supported format as a data set.
 *
 * @module
 */
import { readArrow } from "./arrow.ts";
import { readCsv, readTsv, type TableOptions } from "./csv.ts";
import type { Dataset } from "./dataset.ts";
import { readBytes, readText } from "./files.ts";
import { readJsonl } from "./jsonl.ts";
import { readParquet } from "./parquet.ts";
import { type Extension, EXTENSIONS } from "./split_files.ts";

/** Readers by file extension. */
const READERS: Record<
  Extension,
  (path: string, options: TableOptions) => Promise<Dataset>
> = {
  arrow: async (path) => readArrow(await readBytes(path), path),
  parquet: async (path) => readParquet(await readBytes(path), path),
  tsv: async (path, options) => readTsv(await readText(path), path, options),
  csv: async (path, options) => readCsv(await readText(path), path, options),
  jsonl: async (path) => readJsonl(await readText(path), path),
};

/**
 * Reads one file: `.arrow`, `.parquet`, `.tsv`, `.csv` or `.jsonl`.
 *
 * @param path The file.
 * @param options Column names, for delimited text without a header.
 * @returns The rows of the file; there may be none.
 * @throws {RangeError} If the file has another extension.
 * @throws {SyntaxError} If the contents do not match the extension, or are incomplete.
 * @throws {Error} If the file is missing, empty, or cannot be read.
 */
export async function loadDataFile(
  path: string,
  options: TableOptions = {},
): Promise<Dataset> {
  const extension = EXTENSIONS.find((known) => path.endsWith(`.${known}`));
  if (extension === undefined) {
    throw new RangeError(
      `Cannot read ${path}: its extension must be one of ${
        EXTENSIONS.map((known) => `.${known}`).join(", ")
      }; rename it, or write it in one of these formats`,
    );
  }
  return await READERS[extension](path, options);
}
