/**
 * The base of all models: made from a configuration, loaded from and saved to a
 * Hugging Face folder.
 *
 * @module
 */
import { checkOptions, type OptionNames } from "../check_options.ts";
import {
  formatLoadReport,
  type LoadReport,
  type MatchOptions,
  matchParameters,
  type ModelFolder,
  openModelFolder,
  saveModelConfig,
  saveModelFolder,
} from "../checkpoint/hugging_face.ts";
import { areFinite } from "../checkpoint/load_report.ts";
import type { FolderSource } from "../files/folder.ts";
import type { FolderTarget } from "../files/save_files.ts";
import type { Device } from "../gpu/device.ts";
import { checkDevice } from "../nn/check_device.ts";
import { flattenParameters } from "../nn/flatten_parameters.ts";
import { LORA_PARAMETER } from "../nn/linear.ts";
import { Module } from "../nn/module.ts";
import type {
  PretrainedConfig,
  PretrainedConfigClass,
  PretrainedConfigOptions,
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
  /**
   * Whether the head starts from new weights although the checkpoint has one: for
   * labels of another number or meaning.
   *
   * @default false
   */
  newHead?: boolean;
}

/** Names of the options of every model. */
export const MODEL_OPTIONS: OptionNames<ModelOptions> = {
  device: true,
  seed: true,
};

const FROM_PRETRAINED_OPTIONS: OptionNames<FromPretrainedOptions> = {
  device: true,
  numLabels: true,
  id2label: true,
  problemType: true,
  seed: true,
  newHead: true,
  config: true,
};

const WITH_DEVICE = "{ device: await requestDevice() }";

/** A concrete model class, for `fromConfig` and `fromPretrained`. */
export interface PreTrainedModelClass<
  Model extends PreTrainedModel,
  Options,
  Extra extends ModelOptions,
> {
  /** The class in transformers, for `architectures` of `config.json`. */
  readonly architecture: string;
  /** The configuration class. */
  readonly configClass: PretrainedConfigClass<Model["config"], Options>;
  /** Names of the options of its constructor. */
  readonly optionNames: Readonly<Record<string, true>>;
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
  /** Names of the options of its constructor; a subclass with more lists them. */
  static readonly optionNames: Readonly<Record<string, true>> = MODEL_OPTIONS;
  /** Sizes, dropout rates and labels. */
  readonly config: Config;
  #loadReport: string | undefined;
  #isGradientCheckpointing = false;

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
   * @throws {TypeError} If there is no device, or an option has an unknown name.
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
    checkModelOptions("make a model", options, this.optionNames);
    const model = new this(config, options);
    flattenParameters(model.namedParameters());
    return model;
  }

  /**
   * Loads a Hugging Face model folder, in evaluation mode. Parameters that the
   * checkpoint lacks, such as the classifier of a pretrained encoder, are newly
   * initialised: see {@linkcode PreTrainedModel.loadReport}.
   *
   * @param source Path, URL or files of the folder: `config.json` and `model.safetensors`.
   * @param options Device, seed, labels, other settings.
   * @returns The model.
   * @throws {TypeError} If there is no device, or an option has an unknown name.
   * @throws {SyntaxError} If a file is truncated or invalid.
   * @throws {RangeError} If a tensor has another shape than the model's.
   * @throws {Error} If a file is missing.
   */
  static async fromPretrained<
    Model extends PreTrainedModel,
    Options extends PretrainedConfigOptions,
    Extra extends ModelOptions,
  >(
    this: PreTrainedModelClass<Model, Options, Extra>,
    source: FolderSource,
    options: FromPretrainedOptions<Options> & Extra,
  ): Promise<Model> {
    checkModelOptions("load a model", options, {
      ...FROM_PRETRAINED_OPTIONS,
      ...this.optionNames,
    });
    using folder = await openModelFolder(source);
    const config = this.configClass.fromJson(
      folder.config,
      settingsOf(options),
      folder.configPath,
    );
    const model = new this(config, options);
    flattenParameters(model.namedParameters());
    const { report, notFinite } = await load(
      model,
      folder,
      this.configClass.spec,
      options.newHead ?? false,
    );
    model.#loadReport = formatLoadReport(
      report,
      this.architecture,
      folder.path,
      notFinite,
    );
    return model.eval();
  }

  /** Missing and unexpected tensors, and those with NaN or Inf, in a few lines; `undefined` if there are none. */
  get loadReport(): string | undefined {
    return this.#loadReport;
  }

  /** Whether the layers of the encoder are checkpoints. */
  get isGradientCheckpointing(): boolean {
    return this.#isGradientCheckpointing;
  }

  /**
   * Makes each layer of the encoder a {@linkcode checkpoint}: it keeps its input alone, and
   * the backward pass computes it again. Losses and gradients have the same bits; a training
   * step takes about a third longer, in a fraction of the memory.
   */
  gradientCheckpointingEnable(): void {
    this.#setGradientCheckpointing(true);
  }

  /** Undoes {@linkcode PreTrainedModel.gradientCheckpointingEnable}. */
  gradientCheckpointingDisable(): void {
    this.#setGradientCheckpointing(false);
  }

  #setGradientCheckpointing(on: boolean): void {
    for (const [, module] of this.namedModules()) {
      if (module instanceof PreTrainedModel) {
        module.#isGradientCheckpointing = on;
      }
    }
  }

  /**
   * Writes a folder that transformers loads: `config.json` and
   * `model.safetensors`.
   *
   * @param target The folder, created if it does not exist, or an object that
   * receives the files, `{}`.
   * @throws {TypeError} If it has a LoRA adapter that is not merged.
   * @throws {Error} If a file cannot be written.
   */
  async savePretrained(target: FolderTarget): Promise<void> {
    const parameters = [...this.namedParameters()];
    const update = parameters.find(([name]) => LORA_PARAMETER.test(name));
    if (update) {
      throw new TypeError(
        `Cannot save the model: it has ${
          update[0]
        }, of a LoRA adapter, which transformers does not load with it; call mergeAndUnload() of the adapter first, or savePretrained() of the adapter alone`,
      );
    }
    await saveModelFolder(
      target,
      this.#configJson(),
      parameters.map(([name, parameter]) => ({
        name,
        dtype: "F32",
        shape: parameter.shape,
        data: () => parameter.toArray(),
      })),
    );
  }

  /**
   * Writes `config.json` alone.
   *
   * @param target The folder, created if it does not exist, or an object that
   * receives the file.
   * @throws {Error} If the file cannot be written.
   */
  async saveConfig(target: FolderTarget): Promise<void> {
    await saveModelConfig(target, this.#configJson());
  }

  #configJson(): Record<string, unknown> {
    const { architecture } = this.constructor as typeof PreTrainedModel;
    return this.config.toJson(architecture);
  }
}

