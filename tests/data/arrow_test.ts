import { assertEquals, assertThrows } from "@std/assert";
import { readArrow, writeArrow } from "../../lib/data/arrow.ts";
import { Dataset } from "../../lib/data/dataset.ts";
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

Deno.test("readArrow() reads files that datasets saved, with class names", () => {
  const dataset = readArrow(bytesOf("huggingFace"), "train.arrow");
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
    await t.step(name, () => {
      const dataset = readArrow(bytesOf(name), name);
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

Deno.test("readArrow() rejects a file truncated at any length", () => {
  for (const name of ["huggingFace", "file"] as const) {
    const bytes = bytesOf(name);
    for (let length = 0; length < bytes.length; length++) {
      assertThrows(
        () => readArrow(bytes.subarray(0, length), "truncated.arrow"),
        SyntaxError,
        "Cannot read truncated.arrow: it ",
      );
    }
  }
});

Deno.test("readArrow() rejects a file of magic bytes alone", () => {
  const bytes = bytesOf("file");
  const hollow = new Uint8Array([
    ...bytes.subarray(0, 8),
    ...bytes.subarray(-8),
  ]);
  assertThrows(
    () => readArrow(hollow, "hollow.arrow"),
    SyntaxError,
    "Cannot read hollow.arrow: it cannot be parsed as Arrow IPC",
  );
});

Deno.test("readArrow() rejects other formats and types", async (t) => {
  const cases = [
    {
      name: "Parquet",
      bytes: new TextEncoder().encode("PAR1 and more PAR1"),
      Error: SyntaxError,
      message:
        "Cannot read x.arrow: it is a Parquet file, not Arrow IPC; rename it to end in .parquet",
    },
    {
      name: "text",
      bytes: new TextEncoder().encode("sentence1\tsentence2\n"),
      Error: SyntaxError,
      message: "Cannot read x.arrow: it is not an Arrow file",
    },
    {
      name: "a number beyond 2^53",
      bytes: bytesOf("tooLarge"),
      Error: RangeError,
      message:
        'Cannot read x.arrow: 9007199254740992 in column "label" is beyond ±2^53',
    },
    {
      name: "a type",
      bytes: bytesOf("timestamp"),
      Error: TypeError,
      message:
        'Cannot read x.arrow: column "when" is of type Timestamp<SECOND>; columns of text',
    },
    {
      name: "a type in a list",
      bytes: bytesOf("listOfTimestamps"),
      Error: TypeError,
      message:
        'Cannot read x.arrow: column "when" is of type Timestamp<SECOND>',
    },
    {
      name: "a type in a dictionary",
      bytes: bytesOf("dictionaryOfTimestamps"),
      Error: TypeError,
      message:
        'Cannot read x.arrow: column "when" is of type Timestamp<SECOND>',
    },
    {
      name: "compression",
      bytes: bytesOf("compressed"),
      Error: SyntaxError,
      message:
        "(Record batch is compressed but codec not found); write it again, without compression",
    },
  ];
  for (const { name, bytes, Error, message } of cases) {
    await t.step(name, () => {
      assertThrows(() => readArrow(bytes, "x.arrow"), Error, message);
    });
  }
});

Deno.test("readArrow() keeps the columns of a file without rows", () => {
  const dataset = readArrow(bytesOf("noRows"), "none.arrow");
  assertEquals(dataset.length, 0);
  assertEquals(dataset.columnNames, ["text"]);
});

const COLUMNS = {
  sentence1: TEXTS,
  label: [1, 0, 1, 1, 0],
  score: [0.5, 1, 2, 3, 4],
  flag: [true, false, true, true, false],
};

Deno.test("writeArrow() round-trips through readArrow()", () => {
  const dataset = new Dataset(COLUMNS, {
    labelNames: { label: ["no", "yes"] },
  });
  const read = readArrow(writeArrow(dataset), "written.arrow");
  assertEquals([...read], [...dataset]);
  assertEquals(read.columnNames, dataset.columnNames);
  assertEquals(read.labelNames("label"), ["no", "yes"]);
});

Deno.test("writeArrow() writes the same bytes for the same data", async () => {
  const bytes = writeArrow(new Dataset(COLUMNS));
  assertEquals(writeArrow(readArrow(bytes, "written.arrow")), bytes);
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
