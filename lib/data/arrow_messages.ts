/**
 * The messages of Arrow IPC: a schema, dictionaries and batches of rows, one
 * after the other in a stream, or found through the footer of a file.
 *
 * Source: https://arrow.apache.org/docs/format/Columnar.html#serialization-and-interprocess-communication-ipc
 *
 * @module
 */
import {
  type ArrowSchema,
  decodeMetadata,
  decodeSchema,
} from "./arrow_schema.ts";
import { FlatTable } from "./flatbuffer.ts";

/** Compression of a body, by its number in the format. */
export type Codec = "LZ4_FRAME" | "ZSTD";
const CODECS: readonly Codec[] = ["LZ4_FRAME", "ZSTD"];

/** Rows of all columns, or the values of one dictionary. */
export interface Batch {
  /** Number of rows. */
  readonly length: number;
  /** Number of values and of missing ones, by column, depth first. */
  readonly nodes: readonly (readonly number[])[];
  /** Offset and size in the body, by buffer. */
  readonly buffers: readonly (readonly number[])[];
  /** Number of data buffers, by column of views. */
  readonly variadicCounts: readonly number[];
  readonly codec?: Codec;
  readonly body: Uint8Array;
  /** Whether unions have a validity bitmap, as in version 4 of the format. */
  readonly isVersion4: boolean;
}

/** A batch of a dictionary. */
export interface DictionaryBatch {
  readonly id: number;
  /** Whether it extends the dictionary rather than replace it. */
  readonly isDelta: boolean;
  readonly batch: Batch;
}

/** A file or stream: its schema, and its batches in order. */
export interface Messages {
  readonly schema: ArrowSchema;
  readonly batches: readonly (Batch | DictionaryBatch)[];
}

const MAGIC = "ARROW1";
const HEADERS = ["none", "schema", "dictionary", "batch", "tensor", "tensor"];
/** First four bytes of a message, before its size; absent before version 0.15 of Arrow. */
const CONTINUATION = -1;
/** Versions 4 and 5 of the format; earlier ones were never stable. */
const VERSIONS = [3, 4];
/** Key of an experimental compression, before the format had one. */
const EXPERIMENTAL = "ARROW:experimental_compression";

interface Message {
  readonly kind: string;
  readonly header: FlatTable;
  readonly body: Uint8Array;
  readonly isVersion4: boolean;
  /** Offset of the byte after it. */
  readonly end: number;
}

/**
 * Reads the messages of a stream.
 *
 * @param bytes The stream.
 * @returns Its schema and batches.
 * @throws {Error} If a message continues past the end, or another follows the last.
 */
export function readStream(bytes: Uint8Array): Messages {
  const first = readMessage(bytes, 0);
  if (first?.kind !== "schema") throw new Error("it begins without a schema");
  const schema = decodeSchema(first.header);
  const batches: (Batch | DictionaryBatch)[] = [];
  let at = first.end;
  for (;;) {
    const message = readMessage(bytes, at);
    if (!message) break;
    batches.push(toBatch(message));
    at = message.end;
  }
  const end = at + 8;
  if (end !== bytes.length) {
    throw new Error(`it ends at byte ${end} of ${bytes.length}`);
  }
  return { schema, batches };
}

/**
 * Reads the messages of a file, with the dictionaries first.
 *
 * @param bytes The file, which begins and ends with the magic bytes.
 * @returns Its schema and batches.
 * @throws {Error} If the footer cannot be read, or points outside the file.
 */
export function readFile(bytes: Uint8Array): Messages {
  const end = bytes.length - MAGIC.length - 4;
  const size = end < 8 ? 0 : viewOf(bytes).getInt32(end, true);
  const start = end - size;
  if (size <= 0 || start < 8) {
    throw new Error(`its footer declares ${size} of ${bytes.length} bytes`);
  }
  const footer = FlatTable.root(bytes.subarray(start, end));
  checkVersion(footer);
  const table = footer.table(1);
  if (!table) throw new Error("its footer has no schema");
  decodeMetadata(footer, 4);
  const blocks = [2, 3].map((field) =>
    footer.structs(field, 24, [[0, "BigInt64"], [8, "Int32"], [16, "BigInt64"]])
  );
  const batches = blocks.map((places) =>
    places.map((place) => toBatch(readBlock(bytes.subarray(0, start), place)))
  );
  if (
    batches[0]!.some((batch) => !("id" in batch)) ||
    batches[1]!.some((batch) => "id" in batch)
  ) {
    throw new Error(
      "its footer takes dictionaries for rows, or the other way round",
    );
  }
  return { schema: decodeSchema(table), batches: batches.flat() };
}

