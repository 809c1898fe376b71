/**
 * The parts of a Parquet file: its footer, and its columns page by page.
 *
 * @module
 */
import { checkStruct } from "./parquet_checks.ts";
import {
  assembleNested,
  CODECS,
  convert,
  decompressPage,
  type FileMetaData,
  isFlatColumn,
  type PageHeader,
  parquetHeader,
  parquetMetadata,
  parquetSchema,
  PARSERS,
  readPage,
  type SchemaTree,
} from "./hyparquet.ts";
import {
  asUnpacked,
  checkPage,
  countOf,
  isCount,
  version2Of,
  viewOf,
} from "./parquet_page.ts";

/** What a byte of a file may stand for, in values and in bytes unpacked: as much as gzip packs. */
const MAX_RATIO = 1000;
/** Values of a file, all columns together. */
const MAX_VALUES = 2 ** 27;
/** Bytes of its pages, unpacked. */
const MAX_BYTES = 2 ** 32;
/** Groups within each other: a list is two. */
const MAX_DEPTH = 16;

type ColumnChunk = NonNullable<
  FileMetaData["row_groups"][number]["columns"][number]["meta_data"]
>;
type Codec = ColumnChunk["codec"];
type Values = ReturnType<typeof convert>;

/** A column as the schema has it: of one type, or a group of others. */
export type Field = SchemaTree;

/** A file in Parquet. */
export class ParquetFile {
  /** The columns. */
  readonly fields: readonly Field[];
  /** What the footer says. */
  readonly metadata: FileMetaData;
  readonly #bytes: Uint8Array;
  readonly #schema: SchemaTree;
  /** What the pages may still have. */
  readonly #left: { values: number; bytes: number };