/** Rejects unknown names, and options without a device. */
function checkModelOptions(
  action: string,
  options: ModelOptions | undefined,
  names: Readonly<Record<string, true>>,
): void {
  checkOptions(action, options, names, WITH_DEVICE);
  checkDevice(action, options?.device, WITH_DEVICE);
}

/** The settings among the options of `fromPretrained`. */
function settingsOf<Options extends PretrainedConfigOptions>(
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
async function load(
  model: Module,
  folder: ModelFolder,
  match: MatchOptions,
  newHead: boolean,
): Promise<{ report: LoadReport; notFinite: string[] }> {
  const parameters = model.stateDict();
  const isOfHead = (name: string) =>
    Object.hasOwn(parameters, name) &&
    !name.startsWith(`${match.baseModelPrefix}.`);
  const tensors = new Map(folder.tensors);
  const reinitialized = newHead ? [...tensors.keys()].filter(isOfHead) : [];
  for (const name of reinitialized) tensors.delete(name);
  const report = {
    ...matchParameters(
      { path: folder.path, tensors },
      Object.entries(parameters),
      match,
    ),
    reinitialized,
  };
  const update = report.unexpected.find((name) => LORA_PARAMETER.test(name));
  if (update !== undefined) {
    throw new RangeError(
      `Cannot load ${folder.path}: it has ${update}, of a LoRA adapter that is not merged; load the model that was adapted, then the adapter with loadAdapter(), or the state with addLora() and loadState()`,
    );
  }
  const [layer, ...others] = report.missing
    .filter((name) => /layer(?:s|_groups)?\.\d+\./.test(name));
  if (layer !== undefined) {
    throw new RangeError(
      `Cannot load ${folder.path}: its weights lack ${layer} and ${others.length} more of the layers that config.json asks for: correct the number of layers there, or load a whole checkpoint`,
    );
  }
  const notFinite: string[] = [];
  for (const [name, source] of report.sources) {
    const values = await folder.read(source);
    if (!areFinite(values)) notFinite.push(name);
    parameters[name]!.load(values);
  }
  return { report, notFinite };
}
