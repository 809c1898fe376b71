/**
 * The base of all model configurations, as `config.json` holds them.
 *
 * @module
 */
import type { MatchOptions } from "../checkpoint/hugging_face.ts";
import { labelError, rangeError, type SettingRange } from "./config_checks.ts";
import { type Id2Label, labelsOf, numberedLabels } from "./id2label.ts";
import {
  isProblemType,
  PROBLEM_TYPES,
  type ProblemType,
} from "./problem_type.ts";

/** Content of `config.json`. */
export type ConfigJson = Readonly<Record<string, unknown>>;

/** Settings of every configuration. */
export interface PretrainedConfigOptions {
  /**
   * Label names by number, one for each label.
   *
   * @default LABEL_0, LABEL_1
   */
  id2label?: Id2Label;
  /**
   * Number of labels.
   *
   * @default As many as `id2label` has.
   */
  numLabels?: number;
  /**
   * Loss of a sequence classifier.
   *
   * @default Inferred from the first labels, as in transformers.
   */
  problemType?: ProblemType;
}

/** An architecture, as data. */
export interface Architecture extends MatchOptions {
  /** `model_type` of `config.json`. */
  readonly modelType: string;
  /** Name of the configuration class, for errors: minifiers rename classes. */
  readonly configName: string;
  /** The settings and their defaults. */
  readonly defaults: object;
  /** Ranges of the settings. */
  readonly ranges: Readonly<Record<string, SettingRange>>;
  /** The architecture's own names of settings by their common names, where these differ. */
  readonly attributeMap?: Readonly<Record<string, string>>;
  /** Keys of `config.json` with one supported value. */
  readonly fixed?: ConfigJson;
}

/** Type of an architecture's defaults: a value for each of its own settings. */
export type ConfigDefaults<Options> = Required<
  Omit<Options, keyof PretrainedConfigOptions>
>;

/** A configuration class. */
export interface PretrainedConfigClass<Config, Options> {
  /** The architecture. */
  readonly architecture: Architecture;
  /** Makes a configuration. */
  new (options?: Options, others?: ConfigJson): Config;
}

/**
 * Sizes, dropout rates and labels of a model. A subclass has one property for
 * each setting of its {@linkcode Architecture}, and getters for the common names
 * of `attributeMap`.
 */
export abstract class PretrainedConfig {
  /** The architecture. */
  declare static readonly architecture: Architecture;
  /** Rows of the word embeddings V. */
  declare readonly vocabSize: number;
  /** Rows of the position embeddings: the longest sequence. */
  declare readonly maxPositionEmbeddings: number;
  /** Label names by number. */
  readonly id2label: Id2Label;
  /** Loss of a sequence classifier; set by the first labels if it was not given. */
  problemType: ProblemType | undefined;
  /** Other keys of `config.json`, written again by {@linkcode PretrainedConfig.toJson}. */
  readonly #others: ConfigJson;

