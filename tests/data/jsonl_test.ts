import { assertEquals, assertThrows } from "@std/assert";
import { readJsonl } from "../../lib/data/jsonl.ts";

Deno.test("readJsonl() reads one object per line and skips blank lines", () => {
  const dataset = readJsonl(
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
    ["[1]\n", "Cannot read x.jsonl, line 1: it must be a JSON object"],
    [
      '{"a": 1, "b": 2}\n\n{"a": 1}\n',
      'Cannot read x.jsonl, line 3: it has no "b"; every line must have the keys of the first',
    ],
    [
      '{"a": 1}\n{"a": 1, "b": 2}\n',
      'Cannot read x.jsonl, line 2: it has "b"; every line must have the keys of the first',
    ],
  ] as const;
  for (const [text, message] of cases) {
    await t.step(message, () => {
      assertThrows(() => readJsonl(text, "x.jsonl"), SyntaxError, message);
    });
  }
});
