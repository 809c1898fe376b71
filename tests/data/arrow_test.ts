import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { readArrow } from "../../lib/data/arrow.ts";
import { Dataset } from "../../lib/data/dataset.ts";
import { writeArrow } from "../../lib/data/write_arrow.ts";
// Written by pyarrow and datasets: see make_arrow.py in the same folder.
import fixtures from "./fixtures/arrow.json" with { type: "json" };

const TEXTS = [
  "The harbour froze.",
  'He said "no", twice.',
  "Äpfel, naïve, 東京, 🚀",
  "",
  "A tab\tand a\nline",
];

function bytesOf(name: keyof typeof fixtures): Uint8Array {
  return Uint8Array.fromBase64(fixtures[name]);
}

Deno.test("readArrow() reads files that datasets saved, with class names", async () => {
  const dataset = await readArrow(bytesOf("huggingFace"), "train.arrow");
  assertEquals(
    [...dataset],
    TEXTS.map((sentence1, idx) => ({
      sentence1,
      label: [1, 0, 1, 1, 0][idx],
      idx,
    })),
  );
  assertEquals(dataset.labelNames("label"), ["not_equivalent", "equivalent"]);
  assertEquals(dataset.labelNames("idx"), undefined);
  assertEquals(dataset.source, "train.arrow");
});

Deno.test("readArrow() reads every type, in files and streams, in one chunk or several", async (t) => {
  for (const name of ["file", "fileInChunks", "streamInChunks"] as const) {
    await t.step(name, async () => {
      const dataset = await readArrow(bytesOf(name), name);
      assertEquals(dataset.length, 5);
      assertEquals(dataset.column("utf8"), TEXTS);
      assertEquals(dataset.column("largeUtf8"), TEXTS);
      assertEquals(dataset.column("dictionary"), ["a", "b", "a", "c", "b"]);
      assertEquals(dataset.column("int64"), [1, -1, null, 2 ** 53 - 1, 0]);
      assertEquals(dataset.column("uint8"), [0, 1, 2, 254, 255]);
      assertEquals(dataset.column("float32"), [0.5, -1.25, 3, null, 0]);
      assertEquals(dataset.column("float64"), [0.1, 1e300, -3.5, 2, 0]);
      assertEquals(dataset.column("bool"), [true, false, null, true, false]);
      assertEquals(dataset.column("list"), [[1, 2], [], [3], null, [4, 5, 6]]);
      assertEquals(dataset.column("null"), [null, null, null, null, null]);
    });
  }
});

Deno.test("readArrow() rejects other formats", async (t) => {
  const cases = [
    {
      name: "Parquet",
      bytes: new TextEncoder().encode("PAR1 and more PAR1"),
      message:
        "Cannot read x.arrow: it is a Parquet file, not Arrow IPC; rename it to end in .parquet",
    },
    {
      name: "text",
      bytes: new TextEncoder().encode("sentence1\tsentence2\n"),
      message: "Cannot read x.arrow: it is not an Arrow file",
    },
    {
      name: "big-endian numbers",
      bytes: bytesOf("bigEndian"),
      message:
        "(its numbers are big-endian, as of an IBM mainframe: pyarrow reads such a file, and writes it again as little-endian)",
    },
  ];
  for (const { name, bytes, message } of cases) {
    await t.step(name, async () => {
      await assertRejects(
        () => readArrow(bytes, "x.arrow"),
        SyntaxError,
        message,
      );
    });
  }
});

Deno.test("readArrow() leaves out columns of other types, and names them when asked", async (t) => {
  const types = {
    timestamp: "timestamp[us, tz=UTC]",
    date: "date32",
    decimal: "decimal128(10, 2)",
    binary: "binary",
    binaryView: "binary_view",
    fixedBinary: "fixed_size_binary",
    struct: "struct<int64, string>",
    map: "map<struct<string, int32>>",
    times: "list<time32[s]>",
    listView: "list_view<int32>",
    runs: "run_end_encoded<int32, int64>",
    sparseUnion: "union<int64, string>",
    denseUnion: "union<int64, string>",
    interval: "interval",
  };
  for (const name of ["unsupported", "unsupportedZstd"] as const) {
    await t.step(name, async () => {
      const dataset = await readArrow(bytesOf(name), "x.arrow");
      assertEquals(dataset.columnNames, ["text", "label"]);
      assertEquals(dataset.column("text"), ["a", "b", "c"]);
      assertEquals(dataset.column("label"), [-1, 0, 1]);
      for (const [column, type] of Object.entries(types)) {
        const message =
          `Cannot read column "${column}" of x.arrow: its type is ${type}, and columns of text`;
        assertThrows(() => dataset.column(column), RangeError, message);
        assertThrows(() => dataset.at(0)[column], RangeError, message);
      }
      assertThrows(
        () => dataset.column("large"),
        RangeError,
        'Cannot read column "large" of x.arrow: 1152921504606846976 is beyond ±2^53',
      );
    });
  }
});

Deno.test("readArrow() names the columns of a file that has no others", async (t) => {
  const cases = [
    ["tooLarge", "label", "9007199254740992 is beyond ±2^53"],
    ["timestamp", "when", "its type is timestamp[s],"],
    ["listOfTimestamps", "when", "its type is list<timestamp[s]>,"],
    ["dictionaryOfTimestamps", "when", "its type is dictionary<timestamp[s]>,"],
  ] as const;
  for (const [name, column, reason] of cases) {
    await t.step(name, async () => {
      await assertRejects(
        () => readArrow(bytesOf(name), "x.arrow"),
        RangeError,
        `Cannot read column "${column}" of x.arrow: ${reason}`,
      );
    });
  }
});

