/**
 * How a BERT is made and loaded: the initial values of its layers, and the
 * checkpoint's.
 *
 * @module
 */
import {
  type ModelFolder,
  saveModelFolder,
} from "../checkpoint/hugging_face.ts";
import {
  formatLoadReport,
  type MatchOptions,
  matchParameters,
} from "../checkpoint/load_report.ts";
import type { Device } from "../gpu/device.ts";
import { Embedding } from "../nn/embedding.ts";
import { constant, Initializer, normal } from "../nn/init.ts";
import { LayerNorm } from "../nn/layer_norm.ts";
import { Linear } from "../nn/linear.ts";
import type { Module } from "../nn/module.ts";
import { Parameter } from "../nn/parameter.ts";
import type { BertConfig, BertConfigOptions } from "./bert/bert_config.ts";

/** How a model is made. */
export interface ModelOptions {
  /** Where. */
  device: Device;
  /**
   * Seed of initial values and dropout, a whole number from 0.
   *
   * @default 0
   */
  seed?: number;
}

/** How a model is loaded. */
export interface FromPretrainedOptions<Config = BertConfigOptions>
  extends ModelOptions {
  /**
   * Number of labels; 1 is regression.
   *
   * @default As the checkpoint says.
   */
  numLabels?: number;
  /**
   * Names of the labels by number.
   *
   * @default Those of the checkpoint where it has as many, else LABEL_0 ….
   */
  id2label?: Readonly<Record<number, string>>;
  /**
   * Settings that replace those of the checkpoint, such as dropout rates.
   *
   * @default None.
   */
  config?: Config;
}

/** Makes layers with BERT's initial values: matrices normal, biases 0. */
export class LayerFactory {
  readonly #device: Device;
  readonly #config: BertConfig;
  readonly #initializer: Initializer;

  /** Makes them on a device, for a configuration and a seed. */
  constructor(device: Device, config: BertConfig, seed: number) {
    this.#device = device;
    this.#config = config;
    this.#initializer = new Initializer(seed);
  }

  /** A linear layer. */
  linear(inFeatures: number, outFeatures: number): Linear {
    return new Linear(this.#device, inFeatures, outFeatures, {
      initializer: this.#initializer,
      weightInit: normal(this.#config.initializerRange),
      biasInit: constant(0),
    });
  }

  /** A layer normalisation over H. */
  layerNorm(): LayerNorm {
    const { hiddenSize, layerNormEps } = this.#config;
    return new LayerNorm(this.#device, hiddenSize, { eps: layerNormEps });
  }

  /** A bias that no layer has. */
  bias(size: number): Parameter {
    return new Parameter(this.#device, [size], constant(0));
  }

  /** A table of vectors of size H. */
  embedding(rows: number, paddingIdx?: number): Embedding {
    return new Embedding(this.#device, rows, this.#config.hiddenSize, {
      initializer: this.#initializer,
      weightInit: normal(this.#config.initializerRange),
      ...paddingIdx === undefined ? {} : { paddingIdx },
    });
  }
}

/** What a checkpoint may have besides: heads of other tasks, and positions as a tensor. */
export const BERT: MatchOptions = {
  baseModelPrefix: "bert",
  keysToIgnoreOnLoadUnexpected: [/^cls\./, /position_ids$/],
};

/**
 * Fills a model from a folder.
 *
 * @param model The model.
 * @param folder The folder, open.
 * @param architecture What to know of the model's names.
 * @returns What was missing or not expected, in a few lines; `undefined` if all matched.
 * @throws {RangeError} If a tensor has another shape, none fits, or a layer is not there.
 */
export function loadCheckpoint(
  model: Module,
  folder: ModelFolder,
  architecture = BERT,
): string | undefined {
  const parameters = model.stateDict();
  const report = matchParameters(
    folder,
    Object.entries(parameters),
    architecture,
  );
  const [layer, ...others] = report.missing
    .filter((name) => /\blayer\.\d+\./.test(name));
  if (layer !== undefined) {
    throw new RangeError(
      `Cannot load ${folder.path}: its weights lack ${layer} and ${others.length} more of the layers that config.json asks for: correct the number of layers there, or load a whole checkpoint`,
    );
  }
  for (const [name, source] of report.sources) {
    parameters[name]!.load(folder.read(source));
  }
  return formatLoadReport(report, model.constructor.name, folder.path);
}

/**
 * Writes a folder that transformers loads as it is: `config.json` and
 * `model.safetensors`.
 *
 * @param model The model.
 * @param path The folder; made where there is none.
 * @param architecture The model's class in transformers.
 * @throws {Error} If a file cannot be written.
 */
export async function saveCheckpoint(
  model: Module & {
    readonly config: { toJson(architecture: string): Record<string, unknown> };
  },
  path: string,
  architecture: string,
): Promise<void> {
  await saveModelFolder(
    path,
    model.config.toJson(architecture),
    [...model.namedParameters()].map(([name, parameter]) => ({
      name,
      dtype: "F32",
      shape: parameter.shape,
      data: () => parameter.toArray(),
    })),
  );
}
