/**
 * From encoded rows to a batch with masked words.
 *
 * @module
 */
import { Random } from "../random.ts";
import {
  type DataCollatorOptions,
  dataCollatorWithPadding,
} from "./collator.ts";
import type { Row } from "./dataset.ts";
import { type Batch, HostTensor } from "./host_tensor.ts";
import type { Tokenizer } from "./tokenizer.ts";

/** How {@linkcode dataCollatorForLanguageModeling} masks. */
export interface LanguageModelingCollatorOptions extends DataCollatorOptions {
  /**
   * The probability that a token is to be found, in [0, 1].
   *
   * @default 0.15
   */
  mlmProbability?: number;
  /**
   * Seed of its random numbers, a whole number from 0.
   *
   * @default 0
   */
  seed?: number;
  /**
   * The probability by token id, where tokens differ in it.
   *
   * @default `mlmProbability` for all.
   */
  maskRate?: (id: number) => number;
  /**
   * Whether the tokens to be found lie in both texts of a pair, or in one that
   * is drawn for each row: the other one then stays as it is, to be read.
   *
   * @default "both"
   */
  segments?: "both" | "one";
  /**
   * What stands in the place of a token that is replaced by another, such as
   * one of its own kind.
   *
   * @default Any token of the vocabulary.
   */
  replaceWith?: (id: number, random: Random) => number;
}

/** The label of a position where no word is to be found. */
const IGNORED = -100;
/** How many of the tokens to be found are hidden behind the mask token. */
const MASKED = 0.8;
/** How many are replaced by another token; the rest stays as it is. */
const REPLACED = 0.1;

/**
 * Makes a function that makes a batch of encoded rows, padded as
 * {@linkcode dataCollatorWithPadding} does, in which words are to be found:
 * 15 % of the tokens, special ones left out. Of these 80 % become the mask
 * token, 10 % another token and 10 % stay; `labels` has their ids, and -100
 * elsewhere. A row may have a `nextSentenceLabel`.
 *
 * As in transformers, all batches draw from one stream of random numbers: the
 * same seed and the same batches in the same order give the same masks. A batch
 * that is only looked at draws too.
 *
 * Source: Devlin et al. 2018, https://arxiv.org/abs/1810.04805, section 3.1.
 *
 * @param tokenizer Gives the padding, the mask, the special tokens and the size of the vocabulary.
 * @param options Which tokens are masked, how often and from which seed.
 * @returns The function, for a `DataLoader`: `B` rows to tensors and labels of `[B, S]`.
 * @throws {RangeError} If the tokenizer has no mask token, or an option is out
 * of range; from the function, as `dataCollatorWithPadding`, and if a row has labels already.
 * @throws {TypeError} From the function, as `dataCollatorWithPadding`.
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
): (features: readonly Row[]) => Batch {
  const { mlmProbability = 0.15, seed = 0, segments = "both" } = options;
  const {
    maskRate = () => mlmProbability,
    replaceWith = (_, random) => random.below(tokenizer.vocabSize),
  } = options;
  const { maskTokenId, specialTokenIds } = tokenizer;
  if (maskTokenId === undefined) {
    throw new RangeError(
      "Cannot mask words: the tokenizer has no mask token; name one as mask_token in tokenizer_config.json",
    );
  }
  if (!(mlmProbability >= 0 && mlmProbability <= 1)) {
    throw new RangeError(
      `Cannot mask words: mlmProbability must be from 0 to 1, not ${mlmProbability}`,
    );
  }
  const pad = dataCollatorWithPadding(tokenizer, options);
  const random = new Random(seed);

  return (features) => {
    // The pair's label is collated, and checked, as any label of a row.
    const { labels: nextSentenceLabel, ...batch } = pad(
      features.map(withPairLabel),
    );
    const { data: ids, shape } = batch.inputIds;
    const [rows, columns] = shape as [number, number];
    const labels = new Int32Array(ids.length).fill(IGNORED); // [B, S]
    for (let row = 0; row < rows; row++) {
      let places = Array.from({ length: columns }, (_, i) => row * columns + i)
        .filter((i) =>
          batch.attentionMask.data[i] !== 0 && !specialTokenIds.has(ids[i]!)
        );
      if (segments === "one" && places.length > 0) {
        const kindOf = (i: number) => batch.tokenTypeIds.data[i]!;
        const kinds = [...new Set(places.map(kindOf))];
        const kind = kinds[random.below(kinds.length)];
        places = places.filter((i) => kindOf(i) === kind);
      }
      for (const i of places) {
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
}

/** The row with the label of its pair as its label. */
function withPairLabel({ nextSentenceLabel, ...row }: Row): Row {
  const own = ["label", "labels"].filter((name) => name in row);
  if (own.length > 0) {
    throw new RangeError(
      `Cannot mask words: the labels are those of the words, and the rows have ${own}; leave it out with removeColumns(${
        JSON.stringify(own)
      })`,
    );
  }
  return { ...row, labels: nextSentenceLabel };
}
