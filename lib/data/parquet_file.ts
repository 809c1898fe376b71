/**
 * Reads the footer of a Parquet file, and its columns page by page.
 *
 * @module
 */
import { checkStruct } from "./parquet_checks.ts";
import {
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
  readPlain,
  type SchemaTree,
} from "./hyparquet.ts";
import {
  countOf,
  isCount,
  readDataValues,
  version2Of,
  viewOf,
} from "./parquet_page.ts";
import { RowAssembler } from "./parquet_rows.ts";

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
type DecodedArray = Parameters<typeof convert>[0];

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
    const firstLeaf = leavesOf(this.fields.slice(0, index));
    const values: unknown[] = [];
    for (const { columns, num_rows: rows } of this.metadata.row_groups) {
      const { meta_data: chunk, file_path: otherFile } = columns[firstLeaf] ??
        {};
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
    const assembler = new RowAssembler(path);
    let dictionary: ArrayLike<unknown> | undefined;
    while (
      reader.offset < size - 1 && !(isFlat && assembler.rows.length >= rows)
    ) {
      checkStruct(bytes, reader.offset);
      const header = parquetHeader(reader);
      const compressed = bytes.subarray(reader.offset);
      const page = this.#decompress(header, compressed, chunk.codec);
      reader.offset += header.compressed_page_size;
      if (header.type === "DICTIONARY_PAGE") {
        const values = { view: viewOf(page), offset: 0 };
        const { type_length: length } = element;
        dictionary = convert(
          readPlain(values, chunk.type, countOf(header), length),
          decoder,
        );
        continue;
      }
      const { values, count, areIndices, ...levels } = readDataValues(
        page,
        header,
        decoder,
        (bytes) => this.#spend(0, bytes),
      );
      assembler.append(
        areIndices
          ? lookUp(dictionary, values as ArrayLike<number>)
          : convert(values as DecodedArray, decoder),
        count,
        levels,
      );
    }
    return assembler.rows;
  }

  /** Decompresses a page, and checks the sizes that it declares. */
  #decompress(
    header: PageHeader,
    bytes: Uint8Array,
    codec: Codec,
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
    // Decompressors refuse the empty body of a page whose values are all missing.
    const body = size === levels
      ? new Uint8Array()
      : v2?.is_compressed === false
      ? rest
      : decompressPage(rest, size - levels, codec, CODECS);
    // A separate buffer, so that a read past the end of the page fails.
    const page = new Uint8Array(levels + body.length);
    page.set(bytes.subarray(0, levels));
    page.set(body, levels);
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

/** Returns the values of a dictionary at the given indices. */
function lookUp(
  dictionary: ArrayLike<unknown> | undefined,
  indices: ArrayLike<number>,
): unknown[] {
  return Array.from(indices, (index) => {
    if (dictionary !== undefined && index < dictionary.length) {
      return dictionary[index];
    }
    throw new Error(
      `a page has index ${index} of a dictionary of ${dictionary?.length ?? 0}`,
    );
  });
}

/** Counts the columns of primitive types below some fields. */
function leavesOf(fields: readonly Field[]): number {
  return fields.reduce(
    (sum, { children }) => sum + (children.length > 0 ? leavesOf(children) : 1),
    0,
  );
}
