/**
 * Settings in the form of `config.json`.
 *
 * @module
 */
import type { ConfigJson, ConfigSpec } from "./config_spec.ts";
import { isProblemType, PROBLEM_TYPES } from "./problem_type.ts";

/**
 * Removes options that are undefined.
 *
 * @param options Options.
 * @returns Those that have a value.
 */
export function defined<Options extends object>(options: Options): Options {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as Options;
}

/**
 * Reads the settings of a `config.json`.
 *
 * @param spec The architecture.
 * @param json Content of the file.
 * @param source Path for errors.
 * @returns The settings and the problem type, if the file has them.
 * @throws {SyntaxError} If the file is of another architecture, or has a value that is not supported.
 */
export function readSettings(
  { modelType, settings, fixed = {} }: ConfigSpec,
  json: ConfigJson,
  source: string,
): Record<string, unknown> {
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
  const own = Object.keys(settings)
    .map((setting) => [setting, json[jsonName(setting)]] as const)
    .filter(([, value]) => value !== undefined);
  return {
    ...Object.fromEntries(own),
    ...problemType != null && { problemType },
  };
}

/** Key of a setting in `config.json`: `hidden_size` for `hiddenSize`. */
export function jsonName(setting: string): string {
  return setting.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
