import { assertEquals, assertThrows } from "@std/assert";
import { readPreTokenizer } from "../../../lib/data/tokenizer/pre_tokenizers.ts";
// Made by the tokenizers library: see make_tokenizers.py beside it.
import fixture from "../../fixtures/tokenizers.json" with { type: "json" };
import { characterBlocks, fnv } from "../../helpers/fnv.ts";

function splitter(settings: unknown): (text: string) => string[] {
  const preTokenize = readPreTokenizer(settings, "tokenizer.json");
  return (text) =>
    preTokenize([{ text, isFirst: true }]).map(({ text }) => text);
}

Deno.test("readPreTokenizer() matches the tokenizers library on every character, and on texts", async (t) => {
  for (const [name, golden] of Object.entries(fixture.preTokenizers)) {
    await t.step(name, () => {
      const split = splitter(golden.settings);
      const blocks = Array.from(
        characterBlocks(),
        (block) => fnv(block.flatMap((char) => split(`a${char}b`))),
      );
      assertEquals(blocks, golden.blocks); // 2048 characters each, from U+0000
      for (const [i, text] of fixture.texts.entries()) {
        assertEquals(fnv(split(text)), golden.texts[i], text);
      }
    });
  }
});

Deno.test("readPreTokenizer() splits at regular expressions as the tokenizers library does", () => {
  for (const { pieces, ...settings } of fixture.regexes) {
    const split = splitter({ type: "Split", ...settings });
    const all = fixture.texts.flatMap((text) => [...split(text), ""]);
    assertEquals(fnv(all), pieces, JSON.stringify(settings));
  }
});

Deno.test("readPreTokenizer() marks the start of a text with prepend_scheme first", () => {
  const metaspace = {
    type: "Metaspace",
    replacement: "▁",
    "prepend_scheme": "first",
  };
  const sequence = {
    type: "Sequence",
    pretokenizers: [{ type: "WhitespaceSplit" }, metaspace],
  };
  // as in Python, also with a space before
  assertEquals(splitter(sequence)("a b"), ["▁a", "b"]);
  assertEquals(splitter(sequence)(" a b"), ["a", "b"]);
  assertEquals(splitter(metaspace)("a  b"), ["▁a", "▁", "▁b"]);
  assertEquals(splitter({ ...metaspace, split: false })("a b"), ["▁a▁b"]);
});

Deno.test("readPreTokenizer() rejects what it does not know", () => {
  const metaspace = { type: "Metaspace", replacement: "▁" };
  const cases: [unknown, string][] = [
    [
      { type: "UnicodeScripts" },
      "the pre_tokenizer UnicodeScripts is not supported",
    ],
    [
      { ...metaspace, prepend_scheme: "last" },
      'prepend_scheme of Metaspace must be always, first or never, not "last"',
    ],
    [
      { ...metaspace, add_prefix_space: false, prepend_scheme: "always" },
      "must be never, since add_prefix_space is false",
    ],
    [
      { ...metaspace, replacement: "▁▁" },
      "replacement of Metaspace must be one character",
    ],
    [
      { type: "Split", pattern: { String: "a" }, behavior: "Gone" },
      'behavior of Split must be Removed, Isolated, MergedWithPrevious, MergedWithNext, Contiguous, not "Gone"',
    ],
    [
      { type: "Split", pattern: { String: "" }, behavior: "Removed" },
      'the pattern {"String":""} is neither a text',
    ],
  ];
  for (const [component, message] of cases) {
    assertThrows(
      () => readPreTokenizer(component, "tokenizer.json"),
      SyntaxError,
      message,
    );
  }
});
