/**
 * An embedding layer.
 *
 * @module
 */
import { checkOptions, type OptionNames } from "../check_options.ts";
import type { Device } from "../gpu/device.ts";
import { embedding } from "../ops/embedding.ts";
import type { HostArray } from "../ops/host_array.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Init, type Initializer, normal } from "./init.ts";
import { DEFAULT_INITIALIZER } from "./linear.ts";
import { Module } from "./module.ts";
import { Parameter } from "./parameter.ts";

/** Options of {@linkcode Embedding}. */
export interface EmbeddingLayerOptions {
  /**
   * Id of the padding token: its row is initialised to 0 and gets no gradient.
   *
   * @default None.
   */
  paddingIdx?: number;
  /**
   * Source of random numbers for the initial values.
   *
   * @default An initializer with seed 0 that all layers share.
   */
  initializer?: Initializer;
  /**
   * Distribution of the initial values.
   *
   * @default Standard normal, as in `torch.nn.Embedding`.
   */
  weightInit?: Init;
}

const OPTIONS: OptionNames<EmbeddingLayerOptions> = {
  paddingIdx: true,
  initializer: true,
  weightInit: true,
};

/** An embedding table: maps ids to rows, as `torch.nn.Embedding`. */
export class Embedding extends Module {
  /** The embedding table, `[V, H]`. */
  readonly weight: Parameter;
  /** Id of the padding token: its row gets no gradient. */
  readonly paddingIdx: number | undefined;

  /**
   * Makes an embedding layer.
   *
   * @param device The device.
   * @param numEmbeddings Number of rows V.
   * @param embeddingDim Size H of a row.
   * @param options Padding and initial values.
   */
  constructor(
    device: Device,
    numEmbeddings: number,
    embeddingDim: number,
    options: EmbeddingLayerOptions = {},
  ) {
    super();
    checkOptions("make an Embedding", options, OPTIONS);
    const { initializer = DEFAULT_INITIALIZER, weightInit = normal(1) } =
      options;
    const { paddingIdx } = options;
    this.paddingIdx = paddingIdx;
    const fill = initializer.next(weightInit);
    this.weight = new Parameter(
      device,
      [numEmbeddings, embeddingDim],
      (values) => {
        fill(values);
        if (paddingIdx !== undefined) {
          values.fill(
            0,
            paddingIdx * embeddingDim,
            (paddingIdx + 1) * embeddingDim,
          );
        }
      },
      { isTable: true },
    );
  }

  /** Looks up ids `[...]` in host memory; returns `[..., H]`. */
  forward(ids: HostArray): Tensor {
    return embedding(
      this.weight,
      ids,
      this.paddingIdx === undefined ? {} : { paddingIdx: this.paddingIdx },
    );
  }
}
