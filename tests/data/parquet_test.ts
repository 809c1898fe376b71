import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { readParquet } from "../../lib/data/read_parquet.ts";
import { Random } from "../../lib/random.ts";
import fixture from "./fixtures/parquet.json" with { type: "json" };
import { parquetOf } from "./parquet_writer.ts";

type FileName = keyof typeof fixture.files;
const bytesOf = (name: FileName) => Uint8Array.fromBase64(fixture.files[name]);
const read = (name: FileName) => readParquet(bytesOf(name), "x.parquet");

Deno.test("readParquet() reads the same rows with every codec and layout", async (t) => {
  for (const name of fixture.sameRows as FileName[]) {
    await t.step(name, async () => {
      assertEquals([...await read(name)], fixture.rows);
    });
  }
});

Deno.test("readParquet() reads class names", async () => {
  assertEquals((await read("zstd")).labelNames("label"), [
    "not_equivalent",
    "equivalent",
  ]);
  assertEquals((await read("writerSnappy")).labelNames("label"), undefined);
});

Deno.test("readParquet() reads every type of text, numbers, booleans and lists", async () => {
  const dataset = await read("everyType"); // the values of make_parquet.py
  const columns = dataset.columnNames
    .map((name) => [name, dataset.column(name)]);
  assertEquals(Object.fromEntries(columns), {
    text: [
      "The harbour froze.",
      "",
      null,
      "A tab\tand a\nline",
      "\ufeffmark",
    ],
    largeText: ["a", "b", "a", "c", "b"],
    dictionary: ["a", "b", "a", null, "b"],
    int64: [1, -1, null, Number.MAX_SAFE_INTEGER, 0],
    uint8: [0, 1, 2, 254, 255],
    uint32: [0, 1, 2, 3, 2 ** 32 - 1],
    float16: [0.5, -1.25, 3, null, 0],
    float32: [0.5, -1.25, 3, null, 0],
    float64: [0.1, 1e300, -3.5, 2, 0],
    bool: [true, false, null, true, false],
    list: [[1, 2], [], [3], null, [4, 5, 6]],
    null: [null, null, null, null, null],
  });
  assertEquals((await read("noRows")).length, 0);
});

Deno.test("readParquet() reads DuckDB's unsigned integers, and pages without values", async () => {
  assertEquals(
    (await read("duckdbUnsigned")).column("x"), // the query of make_parquet.py
    [4294967295, 3294967295, 2294967295, 1294967295, null],
  );
  const row = { x: null, t: null, y: 1 };
  assertEquals([...await read("duckdbNoValues")], [row, row, row]);
});

Deno.test("readParquet() leaves out columns of other types, and names one that is read", async () => {
  const dataset = await read("mixed"); // the columns of make_parquet.py
  assertEquals(dataset.columnNames, ["text", "label"]);
  assertEquals([...dataset].map((row) => ({ ...row })), [
    { text: "a", label: 1 },
    { text: "b", label: 0 },
  ]);
  const types = {
    timestamp: "TIMESTAMP",
    date: "DATE",
    decimal: "DECIMAL",
    binary: "BYTE_ARRAY",
    struct: "STRUCT",
    map: "MAP",
    structs: "STRUCT",
  };
  const reasons = Object.entries(types).map(([name, type]) => [
    name,
    `its type is ${type}, and columns of text, numbers, booleans and lists of these can be read; write it as one of them`,
  ]);
  reasons.push([
    "tooLarge",
    "9007199254740992 is beyond ±2^53, and numbers that large lose digits; write it as text",
  ]);
  assertEquals([...dataset.unsupportedColumns], reasons);
  for (const [name, reason] of reasons) {
    const message = `Cannot read column "${name}" of x.parquet: ${reason}`;
    assertThrows(() => dataset.column(name!), RangeError, message);
    assertThrows(() => dataset.at(0)[name!], RangeError, message);
  }
});

