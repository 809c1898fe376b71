/**
 * Classifiers over whole sequences: one head class for all architectures.
 *
 * @module
 */
import type { Batch, HostTensor, LabelledBatch } from "../data/host_tensor.ts";
import type { FolderSource } from "../files/folder.ts";
import type { Module } from "../nn/module.ts";
import type { OnnxLayers } from "../onnx/layers.ts";
import { bceWithLogits } from "../ops/bce_with_logits.ts";
import { crossEntropy } from "../ops/cross_entropy.ts";
import { mseLoss } from "../ops/mse_loss.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Encoder } from "./encoder.ts";
import type { EncodedTokens } from "./padding.ts";
import type {
  PretrainedConfig,
  PretrainedConfigClass,
  PretrainedConfigOptions,
} from "./pretrained_config.ts";
import {
  type FromPretrainedOptions,
  type ModelOptions,
  PreTrainedModel,
} from "./pretrained_model.ts";
import { inferProblemType, type ProblemType } from "./problem_type.ts";

/** Output of a sequence classifier. */
export interface SequenceClassifierOutput {
  /** Mean loss of the batch, a scalar; absent where the batch has no labels. */
  readonly loss?: Tensor;
  /** Logits of each row, `[B, numLabels]`. */
  readonly logits: Tensor;
}

/** A sequence classifier class, as `Auto…` and the ONNX export use it. */
export interface SequenceClassifierClass {
  /** The configuration class. */
  readonly configClass: PretrainedConfigClass<
    PretrainedConfig,
    PretrainedConfigOptions
  >;
  /** Makes a model with random weights. */
  fromConfig(
    config: PretrainedConfig,
    options: ModelOptions,
  ): ForSequenceClassification;
  /** Loads a model folder. */
  fromPretrained(
    source: FolderSource,
    options: FromPretrainedOptions,
  ): Promise<ForSequenceClassification>;
  /** Adds a model of a configuration to an ONNX graph, from `input_ids` to `logits`. */
  addToGraph(layers: OnnxLayers, config: PretrainedConfig): void;
}

/**
 * An encoder with a classification or regression head. The loss follows
 * `problemType` of the configuration.
 */
export abstract class ForSequenceClassification<
  Config extends PretrainedConfig = PretrainedConfig,
> extends PreTrainedModel<Config> {
  /**
   * Adds a model of a configuration to an ONNX graph, from `input_ids` to `logits`.
   *
   * @throws {TypeError} If the architecture has no ONNX graph.
   */
  static addToGraph(_layers: OnnxLayers, config: PretrainedConfig): void {
    throw new TypeError(
      `Cannot export a model of type "${config.modelType}": it has no ONNX graph yet`,
    );
  }

  /** The encoder. A getter, so that it adds no name to the checkpoint. */
  protected abstract get baseModel(): Encoder;

  /** Parts of the encoder from the input to the top; see {@linkcode Encoder.layersInOrder}. */
  get layersInOrder(): readonly (readonly Module[])[] {
    return this.baseModel.layersInOrder;
  }

  /**
   * Applies the head.
   *
   * @param encoded The batch after the encoder.
   * @returns Logits, `[B, numLabels]`.
   */
  protected abstract logits(encoded: EncodedTokens): Tensor;

  /**
   * Classifies a batch.
   *
   * @param batch Ids, token types and mask, each `[B, S]`, and optionally labels,
   * on the host: `[B]` i32 for `single_label_classification`, `[B, numLabels]` of
   * 0 and 1 for `multi_label_classification`, `[B]` (or `[B, numLabels]`) numbers
   * for `regression`.
   * @returns Logits, and the mean loss if there are labels.
   * @throws {RangeError} If a row is too long, an id is out of range, or the labels do not fit the problem type.
   */
  forward(
    batch: LabelledBatch,
  ): SequenceClassifierOutput & { readonly loss: Tensor };
  /** Classifies a batch that may have no labels. */
  forward(batch: Batch): SequenceClassifierOutput;
  forward(batch: Batch): SequenceClassifierOutput {
    const logits = this.logits(this.baseModel.encode(batch));
    const { labels } = batch;
    if (!labels) return { logits };
    const { config } = this;
    const problemType = config.problemType ??
      inferProblemType(config.numLabels, labels);
    const loss = classificationLoss(logits, labels, problemType);
    config.problemType = problemType; // once the labels fit it
    return { loss, logits };
  }
}

/**
 * The mean loss of a sequence classifier, as in transformers: mean squared error,
 * cross-entropy, or binary cross-entropy of each label.
 *
 * @param logits Logits, `[B, numLabels]`.
 * @param labels Labels, `[B]` or `[B, numLabels]`.
 * @param problemType The problem type.
 * @returns The loss, a scalar.
 * @throws {RangeError} If the labels have another shape, or a value that is not among the model's labels.
 */
export function classificationLoss(
  logits: Tensor,
  labels: HostTensor,
  problemType: ProblemType,
): Tensor {
  const [rows = 0, numLabels = 0] = logits.shape;
  const hasShape = (...shape: number[]) => `${labels.shape}` === `${shape}`;
  const refuse = (needed: string): never => {
    throw new RangeError(
      `Cannot compute the ${problemType} loss of ${rows} rows: labels must be ${needed}, not [${labels.shape}]`,
    );
  };
  switch (problemType) {
    case "regression":
      if (!hasShape(rows, numLabels) && !(numLabels === 1 && hasShape(rows))) {
        refuse(numLabels === 1 ? `[${rows}]` : `[${rows},${numLabels}]`);
      }
      return mseLoss(logits, { shape: logits.shape, data: labels.data });
    case "multi_label_classification": {
      if (!hasShape(rows, numLabels)) refuse(`[${rows},${numLabels}]`);
      const wrong = labels.data.find((value) => !(value >= 0 && value <= 1));
      if (wrong !== undefined) {
        throw new RangeError(
          `Cannot compute the ${problemType} loss: a label is ${wrong}, and each must be from 0 to 1`,
        );
      }
      return bceWithLogits(logits, labels);
    }
    case "single_label_classification":
      if (!hasShape(rows)) {
        refuse(
          `[${rows}] (for several labels a row give problemType "multi_label_classification")`,
        );
      }
      if (labels.dtype !== "i32") {
        throw new RangeError(
          `Cannot classify into ${numLabels} labels: the batch has labels of dtype f32, and classes are whole numbers (i32); for regression load the model with { numLabels: 1, problemType: "regression" }`,
        );
      }
      return crossEntropy(logits, labels);
  }
}