/** Reads the message of a place in the footer: its offset, and sizes of its metadata and body. */
function readBlock(bytes: Uint8Array, place: readonly number[]): Message {
  const [offset, metadataSize, bodySize] = place as [number, number, number];
  const message = place.every((number) => number >= 0 && number % 8 === 0)
    ? readMessage(bytes, offset)
    : undefined;
  if (
    !message || message.body.length !== bodySize ||
    message.end !== offset + metadataSize + bodySize
  ) {
    throw new Error(
      `its footer declares a message of ${metadataSize} and ${bodySize} bytes at byte ${offset}`,
    );
  }
  return message;
}

/** Reads a message; `undefined` where the stream declares its end. */
function readMessage(bytes: Uint8Array, offset: number): Message | undefined {
  const view = viewOf(bytes);
  let at = offset;
  const next = () => {
    if (at + 4 > bytes.length) {
      throw new Error(`a message is missing at byte ${at}`);
    }
    at += 4;
    return view.getInt32(at - 4, true);
  };
  let size = next();
  if (size === CONTINUATION) size = next();
  if (size === 0) return undefined;
  const start = at + size;
  if (size < 0 || start > bytes.length) {
    throw new Error(`a message declares ${size} bytes at byte ${at}`);
  }
  const root = FlatTable.root(bytes.subarray(at, start));
  const version = checkVersion(root);
  const header = root.table(2);
  const bodySize = root.number(3, "BigInt64");
  if (bodySize < 0 || start + bodySize > bytes.length) {
    throw new Error(`a message declares a body of ${bodySize} bytes`);
  }
  if (decodeMetadata(root, 4).has(EXPERIMENTAL)) {
    throw new Error("its compression precedes version 1 of Arrow");
  }
  const kind = HEADERS[root.number(1, "Uint8")];
  if (!header || !kind) throw new Error("a message is of no known kind");
  const end = start + bodySize;
  return {
    kind,
    header,
    body: bytes.subarray(start, end),
    isVersion4: version === VERSIONS[0],
    end,
  };
}

function checkVersion(table: FlatTable): number {
  const version = table.number(0, "Int16");
  if (VERSIONS.includes(version)) return version;
  throw new Error(`it is of version ${version + 1} of the format`);
}

function toBatch(message: Message): Batch | DictionaryBatch {
  const { kind, header } = message;
  if (kind === "batch") return decodeBatch(header, message);
  const data = kind === "dictionary" ? header.table(1) : undefined;
  if (!data) throw new Error(`a message of the kind ${kind} is out of place`);
  return {
    id: header.number(0, "BigInt64"),
    isDelta: header.number(2, "Uint8") !== 0,
    batch: decodeBatch(data, message),
  };
}

function decodeBatch(table: FlatTable, { body, isVersion4 }: Message): Batch {
  const compression = table.table(3);
  const codec = compression && CODECS[compression.number(0, "Uint8")];
  if (compression && (!codec || compression.number(1, "Uint8") !== 0)) {
    throw new Error("its compression is neither LZ4_FRAME nor ZSTD");
  }
  const pairs = [[0, "BigInt64"], [8, "BigInt64"]] as const;
  return {
    length: table.number(0, "BigInt64"),
    nodes: table.structs(1, 16, pairs),
    buffers: table.structs(2, 16, pairs),
    variadicCounts: table.structs(4, 8, [[0, "BigInt64"]])
      .map(([count]) => count!),
    ...(codec && { codec }),
    body,
    isVersion4,
  };
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
