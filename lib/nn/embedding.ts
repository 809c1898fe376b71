/**
 * A lookup table.
 *
 * @module
 */
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
   * The id whose row stays as it is: zero at first, and without gradient.
   *
   * @default None.
   */
  paddingIdx?: number;
  /**
   * Random numbers for the initial values.
   *
   * @default One for all layers, seed 0.
   */
  initializer?: Initializer;
  /**
   * Initial values.
   *
   * @default Standard normal, as in `torch.nn.Embedding`.
   */
  weightInit?: Init;
}

/** Rows of a table by their number, as `torch.nn.Embedding`. */
export class Embedding extends Module {
  /** The table, `[V, H]`. */
  readonly weight: Parameter;
  /** The id whose row gets no gradient. */
  readonly paddingIdx: number | undefined;

  /**
   * Makes a table.
   *
   * @param device Where.
   * @param numEmbeddings Number of rows V.
   * @param embeddingDim Size of a row H.
   * @param options Padding and initial values.
   */
  constructor(
    device: Device,
    numEmbeddings: number,
    embeddingDim: number,
    options: EmbeddingLayerOptions = {},
  ) {
    super();
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

  /** Looks up ids `[...]` that lie on the host; gives `[..., H]`. */
  forward(ids: HostArray): Tensor {
    return embedding(
      this.weight,
      ids,
      this.paddingIdx === undefined ? {} : { paddingIdx: this.paddingIdx },
    );
  }
}
