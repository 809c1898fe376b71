/**
 * Collates encoded rows into a batch for masked language modeling.
 *
 * @module
 */
import { checkOptions, type OptionNames } from "../check_options.ts";
import { Random, type RandomState } from "../random.ts";
import {
  type DataCollatorOptions,
  dataCollatorWithPadding,
} from "./collator.ts";
import type { Row } from "./dataset.ts";
import { HostTensor, type LabelledBatch } from "./host_tensor.ts";
import type { Tokenizer } from "./tokenizer.ts";

/** Options of {@linkcode dataCollatorForLanguageModeling}. */
export interface LanguageModelingCollatorOptions extends DataCollatorOptions {
  /**
   * Probability of selecting a token for prediction, in [0, 1].
   *
   * @default 0.15
   */
  mlmProbability?: number;
  /**
   * Seed of the random numbers, a whole number from 0.
   *
   * @default 0
   */
  seed?: number;
  /**
   * Probability of selecting a token for prediction, by token id.
   *
   * @default `mlmProbability` for every token
   */
  maskRate?: (id: number) => number;
  /**
   * Whether tokens are selected in both texts of a pair, or in one of them,
   * drawn for each row; the other then stays intact as context.
   *
   * @default "both"
   */
  segments?: "both" | "one";
  /**
   * Draws the token that replaces a selected one in the 10 % random
   * replacements.
   *
   * @default any token of the vocabulary, uniformly
   */
  replaceWith?: (id: number, random: Random) => number;
}

const OPTIONS: OptionNames<LanguageModelingCollatorOptions> = {
  mlmProbability: true,
  seed: true,
  maskRate: true,
  segments: true,
  replaceWith: true,
  padToMultipleOf: true,
};

/** The ignore index: the label of positions that are not predicted. */
const IGNORE_INDEX = -100;
/** Share of the selected tokens that become the mask token. */
const MASKED = 0.8;
/** Share that is replaced by a random token; the rest is left unchanged. */
const REPLACED = 0.1;

/** A collator for masked language modeling; its state is that of its random numbers. */
export interface LanguageModelingCollator {
  /** Collates `B` rows into tensors and labels of `[B, S]`. */
  (features: readonly Row[]): LabelledBatch;
  /** Returns the position in the stream of random numbers, to be saved. */
  stateDict(): RandomState;
  /** Restores a saved position; throws a `RangeError` if it is not valid. */
  loadStateDict(state: RandomState): void;
}

/**
 * Makes a function that collates encoded rows into a batch for masked language
 * modeling, padded as by {@linkcode dataCollatorWithPadding}. It selects 15 % of
 * the tokens, never special ones: 80 % of these become the mask token, 10 % a
 * random token and 10 % are left unchanged. `labels` has the original ids of the
 * selected tokens and the ignore index -100 elsewhere. Rows may have a
 * `nextSentenceLabel`.
 *
 * As in transformers, all batches draw from one stream of random numbers: the
 * same seed and the same batches in the same order give the same masks. A batch
 * that is only inspected advances the stream too.
 *
 * Source: Devlin et al. 2018, https://arxiv.org/abs/1810.04805, section 3.1.
 *
 * @param tokenizer Provides padding and mask token, special tokens and vocabulary size.
 * @param options Which tokens are selected, how often, and the seed.
 * @returns The function, for a `DataLoader`.
 * @throws {RangeError} If the tokenizer has no mask token, or an option is out
 * of range; from the function, as `dataCollatorWithPadding`, or if a row already has labels.
 * @throws {TypeError} As `dataCollatorWithPadding`, which also checks the rows.
 */
export function dataCollatorForLanguageModeling(
  tokenizer: Pick<
    Tokenizer,
    | "padTokenId"
    | "padTokenTypeId"
    | "maskTokenId"
    | "specialTokenIds"
    | "vocabSize"
  >,
  options: LanguageModelingCollatorOptions = {},
): LanguageModelingCollator {
  checkOptions("make a data collator", options, OPTIONS);
  const { padToMultipleOf = 1 } = options;
  const { mlmProbability = 0.15, seed = 0, segments = "both" } = options;
  const {
    maskRate = () => mlmProbability,
    replaceWith = (_, random) => random.below(tokenizer.vocabSize),
  } = options;
  const { maskTokenId, specialTokenIds } = tokenizer;
  if (maskTokenId === undefined) {
    throw new RangeError(
      "Cannot mask tokens: the tokenizer has no mask token; name one as mask_token in tokenizer_config.json",
    );
  }
  if (!(mlmProbability >= 0 && mlmProbability <= 1)) {
    throw new RangeError(
      `Cannot mask tokens: mlmProbability must be from 0 to 1, not ${mlmProbability}`,
    );
  }
  const pad = dataCollatorWithPadding(tokenizer, { padToMultipleOf });
  const random = new Random(seed);

  const collate = (features: readonly Row[]) => {
    // The next-sentence label is collated and checked like any label.
    const { labels: nextSentenceLabel, ...batch } = pad(
      features.map(withPairLabel),
    );
    const { data: ids, shape } = batch.inputIds;
    const [rows, columns] = shape as [number, number];
    const labels = new Int32Array(ids.length).fill(IGNORE_INDEX); // [B, S]
    for (let row = 0; row < rows; row++) {
      let candidates = Array
        .from({ length: columns }, (_, i) => row * columns + i)
        .filter((i) =>
          batch.attentionMask.data[i] !== 0 && !specialTokenIds.has(ids[i]!)
        );
      if (segments === "one" && candidates.length > 0) {
        const typeOf = (i: number) => batch.tokenTypeIds.data[i]!;
        const types = [...new Set(candidates.map(typeOf))];
        const type = types[random.below(types.length)];
        candidates = candidates.filter((i) => typeOf(i) === type);
      }
      for (const i of candidates) {
        const id = ids[i]!;
        if (!(random.nextFloat() < maskRate(id))) continue;
        labels[i] = id;
        const draw = random.nextFloat();
        if (draw < MASKED) ids[i] = maskTokenId;
        else if (draw < MASKED + REPLACED) ids[i] = replaceWith(id, random);
      }
    }
    return {
      ...batch,
      labels: new HostTensor(labels, shape),
      ...nextSentenceLabel && { nextSentenceLabel },
    };
  };
  return Object.assign(collate, {
    stateDict: () => random.state,
    loadStateDict: (state: RandomState) => void (random.state = state),
  });
}

/** Moves the next-sentence label of a row to `labels`. */
function withPairLabel({ nextSentenceLabel, ...row }: Row): Row {
  const present = ["label", "labels"].filter((name) => name in row);
  if (present.length > 0) {
    throw new RangeError(
      `Cannot mask tokens: the labels are the ids of the masked tokens, and the rows have a column ${present} already; remove it with removeColumns(${
        JSON.stringify(present)
      })`,
    );
  }
  return { ...row, labels: nextSentenceLabel };
}
