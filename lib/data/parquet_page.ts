/**
 * The pages of a Parquet file: reads their headers and checks them against the
 * bytes, since hyparquet trusts every count of a page.
 *
 * @module
 */
import {
  deltaBinaryUnpack,
  getMaxDefinitionLevel,
  getMaxRepetitionLevel,
  type PageHeader,
  readDataPage,
  readDataPageV2,
  readRleBitPackedHybrid,
  type SchemaTree,
} from "./hyparquet.ts";
import { checkDeltas, checkRuns, narrowFirstValue } from "./parquet_checks.ts";
import type { Levels } from "./parquet_rows.ts";

/** Type and schema of a column, as hyparquet takes them. */
export type Decoder = Parameters<typeof readDataPageV2>[2];

/** Views bytes in the form that hyparquet reads. */
export function viewOf(bytes: Uint8Array): DataView<ArrayBuffer> {
  const { buffer, byteOffset, length } = bytes as Uint8Array<ArrayBuffer>;
  return new DataView(buffer, byteOffset, length);
}

/** Tells whether a header field is a valid count. */
export function isCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0;
}

/** Returns the header fields that are specific to data page version 2. */
export function version2Of(
  header: PageHeader,
): PageHeader["data_page_header_v2"] {
  return header.type === "DATA_PAGE_V2"
    ? header.data_page_header_v2
    : undefined;
}

/** Returns the number of values of a page, including missing ones. */
export function countOf(header: PageHeader): number {
  const { type } = header;
  const fields = type === "DATA_PAGE"
    ? header.data_page_header
    : type === "DICTIONARY_PAGE"
    ? header.dictionary_page_header
    : version2Of(header);
  if (isCount(fields?.num_values)) return fields.num_values;
  throw new Error(
    `a page of type ${type} declares ${fields?.num_values} values`,
  );
}

/** The values of a page, with their levels. */
export interface Page extends Levels {
  /** Number of values, including missing ones. */
  readonly count: number;
  /** The values that are present, or indices of the dictionary. */
  readonly values: ArrayLike<unknown>;
  readonly areIndices: boolean;
}

/**
 * Reads a data page.
 *
 * @param page The page, decompressed: its levels, then its values.
 * @param header Its header.
 * @param decoder Type and schema of the column.
 * @param onBytes Called with the bytes that its texts share as prefixes, before they are read.
 * @returns The values and their levels.
 * @throws {Error} If it declares more than it has.
 */
export function readDataValues(
  page: Uint8Array,
  header: PageHeader,
  decoder: Decoder,
  onBytes: (bytes: number) => void,
): Page {
  const v2 = version2Of(header);
  const { missing, prefixBytes } = checkPage(page, header, decoder.schemaPath);
  onBytes(prefixBytes);
  const count = countOf(header);
  const fields = (v2 ?? header.data_page_header)!;
  // A page of missing values alone may lack the bytes that another encoding starts with.
  const encoding = missing === count ? "PLAIN" as const : fields.encoding;
  const { dataPage, definitionLevels, repetitionLevels } = v2
    ? readDataPageV2(page, {
      ...header,
      compressed_page_size: page.length,
      uncompressed_page_size: page.length,
      data_page_header_v2: {
        ...v2,
        num_nulls: missing,
        encoding,
        is_compressed: false,
      },
    }, decoder)
    : readDataPage(page, { ...header.data_page_header!, encoding }, decoder);
  return {
    count,
    values: dataPage,
    areIndices: /_DICTIONARY$/.test(encoding),
    definitions: definitionLevels?.length ? definitionLevels : undefined,
    repetitions: repetitionLevels.length > 0 ? repetitionLevels : undefined,
  };
}

/** Checks the levels and values of a page; returns the missing values, and the bytes that its texts share as prefixes. */
function checkPage(
  page: Uint8Array,
  header: PageHeader,
  path: SchemaTree[],
): { missing: number; prefixBytes: number } {
  const v2 = version2Of(header);
  const { encoding } = (v2 ?? header.data_page_header)!;
  const count = countOf(header);
  const { type } = path.at(-1)!.element;
  const { missing, offset } = checkLevels(page, header, path);
  const present = count - missing;
  const checked = { missing, prefixBytes: 0 };
  if (present === 0) return checked;
  const isBoolean = type === "BOOLEAN";
  const isDictionary = /_DICTIONARY$/.test(encoding);
  if (encoding === "RLE" && (v2 || isBoolean) || isDictionary && isBoolean) {
    checkRuns(page, offset + 4, 1, present);
  } else if (encoding === "RLE" || isDictionary) {
    const width = page[offset] ?? 0;
    checkRuns(page, offset + 1, width, width > 0 || v2 ? present : 0);
  } else if (/^DELTA_/.test(encoding)) {
    const end = checkDeltas(page, offset, present);
    if (type === "INT32") narrowFirstValue(page, offset);
    if (encoding !== "DELTA_BYTE_ARRAY") return checked;
    // Two such lists: lengths of the prefix shared with the previous text, and of the rest.
    checkDeltas(page, end, present);
    const prefixes = new Int32Array(present);
    deltaBinaryUnpack({ view: viewOf(page), offset }, present, prefixes);
    checked.prefixBytes = prefixes
      .reduce((sum, length) => sum + Math.max(0, length), 0);
  }
  return checked;
}

/** Checks the levels of a page; returns the missing values, and the offset of the others. */
function checkLevels(
  page: Uint8Array,
  header: PageHeader,
  path: SchemaTree[],
): { missing: number; offset: number } {
  const v2 = version2Of(header);
  const count = countOf(header);
  const maxima = [getMaxRepetitionLevel(path), getMaxDefinitionLevel(path)];
  const fields = header.data_page_header;
  const encodings = [
    fields?.repetition_level_encoding,
    fields?.definition_level_encoding,
  ];
  const sizes = [
    v2?.repetition_levels_byte_length,
    v2?.definition_levels_byte_length,
  ];
  let offset = 0;
  let missing = 0;
  maxima.forEach((max, i) => {
    const size = sizes[i];
    if (max > 0) {
      if (encodings[i] === "BIT_PACKED") {
        throw new Error("its levels are encoded as BIT_PACKED");
      }
      const levels = new Uint8Array(count);
      // In version 1 the levels are preceded by their size.
      checkRuns(
        page,
        size === undefined ? offset + 4 : offset,
        bitsOf(max),
        count,
      );
      const reader = { view: viewOf(page), offset };
      readRleBitPackedHybrid(reader, bitsOf(max), levels, size);
      if (levels.some((level) => level > max)) {
        throw new Error(`a page has a level above ${max}`);
      }
      if (size === undefined) offset = reader.offset;
      missing = levels.filter((level) => level !== max).length;
    }
    offset += size ?? 0;
  });
  return { missing: maxima[1]! > 0 ? missing : 0, offset };
}

/** Returns the bits needed for integers up to `max`. */
function bitsOf(max: number): number {
  return 32 - Math.clz32(max);
}
