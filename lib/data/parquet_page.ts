/**
 * A page of a Parquet file: what its header says, and whether its bytes bear it.
 * hyparquet believes every count that a page has.
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

/** The bytes as hyparquet reads them. */
export function viewOf(bytes: Uint8Array): DataView<ArrayBuffer> {
  const { buffer, byteOffset, length } = bytes as Uint8Array<ArrayBuffer>;
  return new DataView(buffer, byteOffset, length);
}

/** Whether a field of a header can be a number of things. */
export function isCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0;
}

/** What the header of a page of the second version has of its own. */
export function version2Of(
  header: PageHeader,
): PageHeader["data_page_header_v2"] {
  return header.type === "DATA_PAGE_V2"
    ? header.data_page_header_v2
    : undefined;
}

/** The values of a page, those that are missing too. */
export function countOf(header: PageHeader): number {
  const { type } = header;
  const fields = type === "DATA_PAGE"
    ? header.data_page_header
    : type === "DICTIONARY_PAGE"
    ? header.dictionary_page_header
    : version2Of(header);
  if (isCount(fields?.num_values)) return fields.num_values;
  throw new Error(`a page of type ${type} claims ${fields?.num_values} values`);
}

/** The header of the same page, unpacked. */
export function asUnpacked(header: PageHeader, size: number): PageHeader {
  const v2 = version2Of(header);
  return {
    ...header,
    compressed_page_size: size,
    uncompressed_page_size: size,
    ...v2 ? { data_page_header_v2: { ...v2, is_compressed: false } } : {},
  };
}

/** Checks a page's levels and values; gives the bytes that its texts share. */
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
    // Each kind of level has its size before it, where there is any.
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
  const wanted = count - missing;
  if (!isCount(wanted)) throw new Error(`a page lacks ${missing} of ${count}`);
  const isDictionary = /_DICTIONARY$/.test(encoding);
  if (encoding === "RLE" && (v2 || isBoolean) || isDictionary && isBoolean) {
    checkRuns(page, offset + 4, 1, wanted);
  } else if (encoding === "RLE" || isDictionary) {
    const width = page[offset] ?? 0;
    checkRuns(page, offset + 1, width, width > 0 || v2 ? wanted : 0);
  } else if (/^DELTA_/.test(encoding)) {
    const end = checkDeltas(page, offset, wanted);
    if (encoding !== "DELTA_BYTE_ARRAY") return 0;
    // Two such lists: how much of the text before is shared, and what is new.
    checkDeltas(page, end, wanted);
    const shared = new Int32Array(wanted);
    deltaBinaryUnpack({ view, offset }, wanted, shared);
    return shared.reduce((sum, length) => sum + Math.max(0, length), 0);
  }
  return 0;
}

/** Bits of a number up to `max`. */
function bitsOf(max: number): number {
  return 32 - Math.clz32(max);
}
