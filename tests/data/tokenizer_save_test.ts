import { assertEquals } from "@std/assert";
import { Tokenizer } from "../../mod.ts";
import wordPiece from "../fixtures/word_piece.json" with { type: "json" };
import { needs } from "../helpers/permissions.ts";
import { tempFolder } from "../helpers/temp_folder.ts";

Deno.test(
  needs("savePretrained() keeps the maximum length", "read", "write"),
  async () => {
    await using folder = await tempFolder();
    const json = JSON.stringify(wordPiece.tokenizer);
    const config =
      '{"tokenizer_class":"BertTokenizer", "model_max_length":64, "do_lower_case":true}';
    const saved = async (config: string | undefined, length?: number) => {
      const tokenizer = Tokenizer.fromJson(json, config);
      await tokenizer.savePretrained(
        folder.path,
        length === undefined ? {} : { modelMaxLength: length },
      );
      const { modelMaxLength } = await Tokenizer.fromPretrained(folder.path);
      const text = await Deno.readTextFile(
        `${folder.path}/tokenizer_config.json`,
      );
      return [modelMaxLength, text] as const;
    };
    assertEquals(await saved(config), [64, config]);
    assertEquals(await saved(config, 64), [64, config]); // byte for byte
    const [length, text] = await saved(config, 16);
    assertEquals(length, 16);
    assertEquals(JSON.parse(text), {
      ...JSON.parse(config),
      model_max_length: 16,
    });
    assertEquals((await saved(undefined, 16))[0], 16);
    // transformers' value for "unknown"
    assertEquals((await saved('{"model_max_length":1e30}', 512))[0], 512);
  },
);
