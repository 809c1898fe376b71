/**
 * Reads and writes model folders in Hugging Face's layout: `config.json` and the
 * weights, tensor by tensor, under Hugging Face's names.
 *
 * @module
 */
import type { Folder, FolderSource } from "../files/folder.ts";
import { openFolder } from "../files/open_folder.ts";
import { type FolderTarget, writeFile } from "../files/save_files.ts";
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
export interface ModelFolder extends Weights, ModelConfig {
  /** Path or URL of the folder, for errors. */
  readonly path: string;
}

/** The `config.json` of a model folder. */
export interface ModelConfig {
  /** Its contents. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Its path or URL, for errors. */
  readonly configPath: string;
}

/**
 * Reads the `config.json` of a model folder.
 *
 * @param source Path, URL or files of the folder.
 * @returns The contents.
 * @throws {SyntaxError} If it is not a JSON object.
 * @throws {Error} If it is missing or cannot be read.
 */
export async function readModelConfig(
  source: FolderSource,
): Promise<ModelConfig> {
  return await readConfig(openFolder(source));
}

async function readConfig(folder: Folder): Promise<ModelConfig> {
  const isHubName = HUB_NAME.test(folder.path);
  const ifMissing = isHubName ? IF_MISSING + FETCH : IF_MISSING;
  const config = await readJsonObject(folder, CONFIG, ifMissing);
  return { config, configPath: folder.pathOf(CONFIG) };
}

/**
 * Opens a model folder: reads `config.json` and the headers of the weights.
 * Values are read later, one tensor at a time.
 *
 * @param source Path, URL or files of the folder.
 * @returns The folder; dispose of it after reading the tensors.
 * @throws {SyntaxError} If a file is invalid or truncated.
 * @throws {Error} If a file is missing or cannot be read, or if the only weights
 * are pickled.
 */
export async function openModelFolder(
  source: FolderSource,
): Promise<ModelFolder> {
  const folder = openFolder(source);
  const { path } = folder;
  const config = await readConfig(folder);
  return { path, ...config, ...await openWeights(folder, IF_MISSING) };
}

/**
 * Writes a model folder: `config.json` with sorted keys, and the tensors to
 * `model.safetensors`. Each file is replaced atomically, and the same content
 * gives the same bytes.
 *
 * @param target The folder, created if it does not exist, or an object that receives the files.
 * @param config Contents of `config.json`.
 * @param tensors The tensors; their values are requested one tensor at a time.
 * @throws {RangeError | TypeError} If the values of a tensor do not match its shape or dtype.
 * @throws {Error} If a file cannot be written.
 */
export async function saveModelFolder(
  target: FolderTarget,
  config: Readonly<Record<string, unknown>>,
  tensors: Iterable<SafetensorsSource>,
): Promise<void> {
  await writeFile(
    target,
    WEIGHTS,
    streamSafetensors(tensors, { format: "pt" }),
  );
  await saveModelConfig(target, config);
}

/**
 * Writes the `config.json` of a model folder, with sorted keys.
 *
 * @param target The folder, created if it does not exist, or an object that receives the files.
 * @param config The contents.
 * @throws {Error} If the file cannot be written.
 */
export async function saveModelConfig(
  target: FolderTarget,
  config: Readonly<Record<string, unknown>>,
): Promise<void> {
  const sorted = Object.fromEntries(
    Object.keys(config).sort().map((key) => [key, config[key]]),
  );
  await writeFile(target, CONFIG, `${JSON.stringify(sorted, null, 2)}\n`);
}
