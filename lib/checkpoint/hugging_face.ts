/**
 * Reads and writes model folders in Hugging Face's layout: `config.json` and the
 * weights, tensor by tensor, under Hugging Face's names.
 *
 * @module
 */
import { writeFile } from "../files.ts";
import { readJsonObject } from "./files.ts";
import { type SafetensorsSource, streamSafetensors } from "./safetensors.ts";
import { openWeights, WEIGHTS, type Weights } from "./weights.ts";

export {
  formatLoadReport,
  type LoadReport,
  type MatchOptions,
  matchParameters,
} from "./load_report.ts";

const CONFIG = "config.json";
/** A name on the Hugging Face Hub: `bert-base-uncased`, `google-bert/bert-base-uncased`. */
const HUB_NAME = /^[A-Za-z0-9][\w.-]*(\/[A-Za-z0-9][\w.-]*)?$/;

const IF_MISSING =
  ": a model folder needs config.json, model.safetensors and tokenizer.json";
const FETCH =
  "; download a model of the Hugging Face Hub with deno task fetch --model OWNER/NAME, then name the folder data/hub/models/OWNER/NAME";

/** A model folder that is open for reading; `using` closes it. */
export interface ModelFolder extends Weights {
  /** Path of the folder. */
  readonly path: string;
  /** Contents of `config.json`. */
  readonly config: Readonly<Record<string, unknown>>;
}

/**
 * Reads the `config.json` of a model folder.
 *
 * @param path The folder.
 * @returns The contents.
 * @throws {SyntaxError} If it is not a JSON object.
 * @throws {Error} If it is missing or cannot be read.
 */
export async function readModelConfig(
  path: string,
): Promise<Readonly<Record<string, unknown>>> {
  const ifMissing = HUB_NAME.test(path) ? IF_MISSING + FETCH : IF_MISSING;
  return await readJsonObject(path, CONFIG, ifMissing);
}

/**
 * Opens a model folder: reads `config.json` and the headers of the weights.
 * Values are read later, one tensor at a time.
 *
 * @param path The folder.
 * @returns The folder; dispose of it after reading the tensors.
 * @throws {SyntaxError} If a file is invalid or truncated.
 * @throws {Error} If a file is missing or cannot be read, or if the only weights
 * are pickled.
 */
export async function openModelFolder(path: string): Promise<ModelFolder> {
  const config = await readModelConfig(path);
  return { path, config, ...await openWeights(path, IF_MISSING) };
}

/**
 * Writes a model folder: `config.json` with sorted keys, and the tensors to
 * `model.safetensors`. Each file is replaced atomically, and the same content
 * gives the same bytes.
 *
 * @param path The folder; created if it does not exist.
 * @param config Contents of `config.json`.
 * @param tensors The tensors; their values are requested one tensor at a time.
 * @throws {RangeError | TypeError} If the values of a tensor do not match its shape or dtype.
 * @throws {Error} If a file cannot be written.
 */
export async function saveModelFolder(
  path: string,
  config: Readonly<Record<string, unknown>>,
  tensors: Iterable<SafetensorsSource>,
): Promise<void> {
  await writeFile(path, WEIGHTS, streamSafetensors(tensors, { format: "pt" }));
  await saveModelConfig(path, config);
}

/**
 * Writes the `config.json` of a model folder, with sorted keys.
 *
 * @param path The folder; created if it does not exist.
 * @param config The contents.
 * @throws {Error} If the file cannot be written.
 */
export async function saveModelConfig(
  path: string,
  config: Readonly<Record<string, unknown>>,
): Promise<void> {
  const sorted = Object.fromEntries(
    Object.keys(config).sort().map((key) => [key, config[key]]),
  );
  await writeFile(path, CONFIG, `${JSON.stringify(sorted, null, 2)}\n`);
}
