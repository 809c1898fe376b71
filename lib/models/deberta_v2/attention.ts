/**
 * Disentangled self-attention.
 *
 * Shapes: T real tokens, H hidden size, A heads, R rows of the table of distances
 * that the longest row of the batch needs, N pairs of a row and a key.
 *
 * @module
 */
import { Linear } from "../../nn/linear.ts";
import { Module } from "../../nn/module.ts";
import { attention } from "../../ops/attention.ts";
import { disentangledAttentionBias } from "../../ops/disentangled_attention_bias.ts";
import { dropout } from "../../ops/dropout.ts";
import type { RelativePositions } from "../../ops/relative_positions.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { ForwardContext } from "../encoder.ts";
import type { LayerFactory } from "../layer_factory.ts";
import type { DebertaV2Config } from "./deberta_v2_config.ts";

/** State shared by the layers in one forward pass. */
export interface DebertaV2Context extends ForwardContext {
  /** Distances of the tokens, and their embeddings, `[R, H]`; none without relative attention. */
  readonly relative?: {
    readonly positions: RelativePositions;
    readonly embeddings: Tensor;
    /** Row of the whole table that is the first of the embeddings. */
    readonly firstRow: number;
  };
}

/** Self-attention over content and distance. */
export class DisentangledSelfAttention extends Module {
  /** Query projection, `[H, H]`. */
  readonly queryProj: Linear;
  /** Key projection, `[H, H]`. */
  readonly keyProj: Linear;
  /** Value projection, `[H, H]`. */
  readonly valueProj: Linear;
  /** Query projection of distances, `[H, H]`, unless it is that of tokens. */
  readonly posQueryProj: Linear | undefined;
  /** Key projection of distances, `[H, H]`, unless it is that of tokens. */
  readonly posKeyProj: Linear | undefined;
  readonly #config: DebertaV2Config;

  /** Makes the layer with random weights. */
  constructor(layers: LayerFactory, config: DebertaV2Config) {
    super();
    const { hiddenSize, attentionTypes, shareAttKey } = config;
    const projection = (name: string) =>
      this.named(name, layers.linear(hiddenSize, hiddenSize));
    this.queryProj = projection("query_proj");
    this.keyProj = projection("key_proj");
    this.valueProj = projection("value_proj");
    const own = shareAttKey ? [] : attentionTypes;
    if (own.includes("p2c")) this.posQueryProj = projection("pos_query_proj");
    if (own.includes("c2p")) this.posKeyProj = projection("pos_key_proj");
    this.#config = config;
  }

  /** `[T, H]` to `[T, H]`. */
  forward(hiddenStates: Tensor, context: DebertaV2Context): Tensor {
    const {
      numAttentionHeads: heads,
      attentionScale: scale,
      attentionProbsDropoutProb,
    } = this.#config;
    const qkv = Linear.concat(
      hiddenStates,
      [this.queryProj, this.keyProj, this.valueProj],
      context,
    ); // [T, 3H]
    const bias = this.#bias(qkv, context);
    const attended = attention(
      qkv,
      context.tiles,
      heads,
      context.dropoutKey(attentionProbsDropoutProb),
      { scale, bias },
    );
    if (!bias?.requiresGrad) bias?.dispose(); // no gradient needs it
    return attended;
  }

  /** The terms of the scores that depend on distance, `[A, N]`. */
  #bias(qkv: Tensor, { relative, dropoutKey }: DebertaV2Context) {
    if (!relative) return undefined;
    const {
      numAttentionHeads: heads,
      attentionScale: scale,
      attentionTypes: types,
      hiddenDropoutProb,
    } = this.#config;
    const key = dropoutKey(hiddenDropoutProb); // one for each layer, used or not
    if (types.length === 0) return undefined;
    // The masks of a distance are the same whatever rows the batch has.
    const { embeddings: rows, firstRow } = relative;
    const place = { firstRow, batchRows: undefined };
    const embeddings = dropout(rows, { ...key, ...place });
    const ofDistances = {
      dropoutKey: (p: number) => ({ ...dropoutKey(p), ...place }),
    };
    const projections = [
      types.includes("p2c") ? this.posQueryProj ?? this.queryProj : undefined,
      types.includes("c2p") ? this.posKeyProj ?? this.keyProj : undefined,
    ].filter((layer) => layer !== undefined);
    return disentangledAttentionBias(
      qkv,
      Linear.concat(embeddings, projections, ofDistances), // [R, H] or [R, 2H]
      relative.positions,
      { heads, types, scale },
    );
  }
}
