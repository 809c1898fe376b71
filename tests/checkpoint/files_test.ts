import { assertEquals, assertRejects } from "@std/assert";
import { readJsonObject } from "../../lib/checkpoint/files.ts";
import { MemoryFolder } from "../../lib/files/memory_folder.ts";

Deno.test("readJsonObject() reads an object, with or without a byte-order mark", async () => {
  const content = new Blob(['\ufeff{"a": "ä"}']);
  const folder = new MemoryFolder({ "config.json": content });
  assertEquals(await readJsonObject(folder, "config.json", ""), { a: "ä" });
});

Deno.test("readJsonObject() names the file and the remedy", async () => {
  const cases: [string, RegExp][] = [
    ["{", /^Cannot read config.json: it is not valid JSON: .*; copy or/],
    ["[1]", /^Cannot read config.json: it must hold a JSON object; copy or/],
    ["null", /^Cannot read config.json: it must hold a JSON object; copy or/],
  ];
  for (const [text, message] of cases) {
    const folder = new MemoryFolder({ "config.json": new Blob([text]) });
    const error = await assertRejects(
      () => readJsonObject(folder, "config.json", ""),
      SyntaxError,
    );
    assertEquals(message.test(error.message), true, error.message);
  }
});
