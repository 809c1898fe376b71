/**
 * Reads a file of any supported format as a data set.
 *
 * @module
 */
import { checkOptions } from "../check_options.ts";
import type { FileSource, OpenFile } from "../files/folder.ts";
import { openFile, pathOf, urlOf } from "../files/open_folder.ts";
import { readArrow } from "./arrow.ts";
import { readCsv, readTsv, TABLE_OPTIONS, type TableOptions } from "./csv.ts";
import type { Dataset } from "./dataset.ts";
import { readBytes, readTextPieces } from "./files.ts";
import { readJson } from "./json_array.ts";
import { readJsonl } from "./jsonl.ts";
import { readParquet } from "./read_parquet.ts";
import { type Extension, EXTENSIONS } from "./split_files.ts";

/** Readers by file extension. */
const READERS: Record<
  Extension,
  (file: OpenFile, options: TableOptions) => Promise<Dataset>
> = {
  arrow: async (file) => await readArrow(await readBytes(file), file.path),
  parquet: async (file) => await readParquet(await readBytes(file), file.path),
  tsv: (file, options) => readTsv(readTextPieces(file), file.path, options),
  csv: (file, options) => readCsv(readTextPieces(file), file.path, options),
  jsonl: (file) => readJsonl(readTextPieces(file), file.path),
  json: (file) => readJson(readTextPieces(file), file.path),
};

/** Remedy of a file that is not there. */
export const IF_MISSING = " or folder; check the path";

/**
 * Reads one file: `.arrow`, `.parquet`, `.tsv`, `.csv`, `.jsonl` or `.json`.
 *
 * @param source Path, URL, or a `File`: `new File([bytes], "train.csv")` names bytes.
 * @param options Delimited text: column names if it has no header, delimiter, label columns.
 * @returns The rows of the file; there may be none.
 * @throws {RangeError} If the file has another extension, or a delimiter is given for one that has none.
 * @throws {TypeError} If an option has an unknown name.
 * @throws {SyntaxError} If the contents do not match the extension, or are incomplete.
 * @throws {Error} If the file is missing, empty, or cannot be read.
 */
export async function loadDataFile(
  source: FileSource,
  options: TableOptions = {},
): Promise<Dataset> {
  const path = pathOf(source);
  const read = readerOf(path, urlOf(source)?.pathname ?? path, options);
  return await read(await openFile(source, IF_MISSING));
}

/**
 * Finds the reader of a file by its extension.
 *
 * @param path Path of the file, for errors.
 * @param name Its name, with the extension.
 * @param options Delimited text: as for {@linkcode loadDataFile}.
 * @returns Reads the open file, and closes it.
 * @throws {RangeError | TypeError} As {@linkcode loadDataFile}.
 */
export function readerOf(
  path: string,
  name: string,
  options: TableOptions,
): (file: OpenFile) => Promise<Dataset> {
  checkOptions(`read ${path}`, options, TABLE_OPTIONS);
  const extension = EXTENSIONS.find((known) => name.endsWith(`.${known}`));
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
  return (file) => READERS[extension](file, options);
}
