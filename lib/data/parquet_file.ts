/**
 * Reads the footer of a Parquet file, and its columns page by page.
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
  asUncompressed,
  checkPage,
  countOf,
  isCount,
  version2Of,
  viewOf,
} from "./parquet_page.ts";

/** Limit of values, and of decompressed bytes, per byte of the file: gzip's highest ratio. */
const MAX_RATIO = 1000;
/** Limit of values per file, over all columns. */
const MAX_VALUES = 2 ** 27;
/** Limit of decompressed bytes per file. */
const MAX_BYTES = 2 ** 32;
/** Limit of nested groups: a list has two. */
const MAX_DEPTH = 16;

type ColumnChunk = NonNullable<
  FileMetaData["row_groups"][number]["columns"][number]["meta_data"]
>;
type Codec = ColumnChunk["codec"];
type Values = ReturnType<typeof convert>;

/** A column of the schema: a primitive type, or a group of fields. */
export type Field = SchemaTree;

/** A Parquet file. */
export class ParquetFile {
  /** The columns. */
  readonly fields: readonly Field[];
  /** Contents of the footer. */
  readonly metadata: FileMetaData;
  readonly #bytes: Uint8Array;
  readonly #schema: SchemaTree;
  /** Remaining budget of the pages. */
  readonly #left: { values: number; bytes: number };

  /**
   * Reads the footer.
   *
   * @param bytes The contents of the file.
   * @throws {Error} If it cannot be parsed, or declares more than a file of its size can hold.
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
   * @param index Index of the column, which is of a primitive type or a list of one.
   * @returns The values, one per row.
   * @throws {Error} If a page cannot be decoded, or declares more than it has.
   */
  column(index: number): unknown[] {
    const path = [this.#schema, this.fields[index]!];
    while (path.at(-1)!.children.length > 0) {
      path.push(path.at(-1)!.children[0]!);
      if (path.length > MAX_DEPTH) {
        throw new Error("its lists are nested too deeply");
      }
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

  /** Checks the declared rows and bytes against the size of the file. */
  #checkSizes(): void {
    const { num_rows: numRows, row_groups: groups } = this.metadata;
    const size = this.#bytes.length;
    if (numRows < 0 || numRows > this.#left.values) {
      throw new Error(`it declares ${numRows} rows in ${size} bytes`);
    }
    let [rows, bytes] = [0n, 0n];
    for (const group of groups) {
      rows += group.num_rows;
      for (const { meta_data: chunk } of group.columns) {
        bytes += chunk?.total_compressed_size ?? 0n;
      }
    }
    if (rows !== numRows) {
      throw new Error(
        `its row groups have ${rows} rows, but it declares ${numRows}`,
      );
    }
    if (bytes > size) {
      throw new Error(`its columns declare ${bytes} of ${size} bytes`);
    }
  }

  /** Reads the values of a column in one row group. */
  #readChunk(chunk: ColumnChunk, path: SchemaTree[], rows: number): unknown[] {
    const { element, path: leaf } = path.at(-1)!;
    const start = Number(
      chunk.dictionary_page_offset || chunk.data_page_offset,
    );
    const size = Number(chunk.total_compressed_size);
    if (!(start >= 0 && size >= 0 && start + size <= this.#bytes.length)) {
      throw new Error(`a column declares ${size} bytes from byte ${start}`);
    }
    if (chunk.type !== element.type) {
      throw new Error(
        `a column is ${element.type} in the schema and ${chunk.type} in a row group`,
      );
    }
    const bytes = this.#bytes.subarray(start, start + size);
    const reader = { view: viewOf(bytes), offset: 0 };
    const decoder = {
      pathInSchema: leaf,
      type: chunk.type,
      element,
      schemaPath: path,
      codec: "UNCOMPRESSED" as const, // after #decompress
      parsers: PARSERS,
    };
    const isFlat = isFlatColumn(path);
    const parts: Values[] = [];
    let dictionary: Values | undefined;
    let done = 0;
    while (reader.offset < size - 1 && !(isFlat && done >= rows)) {
      checkStruct(bytes, reader.offset);
      const header = parquetHeader(reader);
      const compressed = bytes.subarray(reader.offset);
      const page = this.#decompress(header, compressed, chunk.codec, path);
      reader.offset += header.compressed_page_size;
      const { data } = readPage(
        { view: viewOf(page), offset: 0 },
        asUncompressed(header, page.length),
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
      // Nullable values are appended to those of the previous page.
      if (data !== parts.at(-1)) parts.push(data!);
    }
    const values = parts.flatMap((part) => Array.from<unknown>(part));
    if (isFlat) return values;
    const lists = new Map([[leaf.join("."), values]]);
    assembleNested(lists, path[1]!, PARSERS);
    return lists.get(path[1]!.path.join("."))!;
  }

  /** Decompresses a page, and checks everything that it declares. */
  #decompress(
    header: PageHeader,
    bytes: Uint8Array,
    codec: Codec,
    path: SchemaTree[],
  ): Uint8Array {
    const { compressed_page_size: compressed, uncompressed_page_size: size } =
      header;
    const v2 = version2Of(header);
    const repetitions = v2 ? v2.repetition_levels_byte_length : 0;
    const definitions = v2 ? v2.definition_levels_byte_length : 0;
    const levels = repetitions + definitions;
    const sizes = [
      compressed,
      repetitions,
      definitions,
      compressed - levels,
      size - levels,
    ];
    if (!sizes.every(isCount) || compressed > bytes.length) {
      throw new Error(`a page declares ${compressed} of ${bytes.length} bytes`);
    }
    this.#spend(countOf(header), size);
    const rest = bytes.subarray(levels, compressed);
    const body = v2?.is_compressed === false
      ? rest
      : decompressPage(rest, size - levels, codec, CODECS);
    // A separate buffer, so that a read past the end of the page fails.
    const page = new Uint8Array(levels + body.length);
    page.set(bytes.subarray(0, levels));
    page.set(body, levels);
    if (header.type !== "DICTIONARY_PAGE") {
      this.#spend(0, checkPage(page, header, path));
    }
    return page;
  }

  /** Subtracts from the remaining budget. */
  #spend(values: number, bytes: number): void {
    this.#left.values -= values;
    this.#left.bytes -= bytes;
    if (this.#left.values < 0 || this.#left.bytes < 0) {
      throw new Error(
        `its pages declare more than ${MAX_RATIO} values or bytes per byte of the file, or more than fits in memory`,
      );
    }
  }
}
