/**
 * The weights of a model folder: `model.safetensors`, or the shards listed in
 * `model.safetensors.index.json`. Headers are read when it is opened, values one
 * tensor at a time.
 *
 * @module
 */
import type { Folder } from "../files/folder.ts";
import { OpenFiles } from "../files/open_files.ts";
import { type SafetensorsDtype, widen } from "./dtype.ts";
import { parseJsonObject } from "./files.ts";
import type { TensorInfo } from "./header.ts";
import { openTensorFile, type TensorFile } from "./tensor_file.ts";

/** File name of unsharded weights. */
export const WEIGHTS = "model.safetensors";
const INDEX = "model.safetensors.index.json";
const PICKLED = ["pytorch_model.bin", "pytorch_model.bin.index.json"];

/** A tensor of a model folder. */
export interface StoredTensor extends TensorInfo {
  /** Name of the file that holds it. */
  readonly fileName: string;
}

/** The weights of a model folder, open for reading; `using` closes their files. */
export interface Weights extends Disposable {
  /** Type, shape and location of each tensor, by its name in the checkpoint. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /**
   * Reads the values of one tensor; F16 and BF16 are widened to f32.
   *
   * @param name A key of `tensors`.
   * @returns The values, row-major, in a new buffer.
   * @throws {RangeError} If there is no such tensor.
   * @throws {TypeError} If the tensor is not F32, F16 or BF16.
   */
  read(name: string): Promise<Float32Array<ArrayBuffer>>;
}

/**
 * Opens the weights of a folder and reads the header of each file.
 *
 * @param folder The folder.
 * @param ifMissing Remedy that ends the error if there are no weights.
 * @returns The weights; dispose of them after reading the tensors.
 * @throws {SyntaxError} If a file is invalid or truncated, or the index and the shards disagree.
 * @throws {Error} If a file is missing or cannot be read, or if the only weights
 * are pickled.
 */
export async function openWeights(
  folder: Folder,
  ifMissing: string,
): Promise<Weights> {
  const { path } = folder;
  const unsharded = await folder.find(WEIGHTS);
  const index = unsharded ? undefined : await readIndex(folder);
  if (!unsharded && !index) await refusePickled(folder);
  const names = index ? new Set(index.values()) : [WEIGHTS];
  const remedy = index
    ? `, and ${INDEX} names it: copy or download the whole model again`
    : ifMissing;

  using opened = new OpenFiles();
  const files = new Map<string, TensorFile>();
  const tensors = new Map<string, StoredTensor>();
  for (const fileName of names) {
    const file = opened.use(
      await openTensorFile(unsharded ?? await folder.open(fileName, remedy)),
    );
    files.set(fileName, file);
    for (const [name, info] of file.tensors) {
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
        `Cannot read ${
          folder.pathOf(fileName)
        }: it has no tensor "${name}", although ${INDEX} lists it there: copy or download the whole model again`,
      );
    }
  }
  const open = opened.move();
  return {
    tensors,
    async read(name) {
      const info = tensors.get(name);
      if (!info) throw new RangeError(`No tensor "${name}" in ${path}`);
      return await readTensor(name, info.dtype, files.get(info.fileName)!);
    },
    [Symbol.dispose]: () => open[Symbol.dispose](),
  };
}

/** Reads the file name of each tensor from the index, if there is one. */
async function readIndex(
  folder: Folder,
): Promise<Map<string, string> | undefined> {
  const file = await folder.find(INDEX);
  if (!file) return undefined;
  const { weight_map: weightMap } = await parseJsonObject(file);
  const fail = (reason: string): never => {
    throw new SyntaxError(
      `Cannot read ${file.path}: ${reason}: copy or download the whole model again`,
    );
  };
  if (typeof weightMap !== "object" || weightMap === null) {
    return fail(`its "weight_map" must map tensors to files`);
  }
  const index = new Map<string, string>();
  for (const [name, fileName] of Object.entries(weightMap)) {
    // Never open a file outside the folder, whatever the index contains.
    if (
      typeof fileName !== "string" || !/^[^/\\:]+\.safetensors$/.test(fileName)
    ) {
      fail(
        `it lists "${name}" in ${
          JSON.stringify(fileName)
        }, which is not the name of a .safetensors file in this folder`,
      );
    }
    index.set(name, fileName);
  }
  return index;
}

async function refusePickled(folder: Folder): Promise<void> {
  for (const name of PICKLED) {
    using file = await folder.find(name);
    if (file) {
      throw new Error(
        `Cannot load ${folder.path}: its weights are in ${
          PICKLED[0]
        } only, a pickle file, and reading one runs code inside it: ` +
          `load it in transformers and call save_pretrained, which writes ${WEIGHTS}`,
      );
    }
  }
}

/**
 * Reads one tensor of an open file as f32; F16 and BF16 are widened.
 *
 * @param name Its name.
 * @param dtype Its type in the file.
 * @param file The file.
 * @returns The values, row-major, in a new buffer.
 * @throws {TypeError} If the tensor is not F32, F16 or BF16.
 */
export async function readTensor(
  name: string,
  dtype: SafetensorsDtype,
  file: TensorFile,
): Promise<Float32Array<ArrayBuffer>> {
  const values = await file.read(name);
  switch (dtype) {
    case "F32":
      return values as Float32Array<ArrayBuffer>;
    case "F16":
    case "BF16":
      return widen(dtype, values as Uint16Array);
    default:
      throw new TypeError(
        `Cannot load tensor "${name}" of ${file.path}: it is ${dtype}, but a parameter takes F32, F16 or BF16`,
      );
  }
}
