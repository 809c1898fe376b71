/**
 * A model folder as Hugging Face keeps it, in and out: `config.json` and the
 * weights, tensor by tensor, under Hugging Face's names.
 *
 * @module
 */
import { readJsonObject, writeFile } from "./files.ts";
import { type SafetensorsSource, streamSafetensors } from "./safetensors.ts";
import { openWeights, WEIGHTS, type Weights } from "./weights.ts";

export {
  formatLoadReport,
  type LoadReport,
  type MatchOptions,
  matchParameters,
} from "./load_report.ts";

const CONFIG = "config.json";
const IF_MISSING =
  ": a model folder needs config.json, model.safetensors and tokenizer.json";

/** A model folder that is open for reading; `using` closes it. */
export interface ModelFolder extends Weights {
  /** Path of the folder. */
  readonly path: string;
  /** What `config.json` holds. */
  readonly config: Readonly<Record<string, unknown>>;
}

/**
 * Reads the `config.json` of a model folder.
 *
 * @param path The folder.
 * @returns What it holds.
 * @throws {SyntaxError} If it is not a JSON object.
 * @throws {Error} If it is missing or cannot be read.
 */
export async function readModelConfig(
  path: string,
): Promise<Readonly<Record<string, unknown>>> {
  return await readJsonObject(path, CONFIG, IF_MISSING);
}

/**
 * Opens a model folder: reads `config.json` and the headers of the weights.
 * Values are read later, one tensor at a time.
 *
 * @param path The folder.
 * @returns The folder; dispose it when the tensors are read.
 * @throws {SyntaxError} If a file is not valid, or torn.
 * @throws {Error} If a file is missing or cannot be read, or if the weights are
 * there in pickled form only.
 */
export async function openModelFolder(path: string): Promise<ModelFolder> {
  const config = await readModelConfig(path);
  return { path, config, ...await openWeights(path, IF_MISSING) };
}

/**
 * Writes a model folder: `config.json` with sorted keys, and `model.safetensors`
 * under the names that the tensors are given. Each file is replaced whole, and
 * the same content gives the same bytes.
 *
 * @param path The folder; it is made where there is none.
 * @param config Content of `config.json`.
 * @param tensors The tensors; their values are asked for one at a time.
 * @throws {RangeError | TypeError} If a tensor's values do not fit it.
 * @throws {Error} If a file cannot be written.
 */
export async function saveModelFolder(
  path: string,
  config: Readonly<Record<string, unknown>>,
  tensors: Iterable<SafetensorsSource>,
): Promise<void> {
  const sorted = Object.fromEntries(Object.entries(config).sort());
  const text = `${JSON.stringify(sorted, null, 2)}\n`;
  await writeFile(path, WEIGHTS, streamSafetensors(tensors, { format: "pt" }));
  await writeFile(path, CONFIG, [new TextEncoder().encode(text)]);
}
