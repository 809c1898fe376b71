/**
 * A file as a data set, whatever its format.
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

/** How to read a file, by the end of its name. */
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
 * Reads one file; its name ends in `.arrow`, `.parquet`, `.tsv`, `.csv` or `.jsonl`.
 *
 * @param path The file.
 * @param options Names of columns, for a table as text without a header.
 * @returns Its rows, perhaps none.
 * @throws {RangeError} If its name has another end.
 * @throws {SyntaxError} If the file is not what its name says, or not a whole one.
 * @throws {Error} If it is missing, empty, or may not be read.
 */
export async function loadDataFile(
  path: string,
  options: TableOptions = {},
): Promise<Dataset> {
  const extension = EXTENSIONS.find((end) => path.endsWith(`.${end}`));
  if (extension === undefined) {
    throw new RangeError(
      `Cannot read ${path}: the end of its name must be one of ${
        EXTENSIONS.map((end) => `.${end}`).join(", ")
      }; rename it, or write it in one of these formats`,
    );
  }
  return await READERS[extension](path, options);
}
