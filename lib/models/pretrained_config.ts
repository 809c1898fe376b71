/**
 * Configurations as `config.json` has them: what those of all models share.
 *
 * @module
 */
import { ACT2FN } from "./activations.ts";

/** The content of `config.json`. */
export type ConfigJson = Readonly<Record<string, unknown>>;

/** Names of labels by number. */
export type Labels = Readonly<Record<number, string>>;

/** What every configuration may be told about its labels. */
export interface LabelOptions {
  /** Names of the labels by number. */
  id2label?: Labels;
  /** Number of labels. */
  numLabels?: number;
}

/** What has to be known of a configuration to read and check it. */
export interface ConfigTraits {
  /** The class, for errors. */
  readonly className: string;
  /** The architecture: `model_type` of `config.json`. */
  readonly modelType: string;
  /** What a folder of it is called, for errors. */
  readonly title: string;
  /** Its settings, with their defaults. */
  readonly defaults: object;
  /** Keys of `config.json` that may have one value only. */
  readonly only: ConfigJson;
  /** Settings that are whole numbers from 1. */
  readonly sizes: readonly string[];
  /** The setting that is H, the one that is A, and the one that names the activation. */
  readonly names: readonly [hidden: string, heads: string, activation: string];
}

/** The name in `config.json` of a setting: `hiddenSize` is `hidden_size` there. */
function jsonName(setting: string): string {
  return setting.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Numbered names for labels, as transformers has them. */
export function numberedLabels(numLabels: number): Labels {
  return Object.fromEntries(
    Array.from({ length: numLabels }, (_, i) => [i, `LABEL_${i}`]),
  );
}

/**
 * Reads what `config.json` holds.
 *
 * @param json Its content.
 * @param traits What to know of the configuration.
 * @param changes Settings that replace those of the file.
 * @param source Where it was read from, for errors.
 * @param make Makes the configuration from settings and the file's keys.
 * @returns The configuration.
 * @throws {SyntaxError} If the file is of another architecture.
 * @throws {RangeError} If `make` refuses the settings.
 */
export function readConfig<Options extends LabelOptions, Config>(
  json: ConfigJson,
  { modelType, title, defaults, only }: ConfigTraits,
  changes: Options,
  source: string,
  make: (options: Options, others: ConfigJson) => Config,
): Config {
  const { model_type: type = modelType } = json;
  if (type !== modelType) {
    throw new SyntaxError(
      `Cannot read ${source}: its model_type is "${type}", this class reads "${modelType}": name the folder of a ${title}`,
    );
  }
  for (const [key, value] of Object.entries(only)) {
    if (json[key] !== undefined && json[key] !== value) {
      throw new SyntaxError(
        `Cannot read ${source}: ${key} is ${JSON.stringify(json[key])}, only ${
          JSON.stringify(value)
        } is supported`,
      );
    }
  }
  const options: Record<string, unknown> = {};
  for (const setting of Object.keys(defaults)) {
    const name = jsonName(setting);
    if (json[name] !== undefined) options[setting] = json[name];
  }
  const { numLabels } = changes;
  const labels = options.id2label as Labels | undefined;
  if (numLabels !== undefined && labels !== undefined) {
    // Names of other labels would be wrong.
    if (Object.keys(labels).length !== numLabels) delete options.id2label;
  }
  try {
    return make({ ...options, ...changes }, json);
  } catch (cause) {
    const { message } = cause as Error;
    throw new RangeError(`Cannot read ${source}: ${message}`, { cause });
  }
}

/**
 * Gives the content of `config.json`.
 *
 * @param config The configuration.
 * @param traits What to know of it.
 * @param others What the file held besides, in which the settings replace theirs.
 * @param architecture The model's class in transformers.
 * @returns The content.
 */
export function writeConfig(
  config: { readonly id2label: Labels },
  { modelType, defaults }: ConfigTraits,
  others: ConfigJson,
  architecture: string,
): Record<string, unknown> {
  const labels = Object.entries(config.id2label);
  const settings = Object.keys(defaults).map((setting) => [
    jsonName(setting),
    config[setting as keyof typeof config],
  ]);
  return {
    ...others,
    ...Object.fromEntries(settings),
    label2id: Object.fromEntries(
      labels.map(([id, label]) => [label, Number(id)]),
    ),
    architectures: [architecture],
    model_type: modelType,
    dtype: "float32",
    ...architecture.endsWith("ForSequenceClassification") && {
      problem_type: labels.length === 1
        ? "regression"
        : "single_label_classification",
    },
  };
}

/**
 * Checks the settings of a configuration.
 *
 * @param config The configuration.
 * @param traits What to know of it.
 * @param numLabels The number of labels that was asked for, if any.
 * @throws {RangeError} If a size is not a whole number from 1, H is no multiple of A, the activation is unknown, or there are names for other labels.
 */
export function checkConfig(
  config: object & { readonly numLabels: number },
  { className, sizes, names }: ConfigTraits,
  numLabels: number | undefined,
): void {
  const refuse = (reason: string): never => {
    throw new RangeError(`Cannot make a ${className}: ${reason}`);
  };
  const setting = (name: string): unknown =>
    config[name as keyof typeof config];
  for (const name of sizes) {
    const size = setting(name);
    if (!Number.isInteger(size) || (size as number) < 1) {
      refuse(`${name} must be a whole number from 1, not ${size}`);
    }
  }
  const [hidden, heads, activation] = names;
  const [width, parts] = [setting(hidden), setting(heads)] as [number, number];
  if (width % parts !== 0) {
    refuse(`${hidden} ${width} is no multiple of ${heads} ${parts}`);
  }
  const act = setting(activation) as string;
  if (!Object.hasOwn(ACT2FN, act)) {
    const known = Object.keys(ACT2FN).map((name) => `"${name}"`).join(", ");
    refuse(`${activation} "${act}" is unknown; there are ${known}`);
  }
  if (numLabels !== undefined && numLabels !== config.numLabels) {
    refuse(
      `id2label names ${config.numLabels} labels, numLabels is ${numLabels}`,
    );
  }
}
