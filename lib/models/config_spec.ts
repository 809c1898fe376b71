/**
 * The description of an architecture's configuration.
 *
 * @module
 */
import type { MatchOptions } from "../checkpoint/hugging_face.ts";
import type { Setting } from "./config_checks.ts";

/** Content of `config.json`. */
export type ConfigJson = Readonly<Record<string, unknown>>;

/** The settings of an architecture and its names, as data. */
export interface ConfigSpec extends MatchOptions {
  /** `model_type` of `config.json`. */
  readonly modelType: string;
  /** Name of the configuration class, for errors: minifiers rename classes. */
  readonly className: string;
  /** Default and range of each setting. */
  readonly settings: Readonly<Record<string, Setting<unknown>>>;
  /** The architecture's own names of settings by their common names, where these differ. */
  readonly attributeMap?: Readonly<Record<string, string>>;
  /**
   * Names of the linear layers that get a low-rank update by default: the projections
   * of queries and values.
   */
  readonly loraTargets?: readonly string[];
  /** Keys of `config.json` with one supported value. */
  readonly fixed?: ConfigJson;
  /**
   * Replaces keys of other versions of `config.json` by those of the settings.
   *
   * @param json Content of the file.
   * @param source Path for errors.
   * @returns The content with the keys of the settings.
   * @throws {SyntaxError} If a value is not supported.
   */
  readonly upgrade?: (json: ConfigJson, source: string) => ConfigJson;
}
