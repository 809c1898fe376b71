/**
 * hyparquet, with decompressors that are limited to the declared size of their
 * output; only brotli is not: a malicious page can take more memory than it
 * declares.
 *
 * @module
 */
import type { Compressors } from "npm:hyparquet@1.31.5";
import { DEFAULT_PARSERS } from "npm:hyparquet@1.31.5/src/convert.js";
import {
  compressors,
  decompressGzip,
  decompressZstd,
} from "npm:hyparquet-compressors@1.1.2";

export {
  type FileMetaData,
  type PageHeader,
  parquetMetadata,
  parquetSchema,
  type SchemaTree,
} from "npm:hyparquet@1.31.5";
export { parquetHeader } from "npm:hyparquet@1.31.5/src/column.js";
export { convert } from "npm:hyparquet@1.31.5/src/convert.js";
export {
  decompressPage,
  readDataPage,
  readDataPageV2,
} from "npm:hyparquet@1.31.5/src/datapage.js";
export { deltaBinaryUnpack } from "npm:hyparquet@1.31.5/src/delta.js";
export { readRleBitPackedHybrid } from "npm:hyparquet@1.31.5/src/encoding.js";
export { readPlain } from "npm:hyparquet@1.31.5/src/plain.js";
export {
  getMaxDefinitionLevel,
  getMaxRepetitionLevel,
  isFlatColumn,
} from "npm:hyparquet@1.31.5/src/schema.js";

/** Decompressors by codec. */
export const CODECS: Compressors = {
  ...compressors,
  GZIP: (input, length) => {
    // Without the magic bytes the decompressor can restart endlessly.
    if (input[0] !== 31 || input[1] !== 139) throw new Error("no gzip data");
    return decompressGzip(input, length);
  },
  // Without an output buffer the data itself would decide how much to allocate.
  ZSTD: (input, length) => decompressZstd(input, new Uint8Array(length)),
};
// This framing, deprecated by Parquet, can make its reader seek backwards.
delete CODECS.LZ4;

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Parsers of the logical types. */
export const PARSERS = {
  ...DEFAULT_PARSERS,
  stringFromBytes: (text: Uint8Array): string => text && UTF8.decode(text),
};
