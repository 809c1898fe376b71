/**
 * The base of all models: made from a configuration, loaded from and saved to a
 * Hugging Face folder.
 *
 * @module
 */
import {
  formatLoadReport,
  type LoadReport,
  type MatchOptions,
  matchParameters,
  type ModelFolder,
  openModelFolder,
  saveModelFolder,
} from "../checkpoint/hugging_face.ts";
import type { Device } from "../gpu/device.ts";
import { flattenParameters } from "../nn/flatten_parameters.ts";
import { Module } from "../nn/module.ts";
import {
  type PretrainedConfig,
  type PretrainedConfigClass,
  type PretrainedConfigOptions,
  readConfig,
} from "./pretrained_config.ts";

/** Options of every model. */
export interface ModelOptions {
  /** The device of the parameters. */
  device: Device;
  /**
   * Seed of initial values and dropout, a whole number from 0.
   *
   * @default 0
   */
  seed?: number;
}

/** Options of `fromPretrained`. The labels replace those of the checkpoint. */
export interface FromPretrainedOptions<
  Options = PretrainedConfigOptions,
> extends ModelOptions, PretrainedConfigOptions {
  /**
   * Other settings that replace those of the checkpoint, such as dropout rates.
   *
   * @default None.
   */
  config?: Options;
}

/** A model class: what `fromConfig` and `fromPretrained` are called on. */
export interface PreTrainedModelClass<
  Model extends PreTrainedModel,
  Options,
  Extra extends ModelOptions,
> {
  /** The class in transformers, for `architectures` of `config.json`. */
  readonly architecture: string;
  /** The configuration class. */
  readonly configClass: PretrainedConfigClass<Model["config"], Options>;
  /** Makes a model with random weights. */
  new (config: Model["config"], options: Extra): Model;
}

/** A model with a configuration, a checkpoint format and a load report. */
export abstract class PreTrainedModel<
  Config extends PretrainedConfig = PretrainedConfig,
> extends Module {
  /** The class in transformers; data, since minifiers rename classes. */
  declare static readonly architecture: string;
  /** The configuration class. */
  declare static readonly configClass: PretrainedConfigClass<
    PretrainedConfig,
    never
  >;
  /** Sizes, dropout rates and labels. */
  readonly config: Config;
  #loadReport: string | undefined;

  /** Makes a model with random weights. */
  constructor(config: Config) {
    super();
    this.config = config;
  }

  /**
   * Makes a model with random weights, in training mode.
   *
   * @param config Sizes, dropout rates and labels.
   * @param options Device and seed.
   * @returns The model.
   */
  static fromConfig<
    Model extends PreTrainedModel,
    Options,
    Extra extends ModelOptions,
  >(
    this: PreTrainedModelClass<Model, Options, Extra>,
    config: Model["config"],
    options: Extra,
  ): Model {
    const model = new this(config, options);
    flattenParameters(model.namedParameters());
    return model;
  }

  /**
   * Loads a Hugging Face model folder, in evaluation mode. Parameters that the
   * checkpoint lacks, such as the classifier of a pretrained encoder, are newly
   * initialised: see {@linkcode PreTrainedModel.loadReport}.
   *
   * @param path The folder: `config.json` and `model.safetensors`.
   * @param options Device, seed, labels, other settings.
   * @returns The model.
   * @throws {SyntaxError} If a file is torn or not what it should be.
   * @throws {RangeError} If a tensor has another shape than the model's.
   * @throws {Error} If a file is missing.
   */
  static async fromPretrained<
    Model extends PreTrainedModel,
    Options extends PretrainedConfigOptions,
    Extra extends ModelOptions,
  >(
    this: PreTrainedModelClass<Model, Options, Extra>,
    path: string,
    options: FromPretrainedOptions<Options> & Extra,
  ): Promise<Model> {
    using folder = await openModelFolder(path);
    const changes = settingsOf(options);
    const source = `${path}/config.json`;
    const config = readConfig(this.configClass, folder.config, changes, source);
    const model = new this(config, options);
    flattenParameters(model.namedParameters());
    const { architecture } = this.configClass;
    const { report, notFinite } = load(model, folder, architecture);
    model.#loadReport = formatLoadReport(
      report,
      this.architecture,
      path,
      notFinite,
    );
    return model.eval();
  }

  /** Missing and unexpected tensors, and those with NaN or Inf, in a few lines; `undefined` if there are none. */
  get loadReport(): string | undefined {
    return this.#loadReport;
  }

  /**
   * Writes a folder that transformers loads: `config.json` and
   * `model.safetensors`.
   *
   * @param path The folder; created if it does not exist.
   * @throws {Error} If a file cannot be written.
   */
  async savePretrained(path: string): Promise<void> {
    const { architecture } = this.constructor as typeof PreTrainedModel;
    await saveModelFolder(
      path,
      this.config.toJson(architecture),
      [...this.namedParameters()].map(([name, parameter]) => ({
        name,
        dtype: "F32",
        shape: parameter.shape,
        data: () => parameter.toArray(),
      })),
    );
  }
}

/** The settings among the options of `fromPretrained`. */
export function settingsOf<Options extends PretrainedConfigOptions>(
  { numLabels, id2label, problemType, config }: FromPretrainedOptions<Options>,
): Options {
  return {
    ...config,
    ...numLabels !== undefined && { numLabels },
    ...id2label !== undefined && { id2label },
    ...problemType !== undefined && { problemType },
  } as Options;
}

/** Fills a model from an open folder. */
function load(
  model: Module,
  folder: ModelFolder,
  match: MatchOptions,
): { report: LoadReport; notFinite: string[] } {
  const parameters = model.stateDict();
  const report = matchParameters(folder, Object.entries(parameters), match);
  const [layer, ...others] = report.missing
    .filter((name) => /\blayer\.\d+\./.test(name));
  if (layer !== undefined) {
    throw new RangeError(
      `Cannot load ${folder.path}: its weights lack ${layer} and ${others.length} more of the layers that config.json asks for: correct the number of layers there, or load a whole checkpoint`,
    );
  }
  const notFinite: string[] = [];
  for (const [name, source] of report.sources) {
    const values = folder.read(source);
    if (!areFinite(values)) notFinite.push(name);
    parameters[name]!.load(values);
  }
  return { report, notFinite };
}

/** Whether all values are finite; a loop, since `every` takes twenty times as long. */
function areFinite(values: Float32Array): boolean {
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) return false;
  }
  return true;
}
