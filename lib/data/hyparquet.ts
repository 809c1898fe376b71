/**
 * hyparquet, with decompressors that are bounded by the size of their output.
 *
 * One is not: a brotli page made for it can take more memory than it claims.
 *
 * @module
 */
import type { Compressors } from "npm:hyparquet@1.31.5";
import { DEFAULT_PARSERS } from "npm:hyparquet@1.31.5/src/convert.js";
import {
  compressors,
  decompressGzip,
  decompressLz4Raw,
  decompressZstd,
} from "npm:hyparquet-compressors@1.1.2";

export {
  type FileMetaData,
  type PageHeader,
  parquetMetadata,
  parquetSchema,
  type SchemaTree,
} from "npm:hyparquet@1.31.5";
export { assembleNested } from "npm:hyparquet@1.31.5/src/assemble.js";
export { parquetHeader, readPage } from "npm:hyparquet@1.31.5/src/column.js";
export { convert } from "npm:hyparquet@1.31.5/src/convert.js";
export { decompressPage } from "npm:hyparquet@1.31.5/src/datapage.js";
export { deltaBinaryUnpack } from "npm:hyparquet@1.31.5/src/delta.js";
export { readRleBitPackedHybrid } from "npm:hyparquet@1.31.5/src/encoding.js";
export {
  getMaxDefinitionLevel,
  getMaxRepetitionLevel,
  isFlatColumn,
} from "npm:hyparquet@1.31.5/src/schema.js";

/** How the pages of a column are unpacked. */
export const CODECS: Compressors = {
  ...compressors,
  GZIP: (input, length) => {
    // Without its mark the decompressor may begin anew for ever.
    if (input[0] !== 31 || input[1] !== 139) throw new Error("no gzip data");
    return decompressGzip(input, length);
  },
  // It takes the one byte of an empty page for a broken one.
  LZ4_RAW: (input, length) =>
    length === 0 ? new Uint8Array() : decompressLz4Raw(input, length),
  // Without an output the data itself says how much memory it takes.
  ZSTD: (input, length) => decompressZstd(input, new Uint8Array(length)),
};
// This framing, which Parquet has given up, can send its reader backwards.
delete CODECS.LZ4;

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** How the values of rich types are made. */
export const PARSERS = {
  ...DEFAULT_PARSERS,
  stringFromBytes: (text: Uint8Array): string => text && UTF8.decode(text),
};
