import { assertEquals, assertThrows } from "@std/assert";
import { ParquetFile } from "../../lib/data/parquet_file.ts";
import {
  int,
  nested,
  parquetOf,
  type Parts,
  varint,
} from "./parquet_writer.ts";

const column = (parts?: Parts) => new ParquetFile(parquetOf(parts)).column(0);
const u32 = (value: number) => [0, 8, 16, 24].map((n) => value >>> n & 255);

const TEXT = 6;
const [RUNS, DELTA, DELTA_TEXT, DICTIONARY] = [3, 5, 7, 8];
const [GZIP, LZ4, LZ4_RAW] = [2, 5, 7];
/** A run of 2147483647 times the value 1, in six bytes. */
const ENDLESS = [...varint(2 * (2 ** 31 - 1)), 1];
/** -1 as hyparquet reads it: counting down from it never reaches 0. */
const MINUS_ONE = [255, 255, 255, 255, 15];

/** Parts of a version 2 page with dictionary indices and, optionally, the sizes of its levels. */
function version2(page: number[], rows: number, ...levels: number[]): Parts {
  const values = [int(1, rows), int(2, 0), int(3, rows), int(4, DICTIONARY)];
  const sizes = levels.flatMap((size) => [int(5, size), int(6, size)]);
  const { length } = page;
  const header = [int(1, 3), int(2, length), int(3, length)];
  return {
    rows,
    page,
    header: [...header, nested(8, ...values, ...sizes)],
  };
}

Deno.test("ParquetFile reads pages that match their headers", () => {
  assertEquals([...column()], [7]);
  // Bytes after the last page are not values.
  const page = [7, 0, 0, 0, 8, 0, 0, 0, 9, 9, 9];
  assertEquals([...column({ rows: 2, sizes: [8, 8], page })], [7, 8]);
  // Three rows with a run of 0 as definition levels: none has a value.
  const missing = column({ optional: true, rows: 3, page: [...u32(2), 6, 0] });
  assertEquals(missing, [null, null, null]);
  // The same in version 2, and no values, which LZ4 compresses to one 0.
  const empty = [int(1, 3), int(2, 3), int(3, 3), int(4, 0), int(5, 2)];
  assertEquals(
    column({
      optional: true,
      codec: LZ4_RAW,
      rows: 3,
      header: [int(1, 3), int(2, 2), int(3, 3), nested(8, ...empty, int(6, 0))],
      page: [6, 0, 0],
    }),
    [null, null, null],
  );
  // One packed group of 8 booleans, of which two are read.
  const booleans = { type: 0, encoding: RUNS, rows: 2 };
  assertEquals(column({ ...booleans, page: [...u32(2), 3, 2] }), [false, true]);
  // The same with indices of 0 bits, as of a dictionary of one value.
  const one = { ...version2([0, 3], 2, 0), dictionary: [5] };
  assertEquals([...column(one)], [5, 5]);
  // Blocks of 128 in 4 miniblocks, all deltas 2, starting at 5.
  const deltas = [128, 1, 4, 3, 10, 4, 0, 0, 0, 0];
  assertEquals(
    [...column({ encoding: DELTA, rows: 3, page: deltas })],
    [5, 7, 9],
  );
});

Deno.test("ParquetFile reads repeated fields, with and without an annotation", () => {
  const run = (level: number) => [2, level]; // a level once
  const levels = (...all: number[]) => {
    const bytes = all.flatMap(run);
    return [...u32(bytes.length), ...bytes];
  };
  const values = [7, 8, 9].flatMap(u32);
  // Rows [7, 8], [], [9].
  const alone = { repeated: "alone", rows: 3, values: 4 } as const;
  const page = [...levels(0, 1, 0, 0), ...levels(1, 1, 0, 1), ...values];
  assertEquals(column({ ...alone, page }), [[7, 8], [], [9]]);
  // Rows [7, 8], null, [], [9]: the group of the list is optional.
  const inList = { repeated: "in a list", rows: 4, values: 5 } as const;
  const page2 = [...levels(0, 1, 0, 0, 0), ...levels(2, 2, 0, 1, 2), ...values];
  assertEquals(column({ ...inList, page: page2 }), [[7, 8], null, [], [9]]);
  const continued = [...levels(1, 0, 0, 0), ...levels(1, 1, 0, 1), ...values];
  assertThrows(
    () => column({ ...alone, page: continued }),
    Error,
    "a page continues a list that does not exist",
  );
});

Deno.test("ParquetFile reads the first of DuckDB's deltas as 32 bits", () => {
  // The first value in zigzag, as of 64 bits; then all deltas are -1.
  for (const first of [2 ** 32 - 1, 2 ** 31, 2 ** 31 - 1, 5]) {
    const page = [128, 1, 4, 3, ...varint(2 * first), 1, 0, 0, 0, 0];
    const values = [...column({ encoding: DELTA, rows: 3, page })] as number[];
    assertEquals(values.map((value) => value >>> 0), [
      first,
      first - 1,
      first - 2,
    ]);
  }
});

Deno.test("ParquetFile reads a page without values and without bytes for them", () => {
  for (const codec of [0, 1, GZIP, 6, LZ4_RAW]) {
    for (const encoding of [0, RUNS, DELTA, DELTA_TEXT, DICTIONARY]) {
      const fields = [int(1, 3), int(2, 3), int(3, 3), int(4, encoding)];
      const sizes = [int(5, 2), int(6, 0)];
      const header = [int(1, 3), int(2, 2), int(3, 2)];
      const values = column({
        optional: true,
        codec,
        rows: 3,
        header: [...header, nested(8, ...fields, ...sizes)],
        page: [6, 0],
      });
      assertEquals(values, [null, null, null], `${codec} ${encoding}`);
    }
  }
});

