/**
 * The base of all encoders: from a padded batch to the vectors of its tokens.
 *
 * @module
 */
import type { Batch } from "../data/host_tensor.ts";
import type { Device } from "../gpu/device.ts";
import { DropoutKeys, type DropoutKeysState } from "../nn/dropout.ts";
import type { Module } from "../nn/module.ts";
import { attentionTiles } from "../ops/attention.ts";
import { type DropoutKey, NO_DROPOUT } from "../ops/dropout_key.ts";
import "../ops/half.ts"; // the conversions of keepHalf
import { keepHalf } from "../tensor/autocast.ts";
import { checkpoint } from "../tensor/checkpoint.ts";
import type { Tensor } from "../tensor/tensor.ts";
import {
  type EncodedTokens,
  type UnpaddedBatch,
  unpadInput,
} from "./padding.ts";
import type { PretrainedConfig } from "./pretrained_config.ts";
import { type ModelOptions, PreTrainedModel } from "./pretrained_model.ts";

/** State shared by the layers in one forward pass. */
export interface ForwardContext
  extends Pick<UnpaddedBatch, "cuSeqlens" | "indices"> {
  /** Blocks of rows of the batch, for `attention`. */
  readonly tiles: Tensor;
  /** Returns the key of the next dropout of this pass, of a tensor with a row for each token. */
  readonly dropoutKey: (p: number) => DropoutKey;
  /** Whether the layers are checkpoints; see {@linkcode PreTrainedModel.gradientCheckpointingEnable}. */
  readonly gradientCheckpointing: boolean;
}

/** A layer of an encoder. */
export interface EncoderLayer<Context extends ForwardContext> {
  /** `[T, H]` to `[T, H]`. */
  forward(hiddenStates: Tensor, context: Context): Tensor;
}

/**
 * Applies layers one after the other.
 *
 * @param layers The layers in order.
 * @param hiddenStates Input of the first layer, `[T, H]`.
 * @param context State shared by the layers.
 * @returns Output of the last layer, `[T, H]`.
 */
export function applyLayers<Context extends ForwardContext>(
  layers: readonly EncoderLayer<Context>[],
  hiddenStates: Tensor,
  context: Context,
): Tensor {
  return layers.reduce((x, layer) => {
    const apply = (x: Tensor) => layer.forward(x, context);
    const { gradientCheckpointing } = context;
    return keepHalf(
      gradientCheckpointing ? (x) => checkpoint(apply, x) : apply,
      x,
    );
  }, hiddenStates);
}

/** An encoder without a head: embeddings and layers. */
export abstract class Encoder<
  Config extends PretrainedConfig = PretrainedConfig,
> extends PreTrainedModel<Config> {
  /** Counts forward passes and dropouts, so that each draws other random numbers. */
  readonly dropoutKeys: DropoutKeys;
  readonly #device: Device;

  /** Makes an encoder without parameters; a subclass adds them. */
  constructor(config: Config, { device, seed = 0 }: ModelOptions) {
    super(config);
    this.#device = device;
    this.dropoutKeys = new DropoutKeys(seed);
  }

  /**
   * Parts of the encoder from the input to the top: the embeddings and what else
   * stands before the first layer, then the parts of each layer.
   */
  abstract get layersInOrder(): readonly (readonly Module[])[];

  /**
   * Applies embeddings and layers.
   *
   * @param tokens Id, position and token type of each token, `[T, 3]`.
   * @param context State shared by the layers.
   * @returns Vectors of the tokens, `[T, H]`.
   */
  protected abstract hiddenStates(
    tokens: Uint32Array<ArrayBuffer>,
    context: ForwardContext,
  ): Tensor;

  /**
   * Encodes a batch; padding is removed before the first layer.
   *
   * @param batch Ids, token types and mask, each `[B, S]`, on the host. Token
   * types are ignored by models that have none.
   * @returns Vectors of the real tokens, `[T, H]`.
   * @throws {RangeError} If shapes differ, a row is too long or an id is out of range; or, with attention by distance, if the mask of a row has a zero before its last token.
   */
  encode(batch: Batch): EncodedTokens {
    const { tokens, ...rows } = unpadInput(batch, this.config);
    const { before, whole } = batch;
    const ofRows = { firstRow: before?.rows, batchRows: whole?.rows };
    const ofTokens = { firstRow: before?.tokens, batchRows: whole?.tokens };
    if (this.training) this.dropoutKeys.nextStep(ofRows);
    const lastHiddenState = this.hiddenStates(tokens, {
      ...rows,
      tiles: attentionTiles(this.#device, rows.cuSeqlens),
      dropoutKey: (p) => ({ ...this.dropoutKey(p), ...ofTokens }),
      gradientCheckpointing: this.isGradientCheckpointing,
    });
    return { lastHiddenState, ...rows };
  }

  /** Encodes a batch; see {@linkcode Encoder.encode}. */
  forward(batch: Batch): EncodedTokens {
    return this.encode(batch);
  }

  /** Returns seed and number of forward passes in training. */
  override getExtraState(): DropoutKeysState {
    return this.dropoutKeys.stateDict();
  }

  /** Restores seed and number of forward passes in training. */
  override setExtraState(state: DropoutKeysState): void {
    this.dropoutKeys.loadStateDict(state);
  }

  /**
   * Returns the key of the next dropout of this forward pass, of a tensor with a row
   * for each row of the batch: none in evaluation.
   */
  dropoutKey(p: number): DropoutKey {
    return this.training ? this.dropoutKeys.nextSite(p) : NO_DROPOUT;
  }
}
