import { assertEquals, assertThrows } from "@std/assert";
import { Tokenizer } from "../../../lib/data/tokenizer.ts";
import { Pipeline } from "../../../lib/data/tokenizer/pipeline.ts";
// Made by the tokenizers library: see make_tokenizers.py beside it.
import fixture from "../../fixtures/tokenizers.json" with { type: "json" };
import { fnv } from "../../helpers/fnv.ts";

const CONFIG = { "tokenizer_class": "PreTrainedTokenizerFast" };

Deno.test("Tokenizer matches the tokenizers library for WordPiece, BPE and Unigram", async (t) => {
  const { texts } = fixture;
  for (const [name, golden] of Object.entries(fixture.tokenizers)) {
    await t.step(name, () => {
      const pad = golden.content.added_tokens[0]!.content;
      const tokenizer = Tokenizer.fromJson(
        JSON.stringify(golden.content),
        JSON.stringify({ ...CONFIG, "pad_token": pad }),
      );
      const hash = (...args: Parameters<typeof tokenizer.encode>) => {
        const { inputIds, tokenTypeIds } = tokenizer.encode(...args);
        return fnv([inputIds, tokenTypeIds]);
      };
      for (const [i, text] of texts.entries()) {
        const { inputIds } = tokenizer.encode(text);
        assertEquals(fnv([inputIds]), golden.single[i], `${text}: ${inputIds}`);
        if (i % 5 === 0) {
          assertEquals(
            fnv([tokenizer.decode(inputIds)]),
            golden.decoded[i / 5],
            text,
          );
        }
        const second = texts[i + 1];
        if (i % 3 !== 0 || second === undefined) continue;
        assertEquals(hash(text, second), golden.pair[i / 3], text);
        assertEquals(
          hash(text, second, { maxLength: 20 }),
          golden.truncated[i / 3],
          text,
        );
      }
    });
  }
});

Deno.test("Tokenizer.encode() takes half a surrogate pair for �", () => {
  const content = JSON.stringify(fixture.tokenizers.roberta.content);
  const tokenizer = Tokenizer.fromJson(
    content,
    JSON.stringify({ ...CONFIG, "pad_token": "<pad>" }),
  );
  assertEquals(tokenizer.encode("a\ud842b"), tokenizer.encode("a\ufffdb"));
});

const WORDS = {
  type: "WordLevel",
  vocab: { "[UNK]": 0, a: 1, b: 2, "[CLS]": 3, "[SEP]": 4 },
  "unk_token": "[UNK]",
};
const POST = { type: "BertProcessing", cls: ["[CLS]", 3], sep: ["[SEP]", 4] };

function pipeline(parts: object): Pipeline {
  return new Pipeline(
    { model: WORDS, "post_processor": POST, ...parts },
    "tokenizer.json",
  );
}

Deno.test("Pipeline gives added tokens the ids of the library", () => {
  const added = [
    { id: 1, content: "a", special: true },
    { id: 5, content: "<new>", special: true },
  ];
  const { addedTokens, size } = pipeline({ "added_tokens": added });
  assertEquals([...addedTokens.values()].map(({ id }) => id), [1, 5]);
  assertEquals(size, 6);
});

Deno.test("Pipeline rejects files that contradict themselves", () => {
  const cases: [object, ErrorConstructor, string][] = [
    [
      { "added_tokens": [{ id: 9, content: "<new>" }] },
      SyntaxError,
      'the added token "<new>" says id 9, there or in added_tokens_decoder of tokenizer_config.json, but the library gives it 5',
    ],
    [
      {
        normalizer: { type: "Lowercase" },
        "added_tokens": [{ content: "New" }, { content: "NEW" }],
      },
      SyntaxError,
      'the added token "NEW" becomes the same text as "New" when it is normalized',
    ],
    [
      { "post_processor": { ...POST, cls: ["[CLS]", 2] } },
      SyntaxError,
      "the token [CLS] of its post_processor has id 2 there, and 3 in the vocabulary",
    ],
    [
      { "post_processor": { ...POST, cls: ["<s>", 2] } },
      SyntaxError,
      "the token <s> of its post_processor is not in the vocabulary",
    ],
    [
      { "post_processor": { type: "Sequence", processors: [POST, POST] } },
      SyntaxError,
      "its post_processor adds special tokens 2 times",
    ],
    [
      { "post_processor": { type: "ByteLevel" } },
      SyntaxError,
      "it has no post_processor that adds special tokens",
    ],
    [
      { model: { ...WORDS, vocab: { a: 0, b: 0 } } },
      SyntaxError,
      'the id 0 of the token "b" must be a whole number that no other token has',
    ],
    [
      { model: { type: "BPE", vocab: { a: 0 }, merges: ["a b"] } },
      SyntaxError,
      'its merges have the token "b", which is not in the vocabulary',
    ],
    [
      { model: { type: "BPE", vocab: {}, merges: [], dropout: 0.1 } },
      RangeError,
      "dropout of its model is 0.1",
    ],
    [
      { model: { type: "Unigram", vocab: [["a", -1]], "unk_id": 1 } },
      SyntaxError,
      "unk_id of Unigram must be the id of a token, not 1",
    ],
  ];
  for (const [parts, Error, message] of cases) {
    assertThrows(() => pipeline(parts), Error, message);
  }
  assertThrows(
    () => pipeline({ model: { ...WORDS, "unk_token": "?" } }).encode("c"),
    RangeError,
    'Cannot encode an unknown word: the vocabulary of tokenizer.json has no token "?", its unk_token',
  );
});
