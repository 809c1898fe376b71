/**
 * Writes Parquet files of one column and one page with arbitrary declared counts,
 * in Thrift's compact protocol: https://parquet.apache.org/docs/file-format/metadata/
 *
 * @module
 */

/** A field of a struct: id, type in the protocol, bytes. */
type Field = readonly [id: number, type: number, bytes: readonly number[]];

/** Encodes an integer at 7 bits per byte. */
export function varint(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = BigInt(value); bytes.length === 0 || rest > 0n; rest >>= 7n) {
    bytes.push(Number(rest & 127n) | (rest > 127n ? 128 : 0));
  }
  return bytes;
}

const zigzag = (value: number) =>
  varint(value < 0 ? -2 * value - 1 : 2 * value);
/** Makes an integer field. */
export const int = (id: number, value: number): Field => [id, 5, zigzag(value)];
const long = (id: number, value: number): Field => [id, 6, zigzag(value)];
const text = (value: string) => [
  ...varint(value.length),
  ...new TextEncoder().encode(value),
];
const list = (type: number, items: readonly (readonly number[])[]) => [
  16 * items.length + type,
  ...items.flat(),
];
/** Makes a field that holds a struct. */
export const nested = (id: number, ...fields: Field[]): Field => [
  id,
  12,
  struct(...fields),
];

function struct(...fields: Field[]): number[] {
  let last = 0;
  return [
    ...fields.flatMap(([id, type, bytes]) => {
      const delta = id - last;
      last = id;
      return [16 * delta + type, ...bytes];
    }),
    0,
  ];
}

/** Parts of a file; the defaults are consistent. */
export interface Parts {
  /** Physical type: 0 BOOLEAN, 1 INT32, 2 INT64, 6 BYTE_ARRAY as text. */
  type?: number;
  /** Whether values may be missing: the page then has definition levels. */
  optional?: boolean;
  /** Whether the column repeats its values: without an annotation, or in an optional group of type LIST, which is invalid if they are optional. */
  repeated?: "alone" | "in a list";
  /** Values of a dictionary page of INT32 before the page. */
  dictionary?: readonly number[];
  /** 0 none, 1 snappy, 2 gzip, 6 zstd. */
  codec?: number;
  /** Rows that the footer declares. */
  rows?: number;
  /** Values of the page, including missing ones. */
  values?: number;
  /** Encoding of the values: 0 plain, 3 runs, 5 and 7 deltas, 8 dictionary. */
  encoding?: number;
  /** Fields of the page header; default: those of a data page. */
  header?: Field[];
  /** Bytes that the page declares, uncompressed and compressed. */
  sizes?: readonly [number, number];
  /** The page. */
  page?: readonly number[];
  /** Additional fields of the footer. */
  footer?: Field[];
}

/** Writes a file with column `x`; by default it has one row with the number 7. */
export function parquetOf(parts: Parts = {}): Uint8Array {
  const { type = 1, optional = false, codec = 0, rows = 1, encoding = 0 } =
    parts;
  const { page = [7, 0, 0, 0], values = rows } = parts;
  const [uncompressed, compressed] = parts.sizes ?? [page.length, page.length];
  const fields = parts.header ??
    [
      int(1, 0),
      int(2, uncompressed),
      int(3, compressed),
      nested(5, int(1, values), int(2, encoding), int(3, 3), int(4, 3)),
    ];
  const { repeated, dictionary } = parts;
  const words = [...new Uint8Array(Int32Array.from(dictionary ?? []).buffer)];
  const before = dictionary === undefined ? [] : [
    ...struct(
      int(1, 2),
      int(2, words.length),
      int(3, words.length),
      nested(7, int(1, dictionary.length), int(2, 0)),
    ),
    ...words,
  ];
  const chunk = [...before, ...struct(...fields), ...page];
  const path = repeated === "in a list" ? ["x", "item"] : ["x"];
  const isText = type === 6 ? [int(6, 0)] : []; // UTF8
  const schema = [
    struct([4, 8, text("schema")], int(5, 1)),
    ...repeated === "in a list"
      ? [struct(int(3, 1), [4, 8, text("x")], int(5, 1), int(6, 3))]
      : [],
    struct(
      int(1, type),
      int(3, optional ? 1 : repeated ? 2 : 0),
      [4, 8, text(path.at(-1)!)],
      ...isText,
    ),
  ];
  const column = struct(
    int(1, type),
    [2, 9, list(5, [])],
    [3, 9, list(8, path.map(text))],
    int(4, codec),
    long(5, values),
    long(6, chunk.length),
    long(7, chunk.length),
    long(9, 4),
  );
  const group = struct(
    [1, 9, list(12, [struct(long(2, 4), [3, 12, column])])],
    long(2, chunk.length),
    long(3, rows),
  );
  const footer = struct(
    int(1, 1),
    [2, 9, list(12, schema)],
    long(3, rows),
    [4, 9, list(12, [group])],
    ...parts.footer ?? [],
  );
  const magic = [...new TextEncoder().encode("PAR1")];
  const length = [0, 8, 16, 24].map((shift) => footer.length >> shift & 255);
  return new Uint8Array([...magic, ...chunk, ...footer, ...length, ...magic]);
}
