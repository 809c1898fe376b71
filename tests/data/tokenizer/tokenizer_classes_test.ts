import { assertEquals, assertRejects } from "@std/assert";
import { Tokenizer } from "../../../lib/data/tokenizer.ts";
// Made by transformers: see make_tokenizer_classes.py beside it.
import fixture from "../../fixtures/tokenizer_classes.json" with {
  type: "json",
};
import { fnv } from "../../helpers/fnv.ts";
import { needs } from "../../helpers/permissions.ts";
import { type TempFolder, tempFolder } from "../../helpers/temp_folder.ts";
import { contentOf } from "./class_content.ts";

const { maxLength, texts, cases } = fixture;

/** A model folder with a tokenizer. */
async function folderOf(
  modelType: string,
  content: object,
  config: object,
): Promise<TempFolder> {
  const folder = await tempFolder();
  const files = {
    "config.json": { "model_type": modelType },
    "tokenizer.json": content,
    "tokenizer_config.json": config,
  };
  for (const [name, value] of Object.entries(files)) {
    await Deno.writeTextFile(`${folder.path}/${name}`, JSON.stringify(value));
  }
  return folder;
}

/** Hashes of the ids of all texts, of pairs, their token types, and of truncated pairs. */
function hashesOf(tokenizer: Tokenizer): number[] {
  const pairs = texts.map((text, i) =>
    [text, texts[(i + 1) % texts.length]!] as const
  );
  const both = pairs.map((pair) => tokenizer.encode(...pair));
  return [
    fnv(texts.map((text) => tokenizer.encode(text).inputIds)),
    fnv(both.map(({ inputIds }) => inputIds)),
    fnv(both.map(({ tokenTypeIds }) => tokenTypeIds)),
    fnv(pairs.map((pair) => tokenizer.encode(...pair, { maxLength }).inputIds)),
  ];
}

Deno.test(
  needs(
    "Tokenizer gives the ids of AutoTokenizer for the class of each model type",
    "read",
    "write",
  ),
  async (t) => {
    for (const { modelType, config, hasOtherParts, first, hashes } of cases) {
      const name = `${modelType} ${JSON.stringify(config)} ${hasOtherParts}`;
      await t.step(name, async () => {
        const content = contentOf(modelType, hasOtherParts);
        await using folder = await folderOf(modelType, content, config);
        const tokenizer = await Tokenizer.fromPretrained(folder.path);
        const { inputIds } = tokenizer.encode(texts[0]!, texts[1]);
        assertEquals(inputIds, first);
        assertEquals(hashesOf(tokenizer), hashes);
        // Saved files say the same.
        await using saved = await tempFolder();
        await tokenizer.savePretrained(saved.path);
        const again = await Tokenizer.fromPretrained(saved.path);
        assertEquals(hashesOf(again), hashes);
      });
    }
  },
);

Deno.test(
  needs(
    "Tokenizer pads and masks with the tokens of the class",
    "read",
    "write",
  ),
  async () => {
    for (
      const [modelType, pad, mask] of [
        ["roberta", "<pad>", "<mask>"],
        ["camembert", "<pad>", "<mask>"],
        ["albert", "<pad>", "[MASK]"],
        ["mpnet", "<pad>", "<mask>"],
        ["electra", "[PAD]", "[MASK]"],
      ] as const
    ) {
      const content = contentOf(modelType, false);
      await using folder = await folderOf(modelType, content, {});
      const tokenizer = await Tokenizer.fromPretrained(folder.path);
      const { padTokenId, maskTokenId } = tokenizer;
      assertEquals(tokenizer.decode([padTokenId]).trim(), pad);
      assertEquals(tokenizer.decode([maskTokenId!]).trim(), mask);
    }
  },
);

Deno.test(
  needs(
    "Tokenizer gives ALBERT its token types, and saves that it does",
    "read",
    "write",
  ),
  async () => {
    const content = contentOf("albert", false);
    await using folder = await folderOf("albert", content, {
      "tokenizer_class": "AlbertTokenizer",
      "do_lower_case": true,
    });
    const tokenizer = await Tokenizer.fromPretrained(folder.path);
    const { tokenTypeIds } = tokenizer.encode("a", "b");
    assertEquals([tokenTypeIds.at(0), tokenTypeIds.at(-1)], [0, 1]);
    await tokenizer.savePretrained(folder.path);
    const config = JSON.parse(
      await Deno.readTextFile(`${folder.path}/tokenizer_config.json`),
    );
    assertEquals(config.model_input_names, [
      "input_ids",
      "token_type_ids",
      "attention_mask",
    ]);
  },
);

Deno.test(
  needs(
    "Tokenizer refuses a class without one of its tokens",
    "read",
    "write",
  ),
  async () => {
    const content = contentOf("roberta", false);
    await using folder = await folderOf("roberta", content, {
      "cls_token": null,
    });
    await assertRejects(
      () => Tokenizer.fromPretrained(folder.path),
      SyntaxError,
      "tokenizer_config.json: cls_token must be a token, not null; correct it, or remove it for the default of the class",
    );
  },
);
