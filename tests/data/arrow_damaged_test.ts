import { assert, assertEquals, assertRejects } from "@std/assert";
import { readArrow } from "../../lib/data/arrow.ts";
import type { Dataset } from "../../lib/data/dataset.ts";
// Written by pyarrow and polars: see make_arrow.py in the same folder.
import fixtures from "./fixtures/arrow.json" with { type: "json" };
import damaged from "./fixtures/arrow_damaged.json" with { type: "json" };

Deno.test("readArrow() rejects a file truncated at any length", async () => {
  for (const name of ["huggingFace", "file"] as const) {
    const bytes = Uint8Array.fromBase64(fixtures[name]);
    for (let length = 0; length < bytes.length; length++) {
      await assertRejects(
        () => readArrow(bytes.subarray(0, length), "truncated.arrow"),
        SyntaxError,
        "Cannot read truncated.arrow: it ",
      );
    }
  }
});

Deno.test("readArrow() rejects a file of magic bytes alone", async () => {
  const bytes = Uint8Array.fromBase64(fixtures.file);
  const hollow = new Uint8Array([
    ...bytes.subarray(0, 8),
    ...bytes.subarray(-8),
  ]);
  await assertRejects(
    () => readArrow(hollow, "hollow.arrow"),
    SyntaxError,
    "Cannot read hollow.arrow: it cannot be parsed as Arrow IPC",
  );
});

/** Digest of all values, numbers as the bits of a float64: see digest() in make_arrow.py. */
async function digestOf(dataset: Dataset): Promise<string> {
  const plain = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(plain);
    if (typeof value !== "number") return value;
    if (Number.isNaN(value)) return "NaN";
    return new Uint8Array(Float64Array.of(value).buffer).toHex();
  };
  const columns = dataset.columnNames
    .map((name) => [name, plain(dataset.column(name))]);
  const bytes = new TextEncoder().encode(JSON.stringify(columns));
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return new Uint8Array(digest).toHex().slice(0, 16);
}

Deno.test("readArrow() refuses a changed byte, or reads what pyarrow reads", async () => {
  const files = new Map(
    Object.entries(damaged.files)
      .map(([name, base64]) => [name, Uint8Array.fromBase64(base64)]),
  );
  // Strict: pyarrow reads what it never uses, such as the bitmap of no missing values.
  const counts = { refused: 0, read: 0, strict: 0 };
  for (const line of damaged.changes) {
    const [name, position, byte, expected] = line.split(", ");
    const change = `byte ${position} of ${name} set to ${byte}`;
    const bytes = files.get(name!)!.slice();
    bytes[Number(position)] = Number(byte);
    let dataset: Dataset;
    try {
      dataset = await readArrow(bytes, "x.arrow");
    } catch (error) {
      assert(
        error instanceof SyntaxError || error instanceof RangeError,
        `${error}`,
      );
      counts[expected === "refused" ? "refused" : "strict"]++;
      continue;
    }
    assert(expected !== "refused", `pyarrow refuses ${change}`);
    assertEquals(await digestOf(dataset), expected, change);
    counts.read++;
  }
  assertEquals(counts, { refused: 337, read: 153, strict: 10 });
});

Deno.test("readArrow() refuses a stream whose bytes point elsewhere", async () => {
  const stream = Uint8Array.fromBase64(
    damaged.files["pairs stream uncompressed"],
  );
  // Each gave other rows, an empty table or no end: the mark of the message, its size, its root.
  for (const [at, byte] of [[0, 0], [0, 64], [4, 0], [8, 64], [8, 144]]) {
    const bytes = stream.slice();
    bytes[at!] = byte!;
    await assertRejects(
      () => readArrow(bytes, "x.arrow"),
      SyntaxError,
      "Cannot read x.arrow: it cannot be parsed as Arrow IPC",
    );
  }
});

Deno.test("readArrow() refuses a stream that continues after its end", async () => {
  const stream = Uint8Array.fromBase64(
    damaged.files["pairs stream uncompressed"],
  );
  await assertRejects(
    () => readArrow(new Uint8Array([...stream, ...stream]), "x.arrow"),
    SyntaxError,
    `(it ends at byte ${stream.length} of ${2 * stream.length})`,
  );
});

Deno.test("readArrow() refuses a footer that contradicts a message", async () => {
  const file = Uint8Array.fromBase64(damaged.files["pairs file uncompressed"]);
  const view = new DataView(file.buffer);
  const footer = file.length - 10 - view.getInt32(file.length - 10, true);
  const follow = (at: number) => at + view.getUint32(at, true);
  const table = follow(footer);
  const field = view.getUint16(table - view.getInt32(table, true) + 10, true);
  const block = follow(table + field) + 4; // of the only batch
  const sizes = [
    view.getInt32(block + 8, true),
    view.getInt32(block + 16, true),
  ];
  const [metadata, body] = sizes as [number, number];
  for (
    const [at, value] of [[0, 8], [8, metadata + 8], [16, body - 8], [16, -8]]
  ) {
    const bytes = file.slice();
    new DataView(bytes.buffer).setInt32(block + at!, value!, true);
    await assertRejects(
      () => readArrow(bytes, "x.arrow"),
      SyntaxError,
      "its footer ",
    );
  }
});
