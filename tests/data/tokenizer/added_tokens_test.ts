import { assertEquals } from "@std/assert";
import { Pipeline } from "../../../lib/data/tokenizer/pipeline.ts";

Deno.test("AddedTokenSplitter finds tokens as the tokenizers library does", () => {
  const plain = { normalized: false };
  const pipeline = new Pipeline({
    model: {
      type: "WordLevel",
      vocab: { "[UNK]": 0, a: 1, b: 2 },
      "unk_token": "[UNK]",
    },
    "pre_tokenizer": { type: "WhitespaceSplit" },
    "post_processor": { type: "BertProcessing", cls: ["a", 1], sep: ["b", 2] },
    "added_tokens": [
      { content: "<x>", lstrip: true, ...plain },
      { content: "<y>", rstrip: true, ...plain },
      { content: "<xy>", ...plain },
      { content: "<xyz>", ...plain },
      { content: "w", "single_word": true, ...plain },
      { content: "<n>", normalized: true },
      { content: "<xy", ...plain },
    ],
  }, "tokenizer.json");
  // The library, run on each case.
  const cases: [string, number[]][] = [
    ["a <x> b", [1, 3, 2]],
    ["a <y> <x> b", [1, 4, 3, 2]],
    ["<xyz><xy><x>", [6, 5, 3]],
    [" <x>", [3]],
    ["w aw w. wé w", [7, 0, 7, 0, 0, 7]],
    ["𞀌w w𞀌 -w-", [0, 0, 0, 7, 0]],
    ["<n>a", [8, 1]],
    ["<y>  ", [4]],
    ["<xya<xyz>", [9, 1, 6]],
  ];
  for (const [text, ids] of cases) {
    assertEquals(pipeline.encode(text), ids, text);
  }
});

Deno.test("AddedTokenSplitter takes white space before and after tokens that say so", () => {
  const pipeline = new Pipeline({
    model: {
      type: "WordLevel",
      vocab: { "[UNK]": 0, a: 1, b: 2, " ": 3, "  ": 4, " b": 5, "a ": 6 },
      "unk_token": "[UNK]",
    },
    "post_processor": { type: "BertProcessing", cls: ["a", 1], sep: ["b", 2] },
    "added_tokens": [
      { content: "<x>", lstrip: true, normalized: false },
      { content: "<y>", rstrip: true, normalized: false },
      { content: "<z>", normalized: false },
    ],
  }, "tokenizer.json");
  // The library, run on each case.
  const cases: [string, number[]][] = [
    ["a <x> b", [1, 7, 5]],
    ["a <y> b", [6, 8, 2]],
    ["a <z> b", [6, 9, 5]],
    ["<y>  <x>", [8, 7]],
    ["<z>  <x>", [9, 7]],
    ["<y>  <z>", [8, 9]],
  ];
  for (const [text, ids] of cases) {
    assertEquals(pipeline.encode(text), ids, text);
  }
});
