/**
 * Writes Parquet files of one column and one page whose numbers can lie.
 * Thrift's compact protocol, as in https://parquet.apache.org/docs/file-format/metadata/
 *
 * @module
 */

/** A field of a struct: its id, its type in the protocol, its bytes. */
type Field = readonly [id: number, type: number, bytes: readonly number[]];

/** A whole number of 7 bits a byte. */
export function varint(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = BigInt(value); bytes.length === 0 || rest > 0n; rest >>= 7n) {
    bytes.push(Number(rest & 127n) | (rest > 127n ? 128 : 0));
  }
  return bytes;
}

const zigzag = (value: number) =>
  varint(value < 0 ? -2 * value - 1 : 2 * value);
/** A field with a whole number. */
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
/** A field with a struct. */
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

/** What a file claims and holds; each part has an honest default. */
export interface Parts {
  /** Physical type: 0 BOOLEAN, 1 INT32, 2 INT64, 6 BYTE_ARRAY as text. */
  type?: number;
  /** Whether values may be missing, so that there are definition levels. */
  optional?: boolean;
  /** 0 none, 1 snappy, 2 gzip, 6 zstd. */
  codec?: number;
  /** Rows that the footer claims. */
  rows?: number;
  /** Encoding of the values: 0 plain, 3 runs, 5 and 7 deltas, 8 dictionary. */
  encoding?: number;
  /** The page's own fields, in place of those of a data page. */
  header?: Field[];
  /** Bytes that the page claims unpacked, and packed. */
  sizes?: readonly [number, number];
  /** The page. */
  page?: readonly number[];
  /** More fields of the footer. */
  footer?: Field[];
}

/** A file with column `x`; without any part it is one row with the number 7. */
export function parquetOf(parts: Parts = {}): Uint8Array {
  const { type = 1, optional = false, codec = 0, rows = 1, encoding = 0 } =
    parts;
  const { page = [7, 0, 0, 0] } = parts;
  const [unpacked, packed] = parts.sizes ?? [page.length, page.length];
  const fields = parts.header ??
    [
      int(1, 0),
      int(2, unpacked),
      int(3, packed),
      nested(5, int(1, rows), int(2, encoding), int(3, 3), int(4, 3)),
    ];
  const chunk = [...struct(...fields), ...page];
  const isText = type === 6 ? [int(6, 0)] : []; // UTF8
  const schema = [
    struct([4, 8, text("schema")], int(5, 1)),
    struct(
      int(1, type),
      int(3, optional ? 1 : 0),
      [4, 8, text("x")],
      ...isText,
    ),
  ];
  const column = struct(
    int(1, type),
    [2, 9, list(5, [])],
    [3, 9, list(8, [text("x")])],
    int(4, codec),
    long(5, rows),
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
  const mark = [...new TextEncoder().encode("PAR1")];
  const length = [0, 8, 16, 24].map((shift) => footer.length >> shift & 255);
  return new Uint8Array([...mark, ...chunk, ...footer, ...length, ...mark]);
}