Deno.test("readParquet() reads a list whose group repeats the items itself", async () => {
  // A list of one item: two runs of levels, each after its size.
  const page = [2, 0, 0, 0, 2, 0, 2, 0, 0, 0, 2, 2, 7, 0, 0, 0];
  const list = parquetOf({ repeated: "in a list", page });
  assertEquals((await readParquet(list, "x.parquet")).column("x"), [[7]]);
  await assertRejects(
    () =>
      readParquet(
        parquetOf({ repeated: "in a list", optional: true, page }),
        "x.parquet",
      ),
    RangeError,
    'Cannot read column "x" of x.parquet: its type is LIST',
  );
});

Deno.test("readParquet() refuses a file whose columns are all left out", async () => {
  await assertRejects(
    () => read("tooLarge"),
    RangeError,
    'Cannot read column "label" of x.parquet: 9007199254740992 is beyond ±2^53',
  );
  await assertRejects(
    () => read("timestamp"),
    RangeError,
    'Cannot read column "when" of x.parquet: its type is TIMESTAMP',
  );
});

const INCOMPLETE =
  "Cannot read x.parquet: it is not a Parquet file, or the end of it is missing; write or download it again";

Deno.test("readParquet() refuses truncated files and other formats", async () => {
  const bytes = bytesOf("snappy");
  for (
    const damaged of [
      bytes.subarray(0, 3),
      bytes.subarray(0, bytes.length / 2),
      bytes.subarray(1),
      new TextEncoder().encode("sentence1,label\nIt rains.,1\n"),
    ]
  ) {
    await assertRejects(
      () => readParquet(damaged, "x.parquet"),
      SyntaxError,
      INCOMPLETE,
    );
  }
  await assertRejects(
    () => read("notUtf8"),
    SyntaxError,
    "it cannot be parsed as Parquet",
  );
});

Deno.test("readParquet() refuses a footer with a wrong number of rows", async () => {
  const bytes = bytesOf("none");
  const length = new DataView(bytes.buffer).getUint32(bytes.length - 8, true);
  const footer = bytes.length - 8 - length;
  // Field 3 of the footer is the number of rows, 12, in zigzag: 24. It is the
  // only 24 after the schema with that field header (delta 1, type i64).
  const withRows = (replacement: number[]) => {
    const at = bytes.findIndex((byte, i) =>
      i > footer && byte === 0x16 && bytes[i + 1] === 24 &&
      bytes[i + 2] === 0x19
    );
    assert(at > 0);
    const changed = new Uint8Array([
      ...bytes.subarray(0, at + 1),
      ...replacement,
      ...bytes.subarray(at + 2),
    ]);
    new DataView(changed.buffer).setUint32(
      changed.length - 8,
      length + replacement.length - 1,
      true,
    );
    return changed;
  };
  await assertRejects(
    () => readParquet(withRows([0xfe, 0xff, 0xff, 0xff, 0x0f]), "x.parquet"),
    SyntaxError,
    "it cannot be parsed as Parquet (it declares 2147483647 rows in",
  );
  await assertRejects(
    () => readParquet(withRows([26]), "x.parquet"),
    SyntaxError,
    "it cannot be parsed as Parquet (its row groups have 12 rows, but it declares 13)",
  );
});

Deno.test("readParquet() of damaged bytes returns rows or throws an error of one line", async () => {
  const random = new Random(1);
  let refused = 0;
  for (const name of ["zstd", "gzip", "snappy", "pagesVersion2"] as const) {
    for (let i = 0; i < 100; i++) {
      const bytes = bytesOf(name);
      for (let k = 0; k < 3; k++) {
        bytes[4 + random.below(bytes.length - 8)] = random.below(256);
      }
      try {
        await readParquet(bytes, "x.parquet");
      } catch (error) {
        assert(
          error instanceof SyntaxError || error instanceof RangeError ||
            error instanceof TypeError,
          `${error}`,
        );
        assert(error.message.startsWith("Cannot read x.parquet: "), `${error}`);
        assert(!error.message.includes("\n"));
        refused++;
      }
    }
  }
  assert(refused > 100, `${refused} of 400`);
});
