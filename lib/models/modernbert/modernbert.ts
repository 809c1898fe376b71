/**
 * ModernBERT, in the order of Hugging Face's classes: normalisation before each
 * block, rotary positions, local attention in most layers, and a gated feed-forward
 * block. Biases are left out unless the configuration asks for them.
 *
 * Shapes: B rows of a batch, T real tokens, H hidden size, A heads, D = H/A, I inner size.
 * Source: Warner et al. 2024, https://arxiv.org/abs/2412.13663, and
 * https://github.com/huggingface/transformers/blob/main/src/transformers/models/modernbert/modeling_modernbert.py
 *
 * @module
 */
import type { Embedding } from "../../nn/embedding.ts";
import type { LayerNorm } from "../../nn/layer_norm.ts";
import type { Linear } from "../../nn/linear.ts";
import { Module } from "../../nn/module.ts";
import { add } from "../../ops/add.ts";
import { attention } from "../../ops/attention.ts";
import { dropout } from "../../ops/dropout.ts";
import { geglu } from "../../ops/geglu.ts";
import {
  rotaryEmbedding,
  type RotaryPositions,
  rotaryPositions,
} from "../../ops/rotary_embedding.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { applyLayers, Encoder, type ForwardContext } from "../encoder.ts";
import { checkWithoutGaps } from "../padding.ts";
import type { ModelOptions } from "../pretrained_model.ts";
import type { LayerType } from "./layer_types.ts";
import { ModernBertLayerFactory } from "./layers.ts";
import { ModernBertConfig } from "./modernbert_config.ts";

/** State shared by the layers in one forward pass. */
export interface ModernBertContext extends ForwardContext {
  /** Rotary positions of the tokens, by the type of a layer. */
  readonly rotary: Readonly<Record<LayerType, RotaryPositions>>;
}

/** Word embeddings, LayerNorm, dropout. */
export class ModernBertEmbeddings extends Module {
  /** Word embeddings, `[V, H]`. */
  readonly tokEmbeddings: Embedding;
  /** LayerNorm over H. */
  readonly norm: LayerNorm;
  readonly #dropout: number;

  /** Makes the layer with random weights. */
  constructor(layers: ModernBertLayerFactory, config: ModernBertConfig) {
    super();
    this.tokEmbeddings = this.named("tok_embeddings", layers.embedding());
    this.norm = layers.layerNorm();
    this.#dropout = config.embeddingDropout;
  }

  /** Ids, `[T]`, to `[T, H]`. */
  forward(ids: Uint32Array<ArrayBuffer>, context: ForwardContext): Tensor {
    const words = this.tokEmbeddings.forward({
      shape: [ids.length],
      data: ids,
    });
    const key = context.dropoutKey(this.#dropout);
    return dropout(this.norm.forward(words), key);
  }
}

/** Multi-head self-attention with rotary positions, over rows or over a window. */
export class ModernBertAttention extends Module {
  /** Query, key and value projections, `[3H, H]`. */
  readonly wqkv: Linear;
  /** Output projection, `[H, H]`. */
  readonly wo: Linear;
  readonly #type: LayerType;
  readonly #heads: number;
  readonly #dropout: number;
  readonly #options: { readonly window?: number };

  /** Makes the layer with random weights. */
  constructor(
    layers: ModernBertLayerFactory,
    config: ModernBertConfig,
    type: LayerType,
  ) {
    super();
    const { hiddenSize, attentionBias, localAttention } = config;
    this.wqkv = this.named(
      "Wqkv",
      layers.linear(hiddenSize, 3 * hiddenSize, attentionBias),
    );
    this.wo = this.named(
      "Wo",
      layers.outputLinear(hiddenSize, hiddenSize, attentionBias),
    );
    this.#type = type;
    this.#heads = config.numAttentionHeads;
    this.#dropout = config.attentionDropout;
    this.#options = type === "sliding_attention"
      ? { window: Math.floor(localAttention / 2) }
      : {};
  }

