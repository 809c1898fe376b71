/**
 * DistilBERT: BERT's layers under other names, without token types, without a
 * pooler, and without dropout between attention and its residual.
 *
 * Source: Sanh et al. 2019, https://arxiv.org/abs/1910.01108, and
 * https://github.com/huggingface/transformers/blob/main/src/transformers/models/distilbert/modeling_distilbert.py
 *
 * @module
 */
import type { LayerNorm } from "../../nn/layer_norm.ts";
import type { Linear } from "../../nn/linear.ts";
import { Module } from "../../nn/module.ts";
import { NO_DROPOUT } from "../../ops/dropout_key.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { BertLayer } from "../bert/bert.ts";
import { BertEmbeddings } from "../bert/embeddings.ts";
import { applyLayers, Encoder, type ForwardContext } from "../encoder.ts";
import { LayerFactory } from "../layer_factory.ts";
import type { ModelOptions } from "../pretrained_model.ts";
import { DistilBertConfig } from "./distilbert_config.ts";

/** A {@linkcode BertLayer} under DistilBERT's names. */
export class DistilBertTransformerBlock extends Module {
  /** Query projection, `[H, H]`. */
  readonly qLin: Linear;
  /** Key projection, `[H, H]`. */
  readonly kLin: Linear;
  /** Value projection, `[H, H]`. */
  readonly vLin: Linear;
  /** Output projection of attention, `[H, H]`. */
  readonly outLin: Linear;
  /** LayerNorm after attention. */
  readonly saLayerNorm: LayerNorm;
  /** First feed-forward layer, `[I, H]`. */
  readonly lin1: Linear;
  /** Second feed-forward layer, `[H, I]`. */
  readonly lin2: Linear;
  /** LayerNorm after the feed-forward block. */
  readonly outputLayerNorm: LayerNorm;
  /** The layer. It comes last: a parameter is listed under its first name. */
  readonly layer: BertLayer;

  /** Makes the layer with random weights. */
  constructor(layers: LayerFactory, config: DistilBertConfig) {
    super();
    const layer = new BertLayer(layers, config);
    const { self, output } = layer.attention;
    this.qLin = this.named("attention.q_lin", self.query);
    this.kLin = this.named("attention.k_lin", self.key);
    this.vLin = this.named("attention.v_lin", self.value);
    this.outLin = this.named("attention.out_lin", output.dense);
    this.saLayerNorm = this.named("sa_layer_norm", output.layerNorm);
    this.lin1 = this.named("ffn.lin1", layer.intermediate.dense);
    this.lin2 = this.named("ffn.lin2", layer.output.dense);
    this.outputLayerNorm = this.named(
      "output_layer_norm",
      layer.output.layerNorm,
    );
    this.layer = layer;
  }

  /** `[T, H]` to `[T, H]`. */
  forward(hiddenStates: Tensor, context: ForwardContext): Tensor {
    const { attention, intermediate, output } = this.layer;
    const attended = attention.output.forward(
      attention.self.forward(hiddenStates, context),
      hiddenStates,
      context,
      NO_DROPOUT,
    );
    const inner = intermediate.forward(attended, context);
    return output.forward(inner, attended, context);
  }
}

/** A stack of layers. */
export class DistilBertTransformer extends Module {
  /** Layers in order. */
  readonly layer: readonly DistilBertTransformerBlock[];

  /** Makes the layer with random weights. */
  constructor(layers: LayerFactory, config: DistilBertConfig) {
    super();
    this.layer = Array.from(
      { length: config.nLayers },
      () => new DistilBertTransformerBlock(layers, config),
    );
  }

  /** `[T, H]` to `[T, H]`. */
  forward(hiddenStates: Tensor, context: ForwardContext): Tensor {
    return applyLayers(this.layer, hiddenStates, context);
  }
}

/**
 * The encoder, without a head. Made by {@linkcode PreTrainedModel.fromConfig},
 * loaded and saved by {@linkcode PreTrainedModel.fromPretrained} and
 * {@linkcode PreTrainedModel.savePretrained}.
 */
export class DistilBertModel extends Encoder<DistilBertConfig> {
  /** The class in transformers. */
  static override readonly architecture: string = "DistilBertModel";
  /** The configuration class. */
  static override readonly configClass: typeof DistilBertConfig =
    DistilBertConfig;
  /** Embeddings, without token types. */
  readonly embeddings: BertEmbeddings;
  /** Layers. */
  readonly transformer: DistilBertTransformer;

  /** Makes a model with random weights. */
  constructor(config: DistilBertConfig, options: ModelOptions) {
    super(config, options);
    const layers = new LayerFactory(options.device, config, options.seed ?? 0);
    this.embeddings = new BertEmbeddings(layers, config);
    this.transformer = new DistilBertTransformer(layers, config);
  }

  /** Embeddings, and each layer. */
  override get layersInOrder(): readonly (readonly Module[])[] {
    return [
      [this.embeddings],
      ...this.transformer.layer.map((layer) => [layer]),
    ];
  }

  /** Applies embeddings and layers; returns `[T, H]`. */
  protected override hiddenStates(
    tokens: Uint32Array<ArrayBuffer>,
    context: ForwardContext,
  ): Tensor {
    const embedded = this.embeddings.forward(tokens, context);
    return this.transformer.forward(embedded, context);
  }
}
