/**
 * The classification head that RoBERTa, ELECTRA and MPNet share.
 *
 * @module
 */
import type { Linear } from "../nn/linear.ts";
import { Module } from "../nn/module.ts";
import { dropout } from "../ops/dropout.ts";
import type { DropoutKey } from "../ops/dropout_key.ts";
import { tanh } from "../ops/tanh.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { LayerFactory } from "./layer_factory.ts";
import { type EncodedTokens, firstTokens } from "./padding.ts";

/** Settings of a {@linkcode ClassificationHead}. */
export interface ClassificationHeadConfig {
  /** Size of a token's vector H. */
  readonly hiddenSize: number;
  /** Number of labels. */
  readonly numLabels: number;
  /** Dropout before both layers; `hiddenDropoutProb` if it is null. */
  readonly classifierDropout: number | null;
  /** Dropout of the encoder's blocks. */
  readonly hiddenDropoutProb: number;
}

/** Two linear layers over the first token, each after dropout, with an activation between them. */
export class ClassificationHead extends Module {
  /** First layer, `[H, H]`. */
  readonly dense: Linear;
  /** Second layer, `[numLabels, H]`. */
  readonly outProj: Linear;
  readonly #activation: "tanh" | "gelu";
  readonly #dropout: number;

  /** Makes the head with random weights. */
  constructor(
    layers: LayerFactory,
    config: ClassificationHeadConfig,
    activation: "tanh" | "gelu",
  ) {
    super();
    const { hiddenSize, classifierDropout, hiddenDropoutProb } = config;
    this.dense = layers.linear(hiddenSize, hiddenSize);
    this.outProj = this.named(
      "out_proj",
      layers.linear(hiddenSize, config.numLabels),
    );
    this.#activation = activation;
    this.#dropout = classifierDropout ?? hiddenDropoutProb;
  }

  /** Returns logits, `[B, numLabels]`; `dropoutKey` is that of the encoder. */
  forward(
    encoded: EncodedTokens,
    dropoutKey: (p: number) => DropoutKey,
  ): Tensor {
    const first = dropout(firstTokens(encoded), dropoutKey(this.#dropout));
    const inner = this.#activation === "gelu"
      ? this.dense.forward(first, { activation: "gelu" })
      : tanh(this.dense.forward(first));
    return this.outProj.forward(dropout(inner, dropoutKey(this.#dropout)));
  }
}
