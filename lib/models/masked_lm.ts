/**
 * Masked language models: one head class for all architectures.
 *
 * @module
 */
import type { Batch, HostTensor, LabelledBatch } from "../data/host_tensor.ts";
import { crossEntropy } from "../ops/cross_entropy.ts";
import { indexSelect } from "../ops/index_select.ts";
import { padInput } from "../ops/pad_input.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Encoder } from "./encoder.ts";
import type { EncodedTokens } from "./padding.ts";
import type { PretrainedConfig } from "./pretrained_config.ts";
import { PreTrainedModel } from "./pretrained_model.ts";

/** Label of a position without a loss: the ignore index of PyTorch. */
const IGNORE_INDEX = -100;

/** Output of a masked language model. */
export interface MaskedLMOutput {
  /** Mean loss over the labelled positions, a scalar; absent where the batch has no labels. */
  readonly loss?: Tensor;
  /**
   * Scores of the vocabulary. With labels `[M, V]`: only the M positions whose
   * label is not -100, row after row. Without labels `[B, S, V]`, zeros where the
   * mask is 0.
   */
  readonly logits: Tensor;
}

/** A head over the vocabulary: `[M, H]` to `[M, V]`. */
export interface PredictionHead {
  /** Applies the head. */
  forward(hiddenStates: Tensor): Tensor;
}

/** An encoder with a head over the vocabulary. */
export abstract class ForMaskedLM<
  Config extends PretrainedConfig = PretrainedConfig,
> extends PreTrainedModel<Config> {
  /** The encoder. A getter, so that it adds no name to the checkpoint. */
  protected abstract get baseModel(): Encoder;
  /** The head. */
  protected abstract get predictionHead(): PredictionHead;

  /**
   * Scores the vocabulary, at the labelled positions alone if there are labels.
   *
   * @param batch Ids, token types and mask, each `[B, S]`, and optionally labels
   * `[B, S]`, -100 for positions without a loss, on the host.
   * @returns Scores, and the mean loss over the labelled positions if there are labels.
   * @throws {RangeError} If a row is too long, an id or label is out of range, or all labels are -100.
   */
  forward(batch: LabelledBatch): MaskedLMOutput & { readonly loss: Tensor };
  /** Scores the vocabulary for a batch that may have no labels. */
  forward(batch: Batch): MaskedLMOutput;
  forward(batch: Batch): MaskedLMOutput {
    const { vocabSize } = this.config;
    const encoded = this.baseModel.encode(batch);
    return predictTokens(this.predictionHead, encoded, batch, vocabSize);
  }
}

/**
 * Scores the vocabulary: at the labelled positions, with their mean
 * cross-entropy, or at all positions if there are no labels.
 *
 * @param head The head.
 * @param encoded The batch after the encoder.
 * @param batch The batch.
 * @param vocabSize Rows of the word embeddings V.
 * @returns Scores and loss.
 * @throws {RangeError} If the labels are not `[B, S]`, no position is labelled, a masked one is, or a label is out of range.
 */
export function predictTokens(
  head: PredictionHead,
  { lastHiddenState, indices }: EncodedTokens,
  { inputIds, labels }: Batch,
  vocabSize: number,
): MaskedLMOutput {
  if (!labels) {
    const [rows, columns] = inputIds.shape as [number, number];
    const logits = head.forward(lastHiddenState); // [T, V]
    return { logits: padInput(logits, indices, [rows, columns]) };
  }
  const limits = { shape: inputIds.shape, vocabSize };
  const { tokens, ids } = labelledTokens(labels, indices, limits);
  const logits = head.forward(indexSelect(lastHiddenState, 0, tokens)); // [M, V]
  const loss = crossEntropy(logits, { shape: [ids.length], data: ids });
  return { loss, logits };
}

/** The real tokens that have a label, and these labels. */
function labelledTokens(
  { data, shape }: HostTensor,
  indices: readonly number[],
  limits: { readonly shape: readonly number[]; readonly vocabSize: number },
): { tokens: number[]; ids: number[] } {
  const refuse = (reason: string): never => {
    throw new RangeError(`Cannot compute the masked-LM loss: ${reason}`);
  };
  if (`${shape}` !== `${limits.shape}`) {
    refuse(`labels must be [${limits.shape}] like inputIds, not [${shape}]`);
  }
  const tokens = [...indices.keys()]
    .filter((token) => data[indices[token]!] !== IGNORE_INDEX);
  const ids = tokens.map((token) => data[indices[token]!]!);
  if (ids.length < data.filter((label) => label !== IGNORE_INDEX).length) {
    refuse(
      `a position has a label and is 0 in attentionMask; label it ${IGNORE_INDEX}`,
    );
  }
  const unknown = ids.find((id) => !(id >= 0 && id < limits.vocabSize));
  if (unknown !== undefined) {
    refuse(
      `labels has ${unknown}, the model takes 0 to ${
        limits.vocabSize - 1
      } and ${IGNORE_INDEX}; use the tokenizer of the model`,
    );
  }
  if (ids.length === 0) {
    refuse(
      `every label of the batch is ${IGNORE_INDEX}; mask more tokens, or make the batches larger`,
    );
  }
  return { tokens, ids };
}
