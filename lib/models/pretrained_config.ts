/**
 * The base of all model configurations, as `config.json` holds them.
 *
 * @module
 */
import { nameRemedy } from "../check_options.ts";
import { labelError, rangeError, type Setting } from "./config_checks.ts";
import { defined, jsonName, readSettings } from "./config_json.ts";
import type { ConfigJson, ConfigSpec } from "./config_spec.ts";
import { type Id2Label, labelsOf, numberedLabels } from "./id2label.ts";
import type { ProblemType } from "./problem_type.ts";

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

/** Values of an architecture's own settings. */
export type ConfigValues<Options> = Required<
  Omit<Options, keyof PretrainedConfigOptions>
>;

/** Type of the table of settings: one entry for each of an architecture's own. */
export type ConfigSettings<Options> = {
  readonly [Name in keyof ConfigValues<Options>]: Setting<
    ConfigValues<Options>[Name]
  >;
};

/** A configuration class. */
export interface PretrainedConfigClass<Config, Options> {
  /** Settings and names. */
  readonly spec: ConfigSpec;
  /** Makes a configuration. */
  new (options?: Options, others?: ConfigJson): Config;
  /** Reads the content of `config.json`. */
  fromJson(json: ConfigJson, changes?: Options, source?: string): Config;
}

/**
 * Sizes, dropout rates and labels of a model. It has one property for each
 * setting of its {@linkcode ConfigSpec}, and one for each common name of
 * `attributeMap`; a subclass declares their types by an interface of its name, not
 * by fields, which would overwrite them.
 */
export abstract class PretrainedConfig {
  /** Settings and names. */
  declare static readonly spec: ConfigSpec;
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
    const { settings, attributeMap = {} } = this.#spec;
    const { id2label, numLabels, problemType, ...given } = defined(options);
    for (const [name, setting] of Object.entries(settings)) {
      Object.assign(this, { [name]: setting.default });
    }
    for (const [name, value] of Object.entries(given)) {
      const setting = attributeMap[name] ?? name;
      if (!Object.hasOwn(settings, setting)) {
        const remedy = nameRemedy(name, [
          ...["numLabels", "id2label", "problemType"],
          ...Object.keys(settings),
          ...Object.keys(attributeMap),
        ]);
        this.#refuse(`there is no setting "${name}"; ${remedy}`);
      }
      if (setting !== name && Object.hasOwn(given, setting)) {
        this.#refuse(
          `${setting} and ${name} are two names of one setting: give one of them`,
        );
      }
      Object.assign(this, { [setting]: value });
    }
    for (const [name, setting] of Object.entries(attributeMap)) {
      Object.defineProperty(this, name, { get: () => this.#get(setting) });
    }
    this.id2label = id2label === undefined
      ? numberedLabels(numLabels ?? 2)
      : { ...id2label };
    this.problemType = problemType;
    this.#others = others;
    this.#check(numLabels);
  }

  /**
   * Looks up a key of `config.json` that is not a setting.
   *
   * @param key The key.
   * @returns Its value; `undefined` if there is none.
   */
  other(key: string): unknown {
    return this.#others[key];
  }

  /** `model_type` of `config.json`. */
  get modelType(): string {
    return this.#spec.modelType;
  }

  /** Most tokens of a row. */
  get maxSeqLength(): number {
    return this.maxPositionEmbeddings;
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
    this:
      & { readonly spec: ConfigSpec }
      & (new (options?: Options, others?: ConfigJson) => Config),
    json: ConfigJson,
    changes: Options = {} as Options,
    source = "config.json",
  ): Config {
    const given = defined(changes);
    const current = this.spec.upgrade?.(json, source) ?? json;
    const settings = readSettings(this.spec, current, source);
    // One name of a setting replaces the other.
    for (const name of Object.keys(given)) {
      delete settings[this.spec.attributeMap?.[name] ?? name];
    }
    try {
      const labels = labelsOf(json, given);
      return new this({ ...labels, ...settings, ...given }, current);
    } catch (cause) {
      const { message } = cause as Error;
      throw new RangeError(`Cannot read ${source}: ${message}`, { cause });
    }
  }

  /**
   * The content of `config.json` for a model of this configuration.
   *
   * @param architecture The model's class in transformers.
   * @returns The content.
   */
  toJson(architecture: string): Record<string, unknown> {
    const { modelType, settings } = this.#spec;
    const json: Record<string, unknown> = { ...this.#others };
    for (const setting of Object.keys(settings)) {
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

  get #spec(): ConfigSpec {
    return (this.constructor as typeof PretrainedConfig).spec;
  }

  #get(setting: string): unknown {
    return this[setting as keyof this];
  }

  #check(numLabels: number | undefined): void {
    const { settings, attributeMap = {} } = this.#spec;
    if (
      numLabels !== undefined &&
      !(Number.isInteger(numLabels) && numLabels >= 1)
    ) {
      this.#refuse(`numLabels must be a whole number from 1, not ${numLabels}`);
    }
    for (
      const [setting, { range, default: byDefault }] of Object.entries(settings)
    ) {
      const value = this.#get(setting);
      // Null is none: the default of a rate, or no padding token.
      const isNone = value === null &&
        (byDefault === null || range === "tokenId");
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
      .map((name) => ({ label: this.#label(name), value: this.#get(name) }));
    if (heads!.value && Number(width!.value) % Number(heads!.value) !== 0) {
      this.#refuse(
        `${width!.label} ${width!.value} is not a multiple of ${heads!.label} ${
          heads!.value
        }`,
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
      `Cannot make a ${this.#spec.className}: ${reason}`,
    );
  }
}