Deno.test("readArrow() leaves out columns that share a name", async () => {
  const dataset = await readArrow(bytesOf("twoOfOneName"), "x.arrow");
  assertEquals(dataset.columnNames, ["text"]);
  assertThrows(
    () => dataset.column("label"),
    RangeError,
    'Cannot read column "label" of x.arrow: the file has several columns of that name; rename them',
  );
});

Deno.test("readArrow() reads LZ4 and Zstandard, in one block or several", async () => {
  const long = Array.from({ length: 10 }, () => TEXTS).flat()
    .map((text) => text.repeat(200));
  for (const name of ["compressedLz4", "compressedZstd"] as const) {
    assertEquals((await readArrow(bytesOf(name), name)).column("text"), long);
  }
  assertEquals((await readArrow(bytesOf("compressed"), "x")).length, 250);
});

Deno.test("readArrow() reads views, large lists, lists of one size and float16", async () => {
  const dataset = await readArrow(bytesOf("views"), "x.arrow");
  assertEquals(dataset.column("text"), [...TEXTS, null, "longer than twelve"]);
  assertEquals(
    dataset.column("lists"),
    [["a"], [], null, ["b", null], [], [], ["é"]],
  );
  assertEquals(
    dataset.column("pairs"),
    [[1, 2], null, [3, null], [4, 5], [6, 7], [8, 9], [0, 0]],
  );
  assertEquals(
    dataset.column("half"),
    [0.5, -1.25, 65504, 2 ** -24, null, Infinity, NaN],
  );
});

Deno.test("readArrow() reads indices of any type, and dictionaries that change", async () => {
  const dataset = await readArrow(bytesOf("dictionaries"), "x.arrow");
  assertEquals(dataset.columnNames, ["int8", "uint16", "int64", "uint64"]);
  for (const name of dataset.columnNames) {
    assertEquals(dataset.column(name), ["pos", "neg", null, "neu"]);
  }
  const [extended, replaced] = [
    await readArrow(bytesOf("dictionaryExtended"), "x.arrow"),
    await readArrow(bytesOf("dictionaryReplaced"), "x.arrow"),
  ];
  assertEquals(extended.column("category"), ["a", "a", "b"]);
  assertEquals(replaced.column("category"), ["a", "q", "r"]);
});

Deno.test("readArrow() reads what polars, pandas and DuckDB write", async (t) => {
  const names = [
    "polarsUncompressed",
    "polarsLz4",
    "polarsZstd",
    "pandasUncompressed",
    "pandasLz4",
    "pandasZstd",
  ] as const;
  for (const name of names) {
    await t.step(name, async () => {
      const dataset = await readArrow(bytesOf(name), name);
      assertEquals(dataset.column("text"), TEXTS);
      assertEquals(dataset.column("label"), [1, 0, 1, 1, 0]);
      assertEquals(dataset.column("list"), [[1], [2, 3], null, [], [4]]);
      assertEquals(dataset.column("category"), ["a", "b", "a", "c", "b"]);
    });
  }
  await t.step("duckdb", async () => {
    const dataset = await readArrow(bytesOf("duckdb"), "duckdb.arrow");
    const texts = [0, 1, 2].map((i) => `a long text, number ${i}`);
    assertEquals(dataset.column("text"), texts);
    assertEquals(dataset.column("label"), [0, 1, 2]);
  });
});

Deno.test("readArrow() keeps a byte order mark within a text", async () => {
  const dataset = await readArrow(bytesOf("byteOrderMark"), "x.arrow");
  assertEquals(dataset.column("text"), ["\ufeffa"]);
});

Deno.test("readArrow() keeps the columns of a file without rows", async () => {
  const dataset = await readArrow(bytesOf("noRows"), "none.arrow");
  assertEquals(dataset.length, 0);
  assertEquals(dataset.columnNames, ["text"]);
});

const COLUMNS = {
  sentence1: TEXTS,
  label: [1, 0, 1, 1, 0],
  score: [0.5, 1, 2, 3, 4],
  flag: [true, false, true, true, false],
};

Deno.test("writeArrow() round-trips through readArrow()", async () => {
  const dataset = new Dataset(COLUMNS, {
    labelNames: { label: ["no", "yes"] },
  });
  const read = await readArrow(writeArrow(dataset), "written.arrow");
  assertEquals([...read], [...dataset]);
  assertEquals(read.columnNames, dataset.columnNames);
  assertEquals(read.labelNames("label"), ["no", "yes"]);
});

Deno.test("writeArrow() writes the same bytes for the same data", async () => {
  const bytes = writeArrow(new Dataset(COLUMNS));
  assertEquals(writeArrow(await readArrow(bytes, "written.arrow")), bytes);
  // Digest of the first run: the bytes must not change from run to run either.
  const digest = await crypto.subtle.digest("SHA-256", bytes.slice());
  assertEquals(
    new Uint8Array(digest).toHex(),
    "9cfdd67169b0f4cc5bc59eca81cb182b01bd36050d943d9bc7e4830ac4539d3b",
  );
});

Deno.test("writeArrow() rejects columns of unsupported or mixed types", () => {
  for (const values of [[1, "a"], [null], [[1]]]) {
    assertThrows(
      () => writeArrow(new Dataset({ mixed: values })),
      TypeError,
      'Cannot write column "mixed" as Arrow: its values must be all text',
    );
  }
});
