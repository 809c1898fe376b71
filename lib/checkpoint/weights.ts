/**
 * The weights of a model folder: `model.safetensors`, or the shards that
 * `model.safetensors.index.json` names. Headers are read at once, values one
 * tensor at a time.
 *
 * @module
 */
import { widen } from "./dtype.ts";
import {
  fileExists,
  type OpenFile,
  openFile,
  readJsonObject,
} from "./files.ts";
import { parseHeader, parseHeaderSize, type TensorInfo } from "./header.ts";

/** The file of weights that are not sharded. */
export const WEIGHTS = "model.safetensors";
const INDEX = "model.safetensors.index.json";
const PICKLED = ["pytorch_model.bin", "pytorch_model.bin.index.json"];

/** A tensor of a folder. */
export interface StoredTensor extends TensorInfo {
  /** Name of the file that holds it. */
  readonly fileName: string;
}

/** The weights of a folder, open for reading; `using` closes their files. */
export interface Weights extends Disposable {
  /** Type, shape and place of each tensor, by its name in the checkpoint. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
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
 * Opens the weights of a folder and reads the header of each file.
 *
 * @param path The folder.
 * @param ifMissing Ends the error where there are no weights: what to do.
 * @returns The weights; dispose them when the tensors are read.
 * @throws {SyntaxError} If a file is not valid, or torn, or if the index and the shards contradict each other.
 * @throws {Error} If a file is missing or cannot be read, or if the weights are
 * there in pickled form only.
 */
export async function openWeights(
  path: string,
  ifMissing: string,
): Promise<Weights> {
  const isWhole = await fileExists(path, WEIGHTS);
  const index = !isWhole && await fileExists(path, INDEX)
    ? await readIndex(path)
    : undefined;
  if (!isWhole && !index) await refusePickled(path);
  const names = index ? new Set(index.values()) : [WEIGHTS];
  const remedy = index
    ? `, and ${INDEX} names it: copy or download the whole model again`
    : ifMissing;

  using opened = new DisposableStack();
  const files = new Map<string, OpenFile>();
  const tensors = new Map<string, StoredTensor>();
  for (const fileName of names) {
    const file = opened.use(await openFile(path, fileName, remedy));
    files.set(fileName, file);
    for (const [name, info] of readHeader(file)) {
      const other = tensors.get(name);
      if (other) {
        throw new SyntaxError(
          `Cannot load ${path}: both ${other.fileName} and ${fileName} have a tensor "${name}": copy or download the whole model again`,
        );
      }
      tensors.set(name, { ...info, fileName });
    }
  }
  for (const [name, fileName] of index ?? []) {
    if (tensors.get(name)?.fileName !== fileName) {
      throw new SyntaxError(
        `Cannot read ${path}/${fileName}: it has no tensor "${name}", which ${INDEX} says that it holds: copy or download the whole model again`,
      );
    }
  }
  const kept = opened.move();
  return {
    tensors,
    read(name) {
      const info = tensors.get(name);
      if (!info) throw new RangeError(`No tensor "${name}" in ${path}`);
      return readTensor(name, info, files.get(info.fileName)!);
    },
    [Symbol.dispose]: () => kept.dispose(),
  };
}

/** The file of each tensor, as the index has them. */
async function readIndex(path: string): Promise<Map<string, string>> {
  const { weight_map: weightMap } = await readJsonObject(path, INDEX, "");
  const fail = (reason: string): never => {
    throw new SyntaxError(
      `Cannot read ${path}/${INDEX}: ${reason}: copy or download the whole model again`,
    );
  };
  if (typeof weightMap !== "object" || weightMap === null) {
    return fail(`its "weight_map" must map tensors to files`);
  }
  const index = new Map<string, string>();
  for (const [name, fileName] of Object.entries(weightMap)) {
    // Nothing outside of the folder is opened, whatever an index says.
    if (
      typeof fileName !== "string" || !/^[^/\\:]+\.safetensors$/.test(fileName)
    ) {
      fail(
        `it says that "${name}" is in ${
          JSON.stringify(fileName)
        }, which is not the name of a .safetensors file in this folder`,
      );
    }
    index.set(name, fileName);
  }
  return index;
}

async function refusePickled(path: string): Promise<void> {
  for (const name of PICKLED) {
    if (await fileExists(path, name)) {
      throw new Error(
        `Cannot load ${path}: its weights are in ${
          PICKLED[0]
        } only, a pickle file, and reading one runs code that it brings: ` +
          `load it in transformers and call save_pretrained, which writes ${WEIGHTS}`,
      );
    }
  }
}

function readHeader(file: OpenFile): ReadonlyMap<string, TensorInfo> {
  const start = file.read(0, Math.min(8, file.size));
  const header = file.read(8, parseHeaderSize(start, file.size, file.path));
  return parseHeader(header, file.size, file.path).tensors;
}

function readTensor(
  name: string,
  { dtype, offset, byteLength }: TensorInfo,
  file: OpenFile,
): Float32Array<ArrayBuffer> {
  const { buffer } = file.read(offset, byteLength);
  switch (dtype) {
    case "F32":
      return new Float32Array(buffer);
    case "F16":
    case "BF16":
      return widen(dtype, new Uint16Array(buffer));
    default:
      throw new TypeError(
        `Cannot load tensor "${name}" of ${file.path}: it is ${dtype}, a parameter takes F32, F16 or BF16`,
      );
  }
}
