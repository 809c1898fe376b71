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
  readRleBitPackedHybrid,
  type SchemaTree,
} from "./hyparquet.ts";
import { checkDeltas, checkRuns } from "./parquet_checks.ts";

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

/** Returns the header of the page after decompression to `size` bytes. */
export function asUncompressed(header: PageHeader, size: number): PageHeader {
  const v2 = version2Of(header);
  return {
    ...header,
    compressed_page_size: size,
    uncompressed_page_size: size,
    ...v2 ? { data_page_header_v2: { ...v2, is_compressed: false } } : {},
  };
}

/** Checks the levels and values of a page; returns the bytes that its texts share as prefixes. */
export function checkPage(
  page: Uint8Array,
  header: PageHeader,
  path: SchemaTree[],
): number {
  const v2 = version2Of(header);
  const { encoding } = (v2 ?? header.data_page_header)!;
  const count = countOf(header);
  const view = viewOf(page);
  const isBoolean = path.at(-1)!.element.type === "BOOLEAN";
  let offset = v2 ? v2.repetition_levels_byte_length : 0;
  let missing = v2 ? v2.num_nulls : 0;
  const [repetitions, definitions] = [
    getMaxRepetitionLevel(path),
    getMaxDefinitionLevel(path),
  ];
  if (v2) {
    checkRuns(page, 0, bitsOf(repetitions), repetitions > 0 ? count : 0);
    checkRuns(page, offset, bitsOf(definitions), definitions > 0 ? count : 0);
    offset += v2.definition_levels_byte_length;
  } else {
    // Repetition and definition levels, if any, are each preceded by their size.
    for (const max of [repetitions, definitions]) {
      if (max === 0) continue;
      checkRuns(page, offset + 4, bitsOf(max), count);
      const levels = new Uint8Array(count);
      const reader = { view, offset };
      readRleBitPackedHybrid(reader, bitsOf(max), levels);
      offset = reader.offset;
      missing = levels.filter((level) => level !== definitions).length;
    }
  }
  const present = count - missing;
  if (!isCount(present)) {
    throw new Error(`a page lacks ${missing} of ${count} values`);
  }
  const isDictionary = /_DICTIONARY$/.test(encoding);
  if (encoding === "RLE" && (v2 || isBoolean) || isDictionary && isBoolean) {
    checkRuns(page, offset + 4, 1, present);
  } else if (encoding === "RLE" || isDictionary) {
    const width = page[offset] ?? 0;
    checkRuns(page, offset + 1, width, width > 0 || v2 ? present : 0);
  } else if (/^DELTA_/.test(encoding)) {
    const end = checkDeltas(page, offset, present);
    if (encoding !== "DELTA_BYTE_ARRAY") return 0;
    // Two such lists: lengths of the prefix shared with the previous text, and of the rest.
    checkDeltas(page, end, present);
    const prefixes = new Int32Array(present);
    deltaBinaryUnpack({ view, offset }, present, prefixes);
    return prefixes.reduce((sum, length) => sum + Math.max(0, length), 0);
  }
  return 0;
}

/** Returns the bits needed for integers up to `max`. */
function bitsOf(max: number): number {
  return 32 - Math.clz32(max);
}
