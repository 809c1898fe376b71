/**
 * A model folder as Hugging Face keeps it, in and out: `config.json` and
 * `model.safetensors`, tensor by tensor, under Hugging Face's names.
 *
 * @module
 */
import { widen } from "./dtype.ts";
import { fileExists, openFile, readJsonObject, writeFile } from "./files.ts";
import { parseHeader, parseHeaderSize, type TensorInfo } from "./header.ts";
import { type SafetensorsSource, streamSafetensors } from "./safetensors.ts";

export {
  formatLoadReport,
  type LoadReport,
  type MatchOptions,
  matchParameters,
} from "./load_report.ts";

const CONFIG = "config.json";
const WEIGHTS = "model.safetensors";
const PICKLED_WEIGHTS = "pytorch_model.bin";
const IF_MISSING =
  ": a model folder needs config.json, model.safetensors and tokenizer.json";

/** A model folder that is open for reading; `using` closes it. */
export interface ModelFolder extends Disposable {
  /** Path of the folder. */
  readonly path: string;
  /** What `config.json` holds. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Type, shape and place of each tensor, by its name in the checkpoint. */
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /**
   * Reads the values of one tensor: F32 as they are, F16 and BF16 widened.
   *
   * @param name A key of `tensors`.
   * @returns The values, row-major, in a buffer of their own.
   * @throws {RangeError} If there is no such tensor.
   * @throws {TypeError} If the tensor is of another dtype.
   */
  read(name: string): Float32Array<ArrayBuffer>;
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
 * Opens a model folder: reads `config.json` and the header of
 * `model.safetensors`. Values are read later, one tensor at a time.
 *
 * @param path The folder.
 * @returns The folder; dispose it when the tensors are read.
 * @throws {SyntaxError} If a file is not valid, or torn.
 * @throws {Error} If a file is missing or cannot be read, or if the weights are
 * there in pickled form only.
 */
export async function openModelFolder(path: string): Promise<ModelFolder> {
  const config = await readModelConfig(path);
  if (
    !await fileExists(path, WEIGHTS) && await fileExists(path, PICKLED_WEIGHTS)
  ) {
    throw new Error(
      `Cannot load ${path}: its weights are in ${PICKLED_WEIGHTS} only, a pickle file, and reading one runs code that it brings: ` +
        `load it in transformers and call save_pretrained, which writes ${WEIGHTS}`,
    );
  }
  const file = await openFile(path, WEIGHTS, IF_MISSING);
  try {
    const start = file.read(0, Math.min(8, file.size));
    const header = file.read(8, parseHeaderSize(start, file.size, file.path));
    const { tensors } = parseHeader(header, file.size, file.path);
    return {
      path,
      config,
      tensors,
      read(name) {
        const info = tensors.get(name);
        if (!info) throw new RangeError(`No tensor "${name}" in ${file.path}`);
        const { buffer } = file.read(info.offset, info.byteLength);
        switch (info.dtype) {
          case "F32":
            return new Float32Array(buffer);
          case "F16":
          case "BF16":
            return widen(info.dtype, new Uint16Array(buffer));
          default:
            throw new TypeError(
              `Cannot load tensor "${name}" of ${file.path}: it is ${info.dtype}, a parameter takes F32, F16 or BF16`,
            );
        }
      },
      [Symbol.dispose]: () => file[Symbol.dispose](),
    };
  } catch (error) {
    file[Symbol.dispose]();
    throw error;
  }
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