  /**
   * Reads the footer.
   *
   * @param bytes The whole file.
   * @throws {Error} If it cannot be parsed, or claims more than a file of its size can hold.
   */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#left = {
      values: Math.min(MAX_VALUES, MAX_RATIO * bytes.length),
      bytes: Math.min(MAX_BYTES, MAX_RATIO * bytes.length),
    };
    const end = bytes.length - 8;
    const length = viewOf(bytes).getUint32(end, true);
    checkStruct(bytes.subarray(0, end), Math.max(0, end - length));
    this.metadata = parquetMetadata(bytes, { geoparquet: false });
    this.#schema = parquetSchema(this.metadata);
    this.fields = this.#schema.children;
    this.#checkSizes();
  }

  /**
   * Reads a column.
   *
   * @param index Its place; of one type, or a list of values of one type.
   * @returns Its values, a row each.
   * @throws {Error} If a page cannot be decoded, or claims more than it has.
   */
  column(index: number): unknown[] {
    const path = [this.#schema, this.fields[index]!];
    while (path.at(-1)!.children.length > 0) {
      path.push(path.at(-1)!.children[0]!);
      if (path.length > MAX_DEPTH) throw new Error("its lists are too deep");
    }
    const leaf = path.at(-1)!.path.join(".");
    const values: unknown[] = [];
    for (const { columns, num_rows: rows } of this.metadata.row_groups) {
      const { meta_data: chunk, file_path: otherFile } = columns[index] ?? {};
      if (chunk?.path_in_schema.join(".") !== leaf || otherFile) {
        throw new Error(`a row group lacks column "${leaf}"`);
      }
      const end = values.length + Number(rows);
      for (const value of this.#readChunk(chunk, path, Number(rows))) {
        values.push(value);
      }
      if (values.length !== end) {
        throw new Error(`column "${leaf}" has ${values.length} of ${end} rows`);
      }
    }
    return values;
  }

  /** Keeps a small file from claiming more than any memory holds. */
  #checkSizes(): void {
    const { num_rows: numRows, row_groups: groups } = this.metadata;
    const size = this.#bytes.length;
    if (numRows < 0 || numRows > this.#left.values) {
      throw new Error(`it claims ${numRows} rows in ${size} bytes`);
    }
    let [rows, bytes] = [0n, 0n];
    for (const group of groups) {
      rows += group.num_rows;
      for (const { meta_data: chunk } of group.columns) {
        bytes += chunk?.total_compressed_size ?? 0n;
      }
    }
    if (rows !== numRows) {
      throw new Error(`its groups have ${rows} rows and it claims ${numRows}`);
    }
    if (bytes > size) {
      throw new Error(`its columns claim ${bytes} of ${size} bytes`);
    }
  }

  /** The values of a column in one row group. */
  #readChunk(chunk: ColumnChunk, path: SchemaTree[], rows: number): unknown[] {
    const { element, path: leaf } = path.at(-1)!;
    const start = Number(
      chunk.dictionary_page_offset || chunk.data_page_offset,
    );
    const size = Number(chunk.total_compressed_size);
    if (!(start >= 0 && size >= 0 && start + size <= this.#bytes.length)) {
      throw new Error(`a column claims ${size} bytes from byte ${start}`);
    }
    if (chunk.type !== element.type) {
      throw new Error(`a column of ${element.type} has ${chunk.type}`);
    }
    const bytes = this.#bytes.subarray(start, start + size);
    const reader = { view: viewOf(bytes), offset: 0 };
    const decoder = {
      pathInSchema: leaf,
      type: chunk.type,
      element,
      schemaPath: path,
      codec: "UNCOMPRESSED" as const, // once it is unpacked
      parsers: PARSERS,
    };
    const isFlat = isFlatColumn(path);
    const parts: Values[] = [];
    let dictionary: Values | undefined;
    let done = 0;
    while (reader.offset < size - 1 && !(isFlat && done >= rows)) {
      checkStruct(bytes, reader.offset);
      const header = parquetHeader(reader);
      const packed = bytes.subarray(reader.offset);
      const page = this.#unpack(header, packed, chunk.codec, path);
      reader.offset += header.compressed_page_size;
      const { data } = readPage(
        { view: viewOf(page), offset: 0 },
        asUnpacked(header, page.length),
        decoder,
        dictionary,
        parts.at(-1),
        0,
      );
      if (header.type === "DICTIONARY_PAGE") {
        dictionary = convert(data!, decoder);
        continue;
      }
      done += countOf(header);
      // Values that may be missing are put behind those of the page before.
      if (data !== parts.at(-1)) parts.push(data!);
    }
    const values = parts.flatMap((part) => Array.from<unknown>(part));
    if (isFlat) return values;
    const lists = new Map([[leaf.join("."), values]]);
    assembleNested(lists, path[1]!, PARSERS);
    return lists.get(path[1]!.path.join("."))!;
  }

  /** A page as it was before it was packed, once all it claims is checked. */
  #unpack(
    header: PageHeader,
    bytes: Uint8Array,
    codec: Codec,
    path: SchemaTree[],
  ): Uint8Array {
    const { compressed_page_size: packed, uncompressed_page_size: size } =
      header;
    const v2 = version2Of(header);
    const repetitions = v2 ? v2.repetition_levels_byte_length : 0;
    const definitions = v2 ? v2.definition_levels_byte_length : 0;
    const levels = repetitions + definitions;
    const sizes = [
      packed,
      repetitions,
      definitions,
      packed - levels,
      size - levels,
    ];
    if (!sizes.every(isCount) || packed > bytes.length) {
      throw new Error(`a page claims ${packed} of ${bytes.length} bytes`);
    }
    this.#take(countOf(header), size);
    const rest = bytes.subarray(levels, packed);
    const body = v2?.is_compressed === false
      ? rest
      : decompressPage(rest, size - levels, codec, CODECS);
    // A copy of its own: what reads past its end fails.
    const page = new Uint8Array(levels + body.length);
    page.set(bytes.subarray(0, levels));
    page.set(body, levels);
    if (header.type !== "DICTIONARY_PAGE") {
      this.#take(0, checkPage(page, header, path));
    }
    return page;
  }

  /** Takes from what the file may still have. */
  #take(values: number, bytes: number): void {
    this.#left.values -= values;
    this.#left.bytes -= bytes;
    if (this.#left.values < 0 || this.#left.bytes < 0) {
      throw new Error(
        `its pages claim more than ${MAX_RATIO} values or bytes a byte, or more than memory holds`,
      );
    }
  }
}
