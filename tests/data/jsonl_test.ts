import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { readJsonl } from "../../lib/data/jsonl.ts";

Deno.test("readJsonl() reads one object per line and skips blank lines", async () => {
  const dataset = await readJsonl(
    '{"text": "a\\nb", "label": 1}\r\n\n{"label": 0, "text": "c"}\n',
    "a.jsonl",
  );
  assertEquals([...dataset], [
    { text: "a\nb", label: 1 },
    { text: "c", label: 0 },
  ]);
  assertEquals(dataset.columnNames, ["text", "label"]);
  assertEquals(dataset.source, "a.jsonl");
});

Deno.test("readJsonl() names the file and line of an error", async (t) => {
  const cases = [
    [
      '{"a": 1}\n{"a": }\n',
      "Cannot read x.jsonl, line 2: it is not valid JSON",
    ],
    ["1\n", "Cannot read x.jsonl, line 1: it must be a JSON object"],
    [
      '{"a": 1}\n[1]\n',
      "Cannot read x.jsonl, line 2: it must be a JSON object",
    ],
    [
      '[\n  {"a": 1}\n]\n',
      "Cannot read x.jsonl, line 1: it is a JSON array; rename the file to end in .json if that is one value, or write one object a line",
    ],
    [
      '{"a": 1, "b": 2}\n\n{"a": 1}\n',
      'Cannot read x.jsonl, line 3: it has no "b"; every line must have the keys of the first',
    ],
    [
      '{"a": 1}\n{"a": 1, "b": 2}\n',
      'Cannot read x.jsonl, line 2: it has "b"; every line must have the keys of the first',
    ],
    [
      '{}\n{"a": 1}\n',
      'Cannot read x.jsonl, line 2: it has "a"; every line must have the keys of the first',
    ],
  ] as const;
  for (const [text, message] of cases) {
    await t.step(message, async () => {
      await assertRejects(
        () => readJsonl(text, "x.jsonl"),
        SyntaxError,
        message,
      );
    });
  }
});

Deno.test("readJsonl() reads the same from pieces of any size, and lines that end in CR", async () => {
  const text = '{"a": "ä🚀\\r\\n", "b": [1]}\r\n\r\n{"b": null, "a": "x"}';
  const rows = [{ a: "ä🚀\r\n", b: [1] }, { a: "x", b: null }];
  async function* inPieces(text: string, size: number) {
    for (let i = 0; i < text.length; i += size) {
      yield await Promise.resolve(text.slice(i, i + size));
    }
  }
  for (let size = 1; size <= 30; size++) {
    for (const end of ["\r\n", "\n", "\r"]) {
      const pieces = inPieces(text.replaceAll("\r\n", end) + end, size);
      assertEquals([...await readJsonl(pieces, "x.jsonl")], rows, `${size}`);
    }
    await assertRejects(
      () => readJsonl(inPieces(text + "\r\n{}", size), "x.jsonl"),
      SyntaxError,
      "Cannot read x.jsonl, line 4: it has no",
    );
  }
});

Deno.test("readJsonl() leaves out a column of integers that a number does not hold", async () => {
  const read = (value: string) =>
    readJsonl(`{"id": 1, "x": 7}\n{"id": ${value}, "x": 8}\n`, "x.jsonl");
  for (
    const value of [
      "9007199254740992",
      "-9007199254740993",
      "[1, [9007199254740993]]",
      '{"of": {"it": 1234567890123456789012}}',
    ]
  ) {
    const dataset = await read(value);
    assertEquals([...dataset.column("x")], [7, 8]);
    assertEquals(dataset.columnNames, ["x"]);
    assertThrows(
      () => dataset.column("id"),
      RangeError,
      `Cannot read column "id" of x.jsonl: in line 2, ${
        value.match(/-?\d{16,}/)
      } is beyond ±2^53, and numbers that large lose digits; write it as text`,
    );
    assertThrows(() => dataset.at(0).id, RangeError, "in line 2");
  }
  for (
    const value of [
      9007199254740991,
      -9007199254740991,
      1e20,
      0.1,
      "9007199254740993",
    ]
  ) {
    const dataset = await read(
      JSON.stringify(value).replace("100000000000000000000", "1e20"),
    );
    assertEquals(dataset.column("id"), [1, value]);
  }
  for (const value of ["0.12345678901234567", "9007199254740993.5"]) {
    assertEquals((await read(value)).column("id"), [1, Number(value)]);
  }
  await assertRejects(
    () => readJsonl('{"id": 9007199254740993}', "x.jsonl"),
    RangeError,
    'Cannot read column "id" of x.jsonl: in line 1, 9007199254740993',
  );
});