  /** `[T, H]` to `[T, H]`. */
  forward(hiddenStates: Tensor, context: ModernBertContext): Tensor {
    const qkv = this.wqkv.forward(hiddenStates, context); // [T, 3H]
    const rotated = rotaryEmbedding(
      qkv,
      context.rotary[this.#type],
      this.#heads,
    );
    qkv.dispose(); // no gradient needs it
    const attended = attention(
      rotated,
      context.tiles,
      this.#heads,
      context.dropoutKey(this.#dropout),
      this.#options,
    );
    const projected = this.wo.forward(attended, context);
    return dropout(projected, context.dropoutKey(this.#dropout));
  }
}

/** Feed-forward block: a linear layer, GELU and a gate, another linear layer. */
export class ModernBertMLP extends Module {
  /** Input and gate projections, `[2I, H]`. */
  readonly wi: Linear;
  /** Output projection, `[H, I]`. */
  readonly wo: Linear;
  readonly #approximate: "none" | "tanh";
  readonly #dropout: number;

  /** Makes the layer with random weights. */
  constructor(layers: ModernBertLayerFactory, config: ModernBertConfig) {
    super();
    const { hiddenSize, intermediateSize, mlpBias } = config;
    this.wi = this.named(
      "Wi",
      layers.linear(hiddenSize, 2 * intermediateSize, mlpBias),
    );
    this.wo = this.named(
      "Wo",
      layers.outputLinear(intermediateSize, hiddenSize, mlpBias),
    );
    this.#approximate = config.hiddenActivation === "gelu" ? "none" : "tanh";
    this.#dropout = config.mlpDropout;
  }

  /** `[T, H]` to `[T, H]`. */
  forward(hiddenStates: Tensor, context: ForwardContext): Tensor {
    const gated = geglu(this.wi.forward(hiddenStates, context), {
      approximate: this.#approximate,
    });
    const key = context.dropoutKey(this.#dropout);
    return this.wo.forward(dropout(gated, key), context);
  }
}

/** One layer: attention block and feed-forward block, each after a LayerNorm. */
export class ModernBertEncoderLayer extends Module {
  /** LayerNorm before attention; none in the first layer, after that of the embeddings. */
  readonly attnNorm: LayerNorm | undefined;
  /** Attention. */
  readonly attn: ModernBertAttention;
  /** LayerNorm before the feed-forward block. */
  readonly mlpNorm: LayerNorm;
  /** Feed-forward block. */
  readonly mlp: ModernBertMLP;

  /** Makes layer number `index` with random weights. */
  constructor(
    layers: ModernBertLayerFactory,
    config: ModernBertConfig,
    index: number,
  ) {
    super();
    this.attnNorm = index === 0
      ? undefined
      : this.named("attn_norm", layers.layerNorm());
    this.attn = new ModernBertAttention(
      layers,
      config,
      config.layerTypes[index]!,
    );
    this.mlpNorm = this.named("mlp_norm", layers.layerNorm());
    this.mlp = new ModernBertMLP(layers, config);
  }

  /** `[T, H]` to `[T, H]`. */
  forward(hiddenStates: Tensor, context: ModernBertContext): Tensor {
    const normed = this.attnNorm?.forward(hiddenStates) ?? hiddenStates;
    const attended = addTo(hiddenStates, this.attn.forward(normed, context));
    const output = this.mlp.forward(this.mlpNorm.forward(attended), context);
    return addTo(attended, output);
  }
}

/** Adds the output of a block to its input; no gradient needs the output. */
function addTo(residual: Tensor, output: Tensor): Tensor {
  const sum = add(residual, output);
  output.dispose();
  return sum;
}

/**
 * The encoder, without a head. {@linkcode Encoder.encode} gives the vectors of the
 * tokens. Made by {@linkcode PreTrainedModel.fromConfig}, loaded and saved by
 * {@linkcode PreTrainedModel.fromPretrained} and
 * {@linkcode PreTrainedModel.savePretrained}.
 */
export class ModernBertModel extends Encoder<ModernBertConfig> {
  /** The class in transformers. */
  static override readonly architecture: string = "ModernBertModel";
  /** The configuration class. */
  static override readonly configClass: typeof ModernBertConfig =
    ModernBertConfig;
  /** Embeddings. */
  readonly embeddings: ModernBertEmbeddings;
  /** Layers in order. */
  readonly layers: readonly ModernBertEncoderLayer[];
  /** LayerNorm after the last layer. */
  readonly finalNorm: LayerNorm;

  /** Makes a model with random weights. */
  constructor(config: ModernBertConfig, options: ModelOptions) {
    super(config, options);
    const factory = new ModernBertLayerFactory(config, options);
    this.embeddings = new ModernBertEmbeddings(factory, config);
    this.layers = config.layerTypes.map((_, i) =>
      new ModernBertEncoderLayer(factory, config, i)
    );
    this.finalNorm = this.named("final_norm", factory.layerNorm());
  }

  /** Embeddings; each layer, the LayerNorm after the last one with it. */
  override get layersInOrder(): readonly (readonly Module[])[] {
    const last = this.layers.length - 1;
    return [
      [this.embeddings],
      ...this.layers.map((layer, i) =>
        i === last ? [layer, this.finalNorm] : [layer]
      ),
    ];
  }

  /** Applies embeddings and layers; returns `[T, H]`. */
  protected override hiddenStates(
    tokens: Uint32Array<ArrayBuffer>,
    context: ForwardContext,
  ): Tensor {
    checkWithoutGaps(context);
    const positions = tokens.filter((_, i) => i % 3 === 1);
    const { headDim, ropeThetas } = this.config;
    const { device } = this.finalNorm.weight;
    const rotary = (type: LayerType) =>
      rotaryPositions(device, positions, headDim, ropeThetas[type]);
    const withRotary = {
      ...context,
      rotary: {
        "full_attention": rotary("full_attention"),
        "sliding_attention": rotary("sliding_attention"),
      },
    };
    const ids = tokens.filter((_, i) => i % 3 === 0);
    const embedded = this.embeddings.forward(ids, context);
    const encoded = applyLayers(this.layers, embedded, withRotary);
    return this.finalNorm.forward(encoded);
  }
}
