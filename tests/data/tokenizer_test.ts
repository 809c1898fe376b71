import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Tokenizer } from "../../lib/data/tokenizer.ts";
// Made by transformers: see make_word_piece.py in the same folder. Its
// tokenizer.json sets padding, and truncation to 16.
import fixture from "../fixtures/word_piece.json" with { type: "json" };
import { needs } from "../helpers/permissions.ts";
import { tempFolder } from "../helpers/temp_folder.ts";

const JSON_TEXT = JSON.stringify(fixture.tokenizer);
const CONFIG_TEXT = JSON.stringify(fixture.tokenizerConfig);
const tokenizer = Tokenizer.fromJson(JSON_TEXT, CONFIG_TEXT);

/** Makes the fixture's tokenizer with other settings. */
function variant(config: object, content: object = {}): Tokenizer {
  return Tokenizer.fromJson(
    JSON.stringify({ ...fixture.tokenizer, ...content }),
    JSON.stringify(config),
  );
}

Deno.test("Tokenizer.encode() matches transformers, truncated or not", () => {
  for (const { text, pair, maxLength, ...expected } of fixture.cases) {
    const options = maxLength === null ? {} : { truncation: true, maxLength };
    assertEquals(tokenizer.encode(text, pair ?? undefined, options), {
      inputIds: expected.inputIds,
      tokenTypeIds: expected.tokenTypeIds,
      attentionMask: expected.inputIds.map(() => 1),
    }, `${text} | ${pair} | ${maxLength}`);
  }
});

Deno.test("Tokenizer.encode() truncates a pair by longest_first", () => {
  // Lengths of both texts before and after truncation, from the tokenizers library.
  const cases = [[8, 4, 7, 4, 3], [0, 8, 7, 0, 7], [100, 60, 125, 65, 60]];
  for (
    const [first, second, room, a, b] of cases as [
      number,
      number,
      number,
      number,
      number,
    ][]
  ) {
    const { inputIds, tokenTypeIds } = tokenizer.encode(
      Array(first).fill("the").join(" "),
      Array(second).fill("the").join(" "),
      { truncation: true, maxLength: room + 3 },
    );
    assertEquals(inputIds.length, room + 3);
    assertEquals(tokenTypeIds.filter((type) => type === 0).length, a + 2);
    assertEquals(tokenTypeIds.filter((type) => type === 1).length, b + 1);
  }
});

Deno.test("Tokenizer.encode() treats an empty second text as a pair, as transformers does in a batch", () => {
  assertEquals(tokenizer.encode("The baker", ""), {
    inputIds: [2, 77, 54, 3, 3],
    tokenTypeIds: [0, 0, 0, 0, 1],
    attentionMask: [1, 1, 1, 1, 1],
  });
});

Deno.test("Tokenizer.encode() truncates to modelMaxLength, or to maxLength without truncation: true", () => {
  const long = "the ".repeat(600);
  assertEquals(tokenizer.encode(long).inputIds.length, 602);
  assertEquals(
    tokenizer.encode(long, "", { truncation: true }).inputIds.length,
    512,
  );
  assertEquals(
    tokenizer.encode(long, undefined, { maxLength: 9 }).inputIds.length,
    9,
  );
  assertEquals(
    tokenizer.encode(long, undefined, { maxLength: 9, truncation: false })
      .inputIds.length,
    602,
  );
});

Deno.test("Tokenizer.decode() matches transformers", () => {
  for (const { ids, text, textWithoutSpecialTokens } of fixture.decoded) {
    assertEquals(tokenizer.decode(ids), text);
    assertEquals(
      tokenizer.decode(new Int32Array(ids), { skipSpecialTokens: true }),
      textWithoutSpecialTokens,
    );
  }
  assertEquals(tokenizer.decode([]), "");

  // "the mayor's" with and without clean_up_tokenization_spaces, in the same transformers
  const ids = [2, 77, 67, 5, 24, 3];
  assertEquals(tokenizer.decode(ids), "[CLS] the mayor ' s [SEP]");
  assertEquals(
    variant({ "clean_up_tokenization_spaces": true }).decode(ids),
    "[CLS] the mayor's [SEP]",
  );
});

Deno.test("Tokenizer reads its length limit and padding token from the configuration", () => {
  assertEquals(tokenizer.padTokenId, 0);
  assertEquals(tokenizer.padTokenTypeId, 0);
  assertEquals(variant({ model_max_length: 128 }).modelMaxLength, 128);
  assertEquals(variant({ model_max_length: 1e30 }).modelMaxLength, 512);
  assertEquals(variant({}).modelMaxLength, 512);
  assertEquals(Tokenizer.fromJson(JSON_TEXT).modelMaxLength, 512);
  assertEquals(variant({ pad_token: "[MASK]" }).padTokenId, 4);
  assertEquals(variant({ pad_token: { content: "[UNK]" } }).padTokenId, 1);
});

Deno.test("Tokenizer finds an added token that the normalizer changes", () => {
  const token = {
    id: Object.keys(fixture.tokenizer.model.vocab).length,
    content: "[NEW]",
    "single_word": false,
    lstrip: false,
    rstrip: false,
    normalized: true,
    special: false,
  };
  const added = variant({}, {
    added_tokens: [...fixture.tokenizer.added_tokens, token],
  });
  assertEquals(added.encode("[NEW]").inputIds, [2, token.id, 3]);
});

