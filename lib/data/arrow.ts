/**
 * Arrow IPC, the storage format of Hugging Face's datasets: files (Feather) and
 * streams. apache-arrow writes them; the reader is of this project, since that of
 * apache-arrow takes damaged ones for others.
 *
 * Source: https://arrow.apache.org/docs/format/Columnar.html#serialization-and-interprocess-communication-ipc
 *
 * @module
 */
import { readFile, readStream } from "./arrow_messages.ts";
import { type ArrowTable, readTable } from "./arrow_table.ts";
import { FEATURES_KEY, readLabelNames } from "./class_labels.ts";
import { Dataset } from "./dataset.ts";
import { type BinarySource, bytesOf } from "./files.ts";
import { checkAreSupported } from "./unsupported_columns.ts";
import { loadZstd } from "./zstd.ts";

/** Magic bytes of a file, at both ends; a stream has none. */
const MAGIC = "ARROW1";
/** The end of a stream: the mark of a message, and a size of 0. */
const END = "\xff\xff\xff\xff\0\0\0\0";

/**
 * Reads an Arrow IPC file or stream, uncompressed or compressed with LZ4 or
 * Zstandard. All of it is checked before the first row is read.
 *
 * @param content The contents of the file.
 * @param source The file's name, for errors.
 * @returns The table. Text is decoded when a row is read; 64-bit integers become
 * JavaScript numbers. Columns of other types than text, numbers, booleans and
 * lists of these are left out, and so are those with integers beyond ±2^53: see
 * `unsupportedColumns`.
 * @throws {SyntaxError} If it is Parquet, not an Arrow file, damaged, incomplete, or big-endian.
 * @throws {RangeError} If none of its columns can be read.
 */
export async function readArrow(
  content: BinarySource,
  source: string,
): Promise<Dataset> {
  const bytes = await bytesOf(content, source);
  checkMagic(bytes, source);
  let table: ArrowTable;
  let labelNames: Record<string, string[]>;
  try {
    const isFile = startsWith(bytes, MAGIC);
    const messages = isFile ? readFile(bytes) : readStream(bytes);
    const codecs = messages.batches.map((batch) =>
      "id" in batch ? batch.batch.codec : batch.codec
    );
    if (codecs.includes("ZSTD")) await loadZstd();
    table = readTable(messages, bytes.length);
    labelNames = readLabelNames(table.metadata.get(FEATURES_KEY));
  } catch (cause) {
    throw new SyntaxError(
      `Cannot read ${source}: it cannot be parsed as Arrow IPC (${
        (cause as Error).message
      }); write or download it again`,
      { cause },
    );
  }
  const { columns, unsupportedColumns } = table;
  if (Object.keys(columns).length === 0) {
    checkAreSupported(source, unsupportedColumns);
  }
  return new Dataset(columns, { source, labelNames, unsupportedColumns });
}

/** Checks the magic bytes at both ends. */
function checkMagic(bytes: Uint8Array, source: string): void {
  if (startsWith(bytes, "PAR1")) {
    throw new SyntaxError(
      `Cannot read ${source}: it is a Parquet file, not Arrow IPC; rename it to end in .parquet`,
    );
  }
  const end = startsWith(bytes, MAGIC) ? MAGIC : END;
  if (!startsWith(bytes.subarray(-end.length), end)) {
    throw new SyntaxError(
      `Cannot read ${source}: it is not an Arrow file, or the end of it is missing; write or download it again`,
    );
  }
}

/** Returns whether bytes begin with those of Latin-1 text. */
function startsWith(bytes: Uint8Array, text: string): boolean {
  return String.fromCharCode(...bytes.subarray(0, text.length)) === text;
}
