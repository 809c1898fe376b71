import wordPiece from "../fixtures/word_piece.json" with { type: "json" };
import { type TempFolder, tempFolder } from "../helpers/temp_folder.ts";
import golden from "./fixtures/pipeline.json" with { type: "json" };

/** Writes a model of the golden file, with these keys in its `config.json`. */
export async function classifierFolder(
  numLabels: 1 | 3,
  config: Record<string, unknown> = {},
): Promise<TempFolder> {
  const folder = await tempFolder();
  const model = golden.models[`${numLabels}`];
  const write = (name: string, content: unknown) =>
    Deno.writeTextFile(`${folder.path}/${name}`, JSON.stringify(content));
  await write("config.json", { ...model.config, ...config });
  await write("tokenizer.json", wordPiece.tokenizer);
  await write("tokenizer_config.json", {
    "tokenizer_class": "PreTrainedTokenizerFast",
    "model_max_length": 16,
  });
  await Deno.writeFile(
    `${folder.path}/model.safetensors`,
    Uint8Array.fromBase64(model.weights),
  );
  return folder;
}

const WORDS = ["the", "ferry", "leaves", "island", "at", "seven", "rain", "."];

/** A text of 1 to 20 words; the model takes 14. */
export function textOf(i: number): string {
  return Array.from(
    { length: 1 + (7 * i) % 20 },
    (_, k) => WORDS[(i + k * k) % WORDS.length],
  ).join(" ");
}