Deno.test("Tokenizer rejects unsupported files and bad arguments", async (t) => {
  const cases: [string, () => unknown, ErrorConstructor, string][] = [
    [
      "not JSON",
      () => Tokenizer.fromJson("{"),
      SyntaxError,
      "Cannot read ./tokenizer.json: it is not valid JSON",
    ],
    [
      "no model",
      () => variant({}, { model: undefined }),
      SyntaxError,
      "Cannot read ./tokenizer.json: it does not describe a tokenizer",
    ],
    [
      "no padding token",
      () => variant({ pad_token: "<pad>" }),
      SyntaxError,
      'Cannot use ./tokenizer.json: it has no token "<pad>" to pad with; name one as pad_token in tokenizer_config.json',
    ],
    [
      "no post-processor",
      () =>
        variant({ tokenizer_class: "PreTrainedTokenizerFast" }, {
          post_processor: null,
        }),
      SyntaxError,
      "Cannot use ./tokenizer.json: it has no post_processor",
    ],
    [
      "padding on the left",
      () => variant({ padding_side: "left" }),
      RangeError,
      'Cannot use ./tokenizer_config.json: padding_side is "left", but only "right" is supported',
    ],
    [
      "truncation on the left",
      () => variant({ truncation_side: "left" }),
      RangeError,
      "truncation_side",
    ],
    [
      "no text",
      () => tokenizer.encode(undefined as unknown as string),
      TypeError,
      "Cannot encode undefined: texts must be strings",
    ],
    [
      "a number for the second text",
      () => tokenizer.encode("a", 5 as unknown as string),
      TypeError,
      "Cannot encode 5: texts must be strings",
    ],
    [
      "options in place of the second text",
      () => tokenizer.encode("a", { truncation: true } as unknown as string),
      TypeError,
      'Cannot encode {"truncation":true}: texts must be strings; encode(text, undefined, { truncation: true }) encodes one, with options',
    ],
    [
      "a maxLength below the special tokens",
      () => tokenizer.encode("a", "b", { maxLength: 2 }),
      RangeError,
      "Cannot truncate to 2 tokens: maxLength must be a whole number from 3, the number of special tokens",
    ],
  ];
  for (const [name, call, Error, message] of cases) {
    await t.step(name, () => {
      assertThrows(call, Error, message);
    });
  }
});

Deno.test(
  needs(
    "Tokenizer.savePretrained() writes the bytes that fromPretrained() read",
    "read",
    "write",
  ),
  async () => {
    await using folder = await tempFolder();
    const [from, to] = [`${folder.path}/from`, `${folder.path}/to`];
    await Deno.mkdir(from);
    await Deno.writeTextFile(`${from}/tokenizer.json`, JSON_TEXT);
    await Deno.writeTextFile(`${from}/tokenizer_config.json`, CONFIG_TEXT);
    await (await Tokenizer.fromPretrained(from)).savePretrained(to);
    for (
      const [name, text] of [["tokenizer.json", JSON_TEXT], [
        "tokenizer_config.json",
        CONFIG_TEXT,
      ]] as const
    ) {
      assertEquals(await Deno.readTextFile(`${to}/${name}`), text);
    }
  },
);

Deno.test(
  needs(
    "Tokenizer.savePretrained() writes a minimal tokenizer_config.json if there was none",
    "read",
    "write",
  ),
  async () => {
    await using folder = await tempFolder();
    await Deno.writeTextFile(`${folder.path}/tokenizer.json`, JSON_TEXT);
    const read = await Tokenizer.fromPretrained(folder.path);
    await read.savePretrained(folder.path);
    assertEquals(
      JSON.parse(
        await Deno.readTextFile(`${folder.path}/tokenizer_config.json`),
      ),
      {
        tokenizer_class: "BertTokenizer",
        do_lower_case: true,
        strip_accents: null,
        tokenize_chinese_chars: true,
        model_max_length: 512,
        pad_token: "[PAD]",
      },
    );
  },
);

Deno.test("Tokenizer has the mask token, the special tokens and the vocabulary size", () => {
  const { vocab } = fixture.tokenizer.model;
  const special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] as const;
  assertEquals(tokenizer.vocabSize, Object.keys(vocab).length);
  assertEquals(tokenizer.maskTokenId, vocab["[MASK]"]);
  assertEquals(
    [...tokenizer.specialTokenIds].sort(),
    special.map((token) => vocab[token]),
  );
  assertEquals(variant({ "mask_token": "[HIDE]" }).maskTokenId, undefined);
});

Deno.test(
  needs(
    "Tokenizer.fromPretrained() reports missing files and folders",
    "read",
    "write",
  ),
  async () => {
    await using folder = await tempFolder();
    await assertRejects(
      () => Tokenizer.fromPretrained(folder.path),
      Error,
      `Cannot read a tokenizer from ${folder.path}: it has no tokenizer.json; transformers writes one`,
    );
    await assertRejects(
      () => Tokenizer.fromPretrained(`${folder.path}/none`),
      Deno.errors.NotFound,
      `Cannot read ${folder.path}/none: there is no such file or folder`,
    );
  },
);