  /**
   * Makes a configuration.
   *
   * @param options Settings that differ from the defaults.
   * @param others Other keys of `config.json`.
   * @throws {RangeError} If a setting is unknown or out of range.
   */
  constructor(options: PretrainedConfigOptions = {}, others: ConfigJson = {}) {
    const { defaults, attributeMap = {} } = this.#architecture;
    const { id2label, numLabels, problemType, ...given } = options;
    Object.assign(this, defaults);
    for (const [name, value] of Object.entries(given)) {
      const setting = attributeMap[name] ?? name;
      if (!Object.hasOwn(defaults, setting)) {
        this.#refuse(`there is no setting "${name}"`);
      }
      if (value !== undefined) Object.assign(this, { [setting]: value });
    }
    for (const [name, setting] of Object.entries(attributeMap)) {
      Object.defineProperty(this, name, { get: () => this.#get(setting) });
    }
    this.id2label = id2label ?? numberedLabels(numLabels ?? 2);
    this.problemType = problemType;
    this.#others = others;
    this.#check(numLabels);
  }

  /** `model_type` of `config.json`. */
  get modelType(): string {
    return this.#architecture.modelType;
  }

  /** Number of labels. */
  get numLabels(): number {
    return Object.keys(this.id2label).length;
  }

  /**
   * Reads the content of `config.json`.
   *
   * @param json The content.
   * @param changes Settings that replace those of the file.
   * @param source Path for errors.
   * @returns The configuration; unknown keys are kept for {@linkcode PretrainedConfig.toJson}.
   * @throws {SyntaxError} If the file is of another architecture, or has a value that is not supported.
   * @throws {RangeError} If a setting is out of range.
   */
  static fromJson<Config, Options extends PretrainedConfigOptions>(
    this: PretrainedConfigClass<Config, Options>,
    json: ConfigJson,
    changes?: Options,
    source?: string,
  ): Config {
    return readConfig(this, json, changes, source);
  }

  /**
   * The content of `config.json` for a model of this configuration.
   *
   * @param architecture The model's class in transformers.
   * @returns The content.
   */
  toJson(architecture: string): Record<string, unknown> {
    const { modelType, defaults } = this.#architecture;
    const json: Record<string, unknown> = { ...this.#others };
    for (const setting of Object.keys(defaults)) {
      json[jsonName(setting)] = this.#get(setting);
    }
    json.id2label = this.id2label;
    json.label2id = Object.fromEntries(
      Object.entries(this.id2label).map(([id, label]) => [label, Number(id)]),
    );
    json.architectures = [architecture];
    json.model_type = modelType;
    json.dtype = "float32";
    delete json.num_labels; // id2label has it
    delete json.problem_type;
    if (this.problemType) json.problem_type = this.problemType;
    return json;
  }

  get #architecture(): Architecture {
    return (this.constructor as typeof PretrainedConfig).architecture;
  }

  #get(setting: string): unknown {
    return this[setting as keyof this];
  }

  #check(numLabels: number | undefined): void {
    const { ranges, defaults, attributeMap = {} } = this.#architecture;
    if (
      numLabels !== undefined &&
      !(Number.isInteger(numLabels) && numLabels >= 1)
    ) {
      this.#refuse(`numLabels must be a whole number from 1, not ${numLabels}`);
    }
    for (const [setting, range] of Object.entries(ranges)) {
      const value = this.#get(setting);
      // Where null is the default, or no token pads, it stands for none.
      const isNone = value === null && (range === "tokenId" ||
        defaults[setting as keyof typeof defaults] === null);
      const needed = rangeError(value, range, this.vocabSize);
      if (needed !== undefined && !isNone) {
        this.#refuse(
          `${this.#label(setting)} must be ${needed}, not ${
            JSON.stringify(value)
          }`,
        );
      }
    }
    const [width, heads] = ["hiddenSize", "numAttentionHeads"]
      .map((name) => attributeMap[name] ?? name)
      .map((name) => [this.#label(name), this.#get(name)] as const);
    if (Number(width![1]) % Number(heads![1]) !== 0) {
      this.#refuse(
        `${width!.join(" ")} is not a multiple of ${heads!.join(" ")}`,
      );
    }
    const error = labelError(this.id2label, this.problemType, numLabels);
    if (error !== undefined) this.#refuse(error);
  }

  /** Name of a setting for errors: its key in `config.json`, if it was read from one. */
  #label(setting: string): string {
    const key = jsonName(setting);
    return Object.hasOwn(this.#others, key) ? key : setting;
  }

  #refuse(reason: string): never {
    throw new RangeError(
      `Cannot make a ${this.#architecture.configName}: ${reason}`,
    );
  }
}

/**
 * Reads the content of `config.json` with a given class; see
 * {@linkcode PretrainedConfig.fromJson}.
 */
export function readConfig<Config, Options extends PretrainedConfigOptions>(
  configClass: PretrainedConfigClass<Config, Options>,
  json: ConfigJson,
  changes: Options = {} as Options,
  source = "config.json",
): Config {
  const { modelType, defaults, fixed = {} } = configClass.architecture;
  const refuse = (reason: string): never => {
    throw new SyntaxError(`Cannot read ${source}: ${reason}`);
  };
  const { model_type: type = modelType, problem_type: problemType } = json;
  if (type !== modelType) {
    refuse(
      `its model_type is "${type}", this class reads "${modelType}": name the folder of such a model, or use AutoModelForSequenceClassification`,
    );
  }
  for (const [key, value] of Object.entries(fixed)) {
    if (json[key] !== undefined && json[key] !== value) {
      refuse(
        `${key} is ${JSON.stringify(json[key])}, only ${
          JSON.stringify(value)
        } is supported`,
      );
    }
  }
  if (problemType != null && !isProblemType(problemType)) {
    refuse(
      `problem_type is ${JSON.stringify(problemType)}: it must be one of ${
        PROBLEM_TYPES.join(", ")
      }`,
    );
  }
  const own = Object.keys(defaults)
    .map((setting) => [setting, json[jsonName(setting)]] as const)
    .filter(([, value]) => value !== undefined);
  const settings = {
    ...Object.fromEntries(own),
    ...labelsOf(json, changes.numLabels),
    ...problemType != null && { problemType },
    ...changes,
  } as Options;
  try {
    return new configClass(settings, json);
  } catch (cause) {
    const { message } = cause as Error;
    throw new RangeError(`Cannot read ${source}: ${message}`, { cause });
  }
}

/** Key of a setting in `config.json`: `hidden_size` for `hiddenSize`. */
function jsonName(setting: string): string {
  return setting.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
