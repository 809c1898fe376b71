/**
 * Reads a file of any supported format as a data set.
 *
 * @module
 */
import { checkOptions } from "../check_options.ts";
import { readArrow } from "./arrow.ts";
import { readCsv, readTsv, TABLE_OPTIONS, type TableOptions } from "./csv.ts";
import type { Dataset } from "./dataset.ts";
import { readBytes, readTextPieces } from "./files.ts";
import { readJson } from "./json_array.ts";
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
  tsv: (path, options) => readTsv(readTextPieces(path), path, options),
  csv: (path, options) => readCsv(readTextPieces(path), path, options),
  jsonl: (path) => readJsonl(readTextPieces(path), path),
  json: (path) => readJson(readTextPieces(path), path),
};

/**
 * Reads one file: `.arrow`, `.parquet`, `.tsv`, `.csv`, `.jsonl` or `.json`.
 *
 * @param path The file.
 * @param options Delimited text: column names if it has no header, delimiter, label columns.
 * @returns The rows of the file; there may be none.
 * @throws {RangeError} If the file has another extension, or a delimiter is given for one that has none.
 * @throws {TypeError} If an option has an unknown name.
 * @throws {SyntaxError} If the contents do not match the extension, or are incomplete.
 * @throws {Error} If the file is missing, empty, or cannot be read.
 */
export async function loadDataFile(
  path: string,
  options: TableOptions = {},
): Promise<Dataset> {
  checkOptions(`read ${path}`, options, TABLE_OPTIONS);
  const extension = EXTENSIONS.find((known) => path.endsWith(`.${known}`));
  if (extension === undefined) {
    throw new RangeError(
      `Cannot read ${path}: its extension must be one of ${
        EXTENSIONS.map((known) => `.${known}`).join(", ")
      }; rename it, or write it in one of these formats`,
    );
  }
  const { delimiter } = options;
  if (delimiter !== undefined && !/^[ct]sv$/.test(extension)) {
    throw new RangeError(
      `Cannot read ${path} with the delimiter ${
        JSON.stringify(delimiter)
      }: only .csv and .tsv have one; leave it out`,
    );
  }
  return await READERS[extension](path, options);
}
