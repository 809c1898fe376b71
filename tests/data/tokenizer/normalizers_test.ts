import { assertEquals, assertThrows } from "@std/assert";
import { readNormalizer } from "../../../lib/data/tokenizer/normalizers.ts";
// Made by the tokenizers library: see make_tokenizers.py beside it.
import fixture from "../../fixtures/tokenizers.json" with { type: "json" };
import { characterBlocks, fnv } from "../../helpers/fnv.ts";

Deno.test("readNormalizer() matches the tokenizers library on every character, and on texts", async (t) => {
  for (const [name, golden] of Object.entries(fixture.normalizers)) {
    await t.step(name, () => {
      const normalize = readNormalizer(golden.settings, "tokenizer.json");
      const blocks = Array.from(
        characterBlocks(),
        (block) => fnv(block.map((char) => normalize(`a${char}b`))),
      );
      assertEquals(blocks, golden.blocks); // 2048 characters each, from U+0000
      for (const [i, text] of fixture.texts.entries()) {
        assertEquals(fnv([normalize(text)]), golden.texts[i], text);
      }
    });
  }
});

Deno.test("readNormalizer() runs a sequence, Replace and Prepend", () => {
  const normalize = readNormalizer({
    type: "Sequence",
    normalizers: [
      { type: "Replace", pattern: { Regex: " {2,}" }, content: " " },
      { type: "Replace", pattern: { String: " " }, content: "$&" },
      { type: "Prepend", prepend: "▁" },
    ],
  }, "tokenizer.json");
  assertEquals(normalize("a   b"), "▁a$&b");
  assertEquals(normalize(""), "");
});

Deno.test("readNormalizer() rejects what it does not know", () => {
  const cases: [unknown, string][] = [
    [{ type: "Bert" }, "the normalizer Bert is not supported"],
    [{}, 'a normalizer must have a "type"'],
    [
      { type: "Strip", strip_left: 1, strip_right: true },
      "strip_left of Strip must be true or false, not 1",
    ],
    [
      { type: "Precompiled", precompiled_charsmap: "A" },
      "precompiled_charsmap is damaged",
    ],
    [{ type: "Sequence" }, "the normalizer Sequence is not supported"],
  ];
  for (const [component, message] of cases) {
    assertThrows(
      () => readNormalizer(component, "tokenizer.json"),
      SyntaxError,
      message,
    );
  }
});
