import { assertEquals, assertThrows } from "@std/assert";
import { readConfigurations } from "../../../scripts/hub/dataset_card.ts";
import { yaml } from "../../../scripts/model_card/yaml.ts";

Deno.test("yaml() writes texts that a parser gives back", () => {
  const texts = [
    ..."yes no null ~ true 1e3 0x10 2026-01-31 .inf a:b".split(" "),
    ...["a: b", "# x", "- y", "? z", "{a: 1}", "[1]", "%a", "@x", "`c`"],
    ...["&a *a", "!!js/function x", "| pipe", "> fold", "'q'", '"dq"', "\\n"],
    ...["", " space ", "line\nbreak\r\n\ttab", "---", "...", "😀 ä 中"],
    "\u0000\u0001\u001b\u007f\u0085\u009f\u2028\u2029\ufeff\ufffe\uffff",
  ];
  for (const text of texts) {
    const card = yaml({
      configs: [{ config_name: text, data_files: "a.csv" }],
    });
    const [read] = readConfigurations(`---\n${card}---\n`);
    assertEquals(read?.name, text, card);
  }
});

Deno.test("yaml() escapes what YAML does not allow in a file", () => {
  assertEquals(
    yaml({ a: "\u007f\u0085\u2028\ufeff\n" }),
    'a: "\\u007f\\u0085\\u2028\\ufeff\\n"\n',
  );
  assertEquals(yaml({ a: "x\ud800" }), 'a: "x\ufffd"\n');
});

Deno.test("yaml() nests lists and objects, and leaves out what is undefined", () => {
  assertEquals(
    yaml({
      a: [{ b: "x", c: [1, 2] }, { b: "y", c: undefined }],
      d: undefined,
      e: [],
      f: { g: 1e-7, h: -1.5e-8, i: 0.25 },
    }),
    `a:
  - b: "x"
    c:
      - 1
      - 2
  - b: "y"
e: []
f:
  g: 1.0e-7
  h: -1.5e-8
  i: 0.25
`,
  );
  assertThrows(() => yaml({ a: NaN }), RangeError, "NaN is no finite number");
});
