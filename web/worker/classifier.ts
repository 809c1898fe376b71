/**
 * The model in use: probabilities of texts, and the words that they lean on.
 *
 * @module
 */
import {
  add,
  AutoModelForSequenceClassification,
  type Batch,
  dataCollatorWithPadding,
  type Device,
  type Encoding,
  type ForSequenceClassification,
  indexSelect,
  type InputFiles,
  mul,
  noGrad,
  type Parameter,
  select,
  sum,
  type Tensor,
  type Tokenizer,
} from "../../mod.ts";
import { indexOfMax, rowsOf, softmax } from "../../scripts/inference/logits.ts";
import type { Texts, WordWeight } from "../messages.ts";
import { wordsOf } from "./tokens.ts";

/** Texts of a batch. */
const BATCH_SIZE = 32;

type Parts = Pick<Classifier, "device" | "model" | "tokenizer" | "maxLength">;

/** Classes of a model. */
interface Head {
  readonly classes: readonly string[];
  readonly seed: number;
  readonly newHead: boolean;
}

/** Computes with the model. Only one call may run at a time. */
export class Classifier {
  readonly device: Device;
  readonly model: ForSequenceClassification;
  readonly tokenizer: Tokenizer;
  readonly maxLength: number;
  readonly #collate: (
    rows: readonly (Encoding & Record<string, unknown>)[],
  ) => Batch;

  /**
   * Takes a model.
   *
   * @param parts The model, with its device and its tokenizer.
   */
  constructor(
    parts: Parts,
  ) {
    this.device = parts.device;
    this.model = parts.model;
    this.tokenizer = parts.tokenizer;
    this.maxLength = parts.maxLength;
    this.#collate = dataCollatorWithPadding<Batch>(parts.tokenizer);
  }

  /**
   * Loads a model.
   *
   * @param parts Its files, its tokenizer and its device.
   * @param head Its classes; whether their layer is new, with weights of this seed.
   * @returns The model, ready to use.
   */
  static async load(
    parts: Omit<Parts, "model"> & { readonly files: InputFiles },
    { classes, seed, newHead }: Head,
  ): Promise<Classifier> {
    const { device } = parts;
    const model = await AutoModelForSequenceClassification.fromPretrained(
      parts.files,
      {
        ...{ device, seed, newHead, numLabels: classes.length },
        id2label: { ...classes },
        problemType: "single_label_classification",
      },
    );
    return new Classifier({ ...parts, model });
  }

  /** Encodes a text or a pair, cut to the length of the training. */
  encode([first, second]: Texts): Encoding {
    const { maxLength } = this;
    return this.tokenizer.encode(first!, second, {
      truncation: true,
      maxLength,
    });
  }

  /**
   * Computes the probability of each class.
   *
   * @param texts Texts or pairs.
   * @returns A list for each text.
   */
  async probabilities(texts: readonly Texts[]): Promise<number[][]> {
    const { device, model } = this;
    const { numLabels } = model.config;
    const found: number[][] = [];
    model.eval();
    using _noGrad = noGrad();
    for (let i = 0; i < texts.length; i += BATCH_SIZE) {
      using _scope = device.scope();
      const rows = texts.slice(i, i + BATCH_SIZE)
        .map((text) => ({ ...this.encode(text) }));
      const { logits } = model.forward(this.#collate(rows));
      found.push(...rowsOf(await logits.toArray(), numLabels).map(softmax));
    }
    return found;
  }

  /**
   * Tells how much the choice of a class over the next best leans on each word: the
   * gradient of the difference of their logits with respect to the embedding of each
   * token, times that embedding, added up over the tokens of a word.
   *
   * Source: Shrikumar et al. 2016, Not Just a Black Box, https://arxiv.org/abs/1605.01713
   *
   * @param texts The text, or the pair.
   * @param label The class.
   * @returns The words, with the greatest weight 1 or -1. Gradients are lost.
   */
  async explain(texts: Texts, label: number): Promise<WordWeight[]> {
    const { model, tokenizer } = this;
    const encoding = this.encode(texts);
    const weights = await this.#tokenWeights(encoding, label);
    for (const parameter of model.parameters()) parameter.grad = undefined;
    const words = wordsOf(tokenizer, encoding, weights);
    const largest = Math.max(...words.map(({ weight }) => Math.abs(weight)));
    return words.map((word) => ({
      ...word,
      weight: largest > 0 ? word.weight / largest : 0,
    }));
  }

  async #tokenWeights(encoding: Encoding, label: number): Promise<number[]> {
    const { device, model } = this;
    const { inputIds } = encoding;
    const [words, positions] = tables(model);
    model.eval(); // no dropout; gradients flow
    using _scope = device.scope();
    const { logits } = model.forward(this.#collate([{ ...encoding }])); // [1, C]
    const values = Array.from(await logits.toArray());
    const rival = values.map((value, i) => i === label ? -Infinity : value);
    const other = indexOfMax(rival);
    sum(add(select(logits, 1, label), mul(select(logits, 1, other), -1)))
      .backward();
    using _noGrad = noGrad();
    const embeddings = await vectorsOf(words, inputIds); // [T, H]
    const [table, rows] = positions
      ? [positions, inputIds.map((_, i) => i)]
      : [words, inputIds];
    const gradients = await vectorsOf(table.grad!, rows); // [T, H]
    const width = embeddings.length / inputIds.length;
    return inputIds.map((id, token) => {
      let total = 0;
      for (let i = token * width; i < (token + 1) * width; i++) {
        total += embeddings[i]! * gradients[i]!;
      }
      // The gradient of a word's row is that of all its tokens together.
      const shared = inputIds.filter((other) => other === id).length;
      return positions ? total : total / shared;
    });
  }
}

/**
 * The word embeddings, and the position embeddings where each is added to one token:
 * its gradient is then that of the token.
 */
function tables(
  model: ForSequenceClassification,
): [words: Parameter, positions: Parameter | undefined] {
  const parameters = [...model.namedParameters()];
  const find = (name: RegExp) =>
    parameters.find(([key]) => name.test(key))?.[1];
  const words = find(/(word|tok)_embeddings\.weight$/)!;
  const positions = find(/[^_]position_embeddings\.weight$/);
  const isAdded = ["bert", "distilbert", "electra"]
    .includes(model.config.modelType) &&
    positions?.shape[1] === words.shape[1];
  return [words, isAdded ? positions : undefined];
}

function vectorsOf(
  table: Tensor,
  rows: readonly number[],
): Promise<Float32Array> {
  return indexSelect(table, 0, rows).toArray();
}
