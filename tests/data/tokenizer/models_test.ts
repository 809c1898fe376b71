import { assertEquals } from "@std/assert";
import { readModel } from "../../../lib/data/tokenizer/models.ts";

// The ids are those of the tokenizers library, run on each case.

function tokenize(model: object, words: string[]): number[][] {
  const { tokenize } = readModel(model, "tokenizer.json");
  return words.map((word) => [...tokenize(word)]);
}

Deno.test("unigram() finds the best way, and the library's among equal ones", () => {
  const ids = (vocab: [string, number][], ...words: string[]) =>
    tokenize(
      { type: "Unigram", vocab: [["<unk>", 0], ...vocab], "unk_id": 0 },
      words,
    );
  const equal: [string, number][] = [["a", -1], ["b", -2], ["ab", -3]];
  assertEquals(
    ids(equal, "ab", "aab", "ac", "acca", "<unk>a", "x<unk>y"),
    [[3], [1, 3], [1, 0], [1, 0, 1], [0, 1], [0]],
  );
  assertEquals(ids([["ab", -5], ["b", -1]], "ab", "acb"), [[1], [0, 2]]);
  // The library reads the score of "aa" as 2⁻⁴⁷ less than twice that of "a".
  const close: [string, number][] = [
    ["a", -18.956549741186986],
    ["aa", -37.91309948237397],
  ];
  assertEquals(ids(close, "aa"), [[1, 1]]);
});

Deno.test("bytePair() merges by rank, and gives unknown characters one token each", () => {
  const vocab = { "<unk>": 0, a: 1, b: 2, c: 3, ab: 4, bc: 5, abc: 6 };
  const model = { type: "BPE", vocab, "unk_token": "<unk>" };
  const ranks = [["a", "bc"], ["b", "c"], ["a", "b"], ["ab", "c"]];
  assertEquals(
    tokenize({ ...model, merges: ranks }, ["abc", "aabc", "abcabc", "axxb"]),
    [[6], [1, 6], [6, 6], [1, 0, 0, 2]],
  );
  const fused = {
    ...model,
    merges: ["#version: 0.2", "b c", "a b"],
    "fuse_unk": true,
  };
  assertEquals(
    tokenize(fused, ["abc", "axxb", "xx", "xaxx"]),
    [[1, 5], [1, 0, 2], [0], [0, 1, 0]],
  );
});

Deno.test("wordPiece() counts characters, not UTF-16 units", () => {
  const model = {
    type: "WordPiece",
    vocab: { "[UNK]": 0, "𠮷": 1, "##𠮷": 2 },
    "unk_token": "[UNK]",
    "continuing_subword_prefix": "##",
    "max_input_chars_per_word": 3,
  };
  assertEquals(
    tokenize(model, ["𠮷𠮷", "𠮷𠮷𠮷", "𠮷𠮷𠮷𠮷", "b"]),
    [[1, 2], [1, 2, 2], [0], [0]],
  );
});