/** Files of a few hundred bytes that take hyparquet seconds, gigabytes or an infinite loop. */
const HOSTILE: Record<string, readonly [Parts, string]> = {
  "a run of levels": [
    { optional: true, page: [...u32(6), ...ENDLESS, 7, 0, 0, 0] },
    "it declares a run of 2147483647 values where 1 are expected",
  ],
  "a run of booleans": [
    { type: 0, encoding: RUNS, page: [...u32(6), ...ENDLESS] },
    "it declares a run of 2147483647 values where 1 are expected",
  ],
  "a run of indices": [
    { encoding: DICTIONARY, page: [1, ...ENDLESS] },
    "it declares a run of 2147483647 values where 1 are expected",
  ],
  "packed indices of 0 bits": [
    version2([0, ...MINUS_ONE], 1, 0),
    "it declares a run of 17179869176 values where 1 are expected",
  ],
  "levels without a size": [
    version2([0, 3], 2),
    "a page declares 2 of 2 bytes",
  ],
  "indices without a dictionary": [
    { encoding: DICTIONARY, page: [1, 2, 0] },
    "a page has index 0 of a dictionary of 0",
  ],
  "an index beyond the dictionary": [
    { encoding: DICTIONARY, page: [1, 2, 1], dictionary: [5] },
    "a page has index 1 of a dictionary of 1",
  ],
  "levels in an encoding of old files": [
    {
      optional: true,
      header: [
        int(1, 0),
        int(2, 4),
        int(3, 4),
        nested(5, int(1, 1), int(2, 0), int(3, 4), int(4, 3)),
      ],
    },
    "its levels are encoded as BIT_PACKED",
  ],
  "a size for a page that has no bytes": [
    { codec: GZIP, sizes: [9, 0], page: [] },
    "no gzip data",
  ],
  "indices of 25 bits": [
    { encoding: DICTIONARY, page: [25, 3, 0] },
    "it declares values of 25 bits",
  ],
  "indices of 200 bits": [
    { encoding: DICTIONARY, page: [200, 3, 0] },
    "it declares values of 200 bits",
  ],
  "a negative number of blocks of deltas": [
    { encoding: DELTA, rows: 5, page: [128, 1, ...MINUS_ONE, 5, 0, 0, 0, 0] },
    "it declares 4294967295 blocks of",
  ],
  "a block size that hyparquet reads as negative": [
    { encoding: DELTA, rows: 9, page: [...varint(2 ** 31 + 128), 4, 9, 0, 0] },
    "it declares 4 blocks of 536870944 values",
  ],
  "empty blocks of deltas": [
    { encoding: DELTA, rows: 5, page: [0, 4, 5, 0, 0, 0, 0, 0, 0, 0] },
    "it declares 4 blocks of 0 values",
  ],
  "texts that share a prefix of 2 GB": [
    {
      type: TEXT,
      encoding: DELTA_TEXT,
      rows: 2,
      page: [128, 1, 4, 2, 0, 254, 255, 255, 255, 15, 0, 0, 0, 0]
        .concat([128, 1, 4, 2, 0, 0, 0, 0, 0, 0]),
    },
    "its pages declare more than 1000 values or bytes per byte",
  ],
  "a billion values": [
    {
      header: [
        int(1, 0),
        int(2, 4),
        int(3, 4),
        nested(5, int(1, 2 ** 30), int(2, 0), int(3, 3), int(4, 3)),
      ],
    },
    "its pages declare more than 1000 values or bytes per byte",
  ],
  "2 GB in four bytes": [
    { codec: GZIP, sizes: [2 ** 31 - 1, 4] },
    "its pages declare more than 1000 values or bytes per byte",
  ],
  "a page without a size": [
    {
      header: [
        int(1, 0),
        int(2, 4),
        nested(5, int(1, 1), int(2, 0), int(3, 3), int(4, 3)),
      ],
    },
    "a page declares undefined of 4 bytes",
  ],
  "a page that continues past its column": [
    { sizes: [4, 5] },
    "a page declares 5 of 4 bytes",
  ],
  "gzip without its magic bytes": [
    { codec: GZIP, page: [1, 0, 0, 255, 255, 0, 0, 0, 0, 0] },
    "no gzip data",
  ],
  "the deprecated framing of LZ4": [
    // 0 bytes decompressed, -8 compressed: the reader stays where it is.
    { codec: LZ4, page: [0, 0, 0, 0, 255, 255, 255, 248, 0, 0] },
    "unsupported compression codec: LZ4",
  ],
  "a number of 4000 bytes": [
    { footer: [[7, 6, [...new Array(4000).fill(255), 1]]] },
    "a number has more than 10 bytes",
  ],
  "a list of 268435456": [
    { footer: [[7, 9, [0xf5, ...varint(2 ** 28), 0]]] },
    "it declares a list of 268435456 items",
  ],
  "lists in lists": [
    { footer: [[7, 9, [...new Array(1000).fill(0x19), 0x15, 0]]] },
    "its metadata is nested too deeply",
  ],
};

Deno.test("ParquetFile refuses files that would exhaust time or memory", async (t) => {
  for (const [name, [parts, message]] of Object.entries(HOSTILE)) {
    await t.step(name, () => {
      const bytes = parquetOf(parts);
      assertThrows(() => new ParquetFile(bytes).column(0), Error, message);
    });
  }
});
