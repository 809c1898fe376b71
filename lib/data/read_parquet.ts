/**
 * Reads Parquet, through hyparquet, which is loaded with the first file: a bundle
 * that reads no Parquet lacks it.
 *
 * @module
 */
import type { Dataset } from "./dataset.ts";
import { type BinarySource, bytesOf } from "./files.ts";

/**
 * Reads a Parquet file of one or more row groups, uncompressed or compressed
 * with snappy, gzip, zstd, brotli or lz4. A file that declares more rows, values
 * or bytes than it has is refused before they are allocated (except with brotli,
 * where the decompressor allocates as much as the page demands).
 *
 * Columns of other types, and of 64-bit integers beyond ±2^53, are left out: to
 * read one throws, with the reason.
 *
 * @param content The contents of the file.
 * @param source The file's name, for errors.
 * @returns The table. 64-bit integers become JavaScript numbers, missing values `null`.
 * @throws {SyntaxError} If it is not a Parquet file, or incomplete.
 * @throws {RangeError} If every column is left out.
 */
export async function readParquet(
  content: BinarySource,
  source: string,
): Promise<Dataset> {
  const { parseParquet } = await import("./parquet.ts");
  return parseParquet(await bytesOf(content, source), source);
}
