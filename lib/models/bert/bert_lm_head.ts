/**
 * BERT's head over the vocabulary: which word a masked one was.
 *
 * @module
 */
import type { Batch, HostTensor } from "../../data/host_tensor.ts";
import type { Embedding } from "../../nn/embedding.ts";
import type { LayerNorm } from "../../nn/layer_norm.ts";
import type { Linear } from "../../nn/linear.ts";
import { Module } from "../../nn/module.ts";
import type { Parameter } from "../../nn/parameter.ts";
import { crossEntropy } from "../../ops/cross_entropy.ts";
import { indexSelect } from "../../ops/index_select.ts";
import { linear } from "../../ops/linear.ts";
import { padInput } from "../../ops/pad_input.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { ACT2FN, type Activation } from "../activations.ts";
import type { BertModel, EncodedTokens } from "./bert.ts";
import type { BertConfig } from "./bert_config.ts";
import type { LayerFactory } from "../pretrained_model.ts";

/** The label of a position where no word is to be found. */
const IGNORED = -100;

/** A linear layer of size H, the activation, layer normalisation. */
export class BertPredictionHeadTransform extends Module {
  /** The linear layer. */
  readonly dense: Linear;
  /** The normalisation. */
  readonly layerNorm: LayerNorm;
  readonly #activation: Activation;

  /** Makes it from random weights. */
  constructor(layers: LayerFactory, { hiddenSize, hiddenAct }: BertConfig) {
    super();
    this.dense = layers.linear(hiddenSize, hiddenSize);
    this.layerNorm = this.named("LayerNorm", layers.layerNorm());
    this.#activation = ACT2FN[hiddenAct]!;
  }

  /** `[M, H]` to `[M, H]`. */
  forward(hiddenStates: Tensor): Tensor {
    return this.layerNorm.forward(this.#activation(this.dense, hiddenStates));
  }
}

/** A score for every word of the vocabulary; its matrix is the table of words itself. */
export class BertLMPredictionHead extends Module {
  /** What comes before the matrix. */
  readonly transform: BertPredictionHeadTransform;
  /** One number a word, `[V]`. */
  readonly bias: Parameter;
  readonly #wordEmbeddings: Embedding;

  /** Makes it from random weights, over the table of words of an encoder. */
  constructor(layers: LayerFactory, { config, embeddings }: BertModel) {
    super();
    this.transform = new BertPredictionHeadTransform(layers, config);
    this.bias = layers.bias(config.vocabSize);
    this.#wordEmbeddings = embeddings.wordEmbeddings;
  }

  /** `[M, H]` to `[M, V]`. */
  forward(hiddenStates: Tensor): Tensor {
    const transformed = this.transform.forward(hiddenStates);
    return linear(transformed, this.#wordEmbeddings.weight, this.bias);
  }
}

/** What {@linkcode BertForMaskedLM} gives. */
export interface MaskedLMOutput {
  /** The mean loss over the labelled positions, a scalar; absent where the batch has no labels. */
  readonly loss?: Tensor;
  /**
   * A score for every word. Of a batch with labels `[M, V]`: for the M positions
   * alone whose label is not -100, row after row. Without labels `[B, S, V]`,
   * with zeros where the mask is 0.
   */
  readonly logits: Tensor;
}

/**
 * Scores the words of a batch: at the labelled positions, with their mean
 * cross-entropy, or everywhere if there are no labels.
 *
 * @param head The head.
 * @param encoded The tokens of the batch.
 * @param batch The batch.
 * @returns Scores and loss.
 * @throws {RangeError} If the labels are not `[B, S]`, no position is labelled, a masked one is, or a label is none of the vocabulary.
 */
export function predictWords(
  head: BertLMPredictionHead,
  { lastHiddenState, indices }: EncodedTokens,
  { inputIds, labels }: Batch,
): MaskedLMOutput {
  if (!labels) {
    const [rows, columns] = inputIds.shape as [number, number];
    const logits = head.forward(lastHiddenState); // [T, V]
    return { logits: padInput(logits, indices, [rows, columns]) };
  }
  const limits = { shape: inputIds.shape, vocabSize: head.bias.size };
  const { tokens, ids } = labelledTokens(labels, indices, limits);
  const logits = head.forward(indexSelect(lastHiddenState, 0, tokens)); // [M, V]
  const loss = crossEntropy(logits, { shape: [ids.length], data: ids });
  return { loss, logits };
}

/** Which of the packed tokens have a label, and these labels. */
function labelledTokens(
  { data, shape }: HostTensor,
  indices: readonly number[],
  limits: { readonly shape: readonly number[]; readonly vocabSize: number },
): { tokens: number[]; ids: number[] } {
  const refuse = (reason: string): never => {
    throw new RangeError(
      `Cannot compute the loss of masked words: ${reason}`,
    );
  };
  if (`${shape}` !== `${limits.shape}`) {
    refuse(`labels must be [${limits.shape}] like inputIds, not [${shape}]`);
  }
  const tokens = [...indices.keys()]
    .filter((token) => data[indices[token]!] !== IGNORED);
  const ids = tokens.map((token) => data[indices[token]!]!);
  if (ids.length < data.filter((label) => label !== IGNORED).length) {
    refuse(
      `a position has a label and is 0 in attentionMask; label it ${IGNORED}`,
    );
  }
  const stranger = ids.find((id) => !(id >= 0 && id < limits.vocabSize));
  if (stranger !== undefined) {
    refuse(
      `labels has ${stranger}, the model takes 0 to ${
        limits.vocabSize - 1
      } and ${IGNORED}; use the tokenizer of the model`,
    );
  }
  if (ids.length === 0) {
    refuse(
      `every label of the batch is ${IGNORED}; mask more words, or make the batches larger`,
    );
  }
  return { tokens, ids };
}
