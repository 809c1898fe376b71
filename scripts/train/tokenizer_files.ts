/**
 * Files of the tokenizer beside the weights of a run.
 *
 * @module
 */
import type { Pretrained, Tokenizer } from "../../mod.ts";

/** A model whose positions limit the length of a row. */
interface PositionLimit {
  /** Its configuration. */
  readonly config: { readonly maxSeqLength: number };
}

/** The files of a tokenizer. */
export interface TokenizerFiles extends Pretrained {
  /** Tokens after which they truncate a text. */
  readonly modelMaxLength: number;
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
  { config: { maxSeqLength } }: PositionLimit,
  maxLength: number,
): TokenizerFiles {
  const modelMaxLength = Math.min(maxLength, maxSeqLength);
  return {
    modelMaxLength,
    savePretrained: (path: string) =>
      tokenizer.savePretrained(path, { modelMaxLength }),
  };
}
