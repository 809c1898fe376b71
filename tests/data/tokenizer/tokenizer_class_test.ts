import { assertEquals, assertThrows } from "@std/assert";
import { Tokenizer } from "../../../lib/data/tokenizer.ts";
// Made by transformers: see make_tokenizers.py beside it.
import fixture from "../../fixtures/tokenizers.json" with { type: "json" };
import { needs } from "../../helpers/permissions.ts";
import { tempFolder } from "../../helpers/temp_folder.ts";

const { content: limited } = fixture.tokenizers.uncased;
const content = {
  ...limited,
  model: { ...limited.model, max_input_chars_per_word: 100 },
};
const { answers, cases, normalizers, text } = fixture.configs;

function files(config: unknown, normalizer: unknown): [string, string?] {
  const json = JSON.stringify({ ...content, normalizer });
  return config === null ? [json] : [json, JSON.stringify(config)];
}

Deno.test("Tokenizer gives the ids of AutoTokenizer for each tokenizer_config.json", () => {
  for (
    const [config, normalizer, answer] of cases as [object, number, number][]
  ) {
    const ids = answers[answer];
    const read = () =>
      Tokenizer.fromJson(...files(config, normalizers[normalizer]));
    if (ids === null) {
      assertThrows(read, SyntaxError, "must be true or false, not null");
    } else {
      assertEquals(
        read().encode(text).inputIds,
        ids!,
        `${JSON.stringify(config)} ${normalizer}`,
      );
    }
  }
});

Deno.test(
  needs(
    "Tokenizer.savePretrained() writes files that say all of it",
    "read",
    "write",
  ),
  async () => {
    await using folder = await tempFolder();
    const saved = async (config: object | null, normalizer: unknown) => {
      const [json, configJson] = files(config, normalizer);
      const tokenizer = Tokenizer.fromJson(json, configJson);
      await tokenizer.savePretrained(folder.path);
      const read = (name: string) =>
        Deno.readTextFile(`${folder.path}/${name}`);
      const [savedJson, savedConfig] = [
        await read("tokenizer.json"),
        await read("tokenizer_config.json"),
      ];
      // the file alone gives the same ids, for programs that read nothing else
      const alone = Tokenizer.fromJson(
        savedJson,
        '{"tokenizer_class": "PreTrainedTokenizerFast"}',
      );
      const ids = tokenizer.encode(text).inputIds;
      assertEquals(alone.encode(text).inputIds, ids);
      const again = await Tokenizer.fromPretrained(folder.path);
      assertEquals(again.encode(text).inputIds, ids);
      return [
        savedJson === json,
        savedConfig === configJson,
        JSON.parse(savedConfig),
      ];
    };
    const [uncased, cased] = normalizers;
    const bert = {
      "tokenizer_class": "BertTokenizer",
      "model_max_length": 512,
      "pad_token": "[PAD]",
      "do_lower_case": true,
      "strip_accents": null,
      "tokenize_chinese_chars": true,
    };
    assertEquals(await saved(null, uncased), [true, false, bert]);
    assertEquals(await saved(null, cased), [false, false, bert]);
    const config = {
      "tokenizer_class": "BertTokenizer",
      "do_lower_case": false,
    };
    assertEquals(await saved(config, uncased), [false, true, config]);
    const bare = { "tokenizer_class": "BertTokenizer" };
    assertEquals((await saved(bare, uncased)).slice(0, 2), [true, false]);
    const fast = { "tokenizer_class": "PreTrainedTokenizerFast" };
    assertEquals(await saved(fast, cased), [true, true, fast]);
  },
);

Deno.test(
  needs(
    "Tokenizer.fromPretrained() reads special_tokens_map.json and the class of config.json",
    "read",
    "write",
  ),
  async () => {
    await using folder = await tempFolder();
    const write = (name: string, value: unknown) =>
      Deno.writeTextFile(`${folder.path}/${name}`, JSON.stringify(value));
    await write("tokenizer.json", { ...content, normalizer: null });
    const first = async () => {
      const tokenizer = await Tokenizer.fromPretrained(folder.path);
      return [tokenizer.encode("E").inputIds, tokenizer.maskTokenId];
    };
    const { vocab } = content.model as { vocab: Record<string, number> };
    assertEquals(await first(), [[2, vocab.e!, 3], 4]);
    await write("special_tokens_map.json", {
      "cls_token": "[PAD]",
      "mask_token": { content: "[UNK]" },
    });
    assertEquals(await first(), [[0, vocab.e!, 3], 1]);
    await write("config.json", {
      "tokenizer_class": "PreTrainedTokenizerFast",
    });
    assertEquals(await first(), [[2, vocab.E ?? 1, 3], 1]);
  },
);

Deno.test("Tokenizer follows the added tokens of tokenizer_config.json", () => {
  const ids = (config: object, text: string) =>
    Tokenizer.fromJson(...files(config, normalizers[0])).encode(text).inputIds;
  const { vocab } = content.model as { vocab: Record<string, number> };
  // for BERT its list replaces that of tokenizer.json, but for the named tokens
  const token = { content: "e", special: true, normalized: false };
  const listed = { "added_tokens_decoder": { [vocab.e!]: token } };
  assertEquals(ids(listed, "<x>e[MASK]").slice(-3), [vocab.e!, 4, 3]);
  assertEquals(
    ids(listed, "<x>").includes(content.added_tokens.at(-3)!.id),
    false,
  );
  assertEquals(ids({ "extra_special_tokens": ["e"] }, "be").slice(-2), [
    vocab.e!,
    3,
  ]);
  assertThrows(
    () => ids({ "extra_special_tokens": ["<none>"] }, "a"),
    SyntaxError,
    'Cannot use ./tokenizer_config.json: extra_special_tokens has "<none>", which is not in the vocabulary; remove it',
  );
  assertThrows(
    () => ids({ "cls_token": null }, "a"),
    SyntaxError,
    "Cannot use ./tokenizer_config.json: cls_token must be a token, not null",
  );
});
