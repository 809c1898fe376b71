/**
 * Files of the tokenizer beside the weights of a run.
 *
 * @module
 */
import type { Pretrained, Tokenizer } from "../../mod.ts";

/** A model whose positions limit the length of a row. */
interface PositionLimit {
  /** Its configuration. */
  readonly config: { readonly maxPositionEmbeddings: number };
}

/**
 * Makes the tokenizer files of a fine-tuned model: others truncate as the run did.
 *
 * @param tokenizer The tokenizer.
 * @param model The model.
 * @param maxLength Tokens after which the run truncates a row.
 * @returns The files, to be saved beside the weights.
 */
export function tokenizerFiles(
  tokenizer: Tokenizer,
  { config: { maxPositionEmbeddings } }: PositionLimit,
  maxLength: number,
): Pretrained {
  const modelMaxLength = Math.min(maxLength, maxPositionEmbeddings);
  return {
    savePretrained: (path) =>
      tokenizer.savePretrained(path, { modelMaxLength }),
  };
}
