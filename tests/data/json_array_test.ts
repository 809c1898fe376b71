import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { readJson } from "../../lib/data/json_array.ts";
import { readJsonl } from "../../lib/data/jsonl.ts";
import { UnicodeDecoder } from "../../lib/data/unicode_decoder.ts";
// Written by Python's json module and pandas: see make_delimited.py in the same folder.
import fixtures from "./fixtures/delimited.json" with { type: "json" };

async function* inPieces(text: string, size: number) {
  for (let i = 0; i < text.length; i += size) {
    yield await Promise.resolve(text.slice(i, i + size));
  }
}

const textOf = (base64: string) =>
  new UnicodeDecoder("x.json").decode(Uint8Array.fromBase64(base64), true);

Deno.test("readJson() reads what json.dumps and pandas write: an array, or an object with one", async () => {
  const { files, rows, pandas } = fixtures.json;
  for (const file of [...files, pandas]) {
    const table = await readJson(inPieces(textOf(file), 99), "x.json");
    assertEquals([...table], rows);
    assertEquals(table.columnNames, Object.keys(rows[0]!));
    assertEquals(table.source, "x.json");
  }
});

Deno.test("readJson() names the object, the form that it needs and the remedy", async (t) => {
  const other = "it must be an array of objects, or an object that holds one";
  const remedy =
    'write an array of objects, one a row (orient="records" in pandas), or rename a file of one object a line to end in .jsonl';
  const cases = [
    ['[{"a": 1},\n {"a": }]', "Cannot read x.json: it is not valid JSON: "],
    ['[{"a": 1}', "Cannot read x.json: it is not valid JSON: "],
    [
      '[{"a": 1}, 2]',
      "Cannot read x.json, object 2: it must be a JSON object",
    ],
    [
      '{"rows": [{"a": 1}, null]}',
      "Cannot read x.json, object 2: it must be a JSON object",
    ],
    [
      '[{"a": 1, "b": 2}, {"a": 1}]',
      'Cannot read x.json, object 2: it has no "b"; every object must have the keys of the first',
    ],
    [
      '[{"a": 1}, {"a": 1, "b": 2}]',
      'Cannot read x.json, object 2: it has "b"; every object must have the keys of the first',
    ],
    [
      '{"train": [{"a": 1}], "n": 2, "test": [{"a": 1}]}',
      `Cannot read x.json: ${other}, and holds "train" and "test"; ${remedy}`,
    ],
    [
      '{"text": {"0": "a"}, "label": {"0": 1}}',
      `Cannot read x.json: ${other}, and has none; ${remedy}`,
    ],
    ['{"text": ["a"], "label": [1]}', `${other}, and has none; ${remedy}`],
    ['{"text": "a", "label": 1}\n', `${other}, and has none; ${remedy}`],
    ["1", `${other}, and has none; ${remedy}`],
    [
      '\n{"text": "a}", "label": 1} \r\n\r\n{"text": "b", "label": 0}',
      "Cannot read x.json: it has one object a line; rename it to end in .jsonl",
    ],
  ] as const;
  for (const [text, message] of cases) {
    await t.step(message, async () => {
      await assertRejects(() => readJson(text, "x.json"), SyntaxError, message);
    });
  }
});

Deno.test("readJson() leaves out a column of integers that a number does not hold", async () => {
  const text = '[{"id": 1, "x": "1234567890123456"},' +
    ' {"id": [9007199254740993], "x": "b"},' +
    ' {"id": 9007199254740995, "x": "c"}]';
  const table = await readJson(text, "x.json");
  assertEquals(table.columnNames, ["x"]);
  assertThrows(
    () => table.column("id"),
    RangeError,
    'Cannot read column "id" of x.json: in object 2, 9007199254740993 is beyond ±2^53',
  );
  await assertRejects(
    () => readJson('[{"id": 9007199254740993}]', "x.json"),
    RangeError,
    'Cannot read column "id" of x.json: in object 1',
  );
});

Deno.test("readJson() reads no rows from an empty array, and readJsonl() names JSON", async () => {
  assertEquals((await readJson("[]", "x.json")).length, 0);
  for (
    const [text, problem] of [
      ['[{"a": 1}]', "it is a JSON array"],
      ['{\n  "data": [{"a": 1}]\n}', "the object does not end in it"],
      ['{"data": [\n{"a": 1}]}', "the object does not end in it"],
    ] as const
  ) {
    await assertRejects(
      () => readJsonl(text, "x.jsonl"),
      SyntaxError,
      `Cannot read x.jsonl, line 1: ${problem}; rename the file to end in .json if that is one value, or write one object a line`,
    );
  }
});

Deno.test("readJson() refuses more text than one string should hold", async () => {
  async function* endless() {
    for (let i = 0; i < 40; i++) {
      yield await Promise.resolve(" ".repeat(2 ** 23));
    }
    throw new Error("it is still read");
  }
  await assertRejects(
    () => readJson(endless(), "x.json"),
    SyntaxError,
    "Cannot read x.json: it has more than 268435456 characters; write one object a line, in a file that ends in .jsonl",
  );
});
