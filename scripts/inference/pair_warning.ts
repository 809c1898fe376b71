/**
 * Warning of a pair for a model of single texts.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { isOfSingleTexts } from "../model_card/usage.ts";

/**
 * Warns that the two texts of the command line are one pair, where the card of the
 * model says that it was trained on single texts.
 *
 * @param model Folder of the model.
 * @param sentences The texts of the command line.
 */
export async function warnOfPair(
  model: string,
  sentences: readonly string[],
): Promise<void> {
  if (sentences.length < 2 || !isOfSingleTexts(await cardOf(model))) return;
  console.warn(
    "Warning: the model was trained on single texts, and the two texts are taken as one pair; for two answers give one text a line on standard input",
  );
}

/** The card of a model; empty if there is none that can be read. */
async function cardOf(model: string): Promise<string> {
  try {
    return await Deno.readTextFile(`${model}/README.md`);
  } catch {
    return "";
  }
}
