/**
 * A safetensors file that is open for reading: the header is read when it is
 * opened, the values one tensor at a time.
 *
 * @module
 */
import { fromBytes, type SafetensorsData } from "./dtype.ts";
import { openFile } from "./files.ts";
import { parseHeader, parseHeaderSize, type TensorInfo } from "./header.ts";

/** An open safetensors file; `using` closes it. */
export interface TensorFile extends Disposable {
  /** Path, for errors. */
  readonly path: string;
  /** Type, shape and location of each tensor, by name, in the order of the file. */
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /**
   * Reads the values of one tensor.
   *
   * @param name A key of `tensors`.
   * @returns The values, row-major, in a new buffer.
   * @throws {RangeError} If there is no such tensor.
   */
  read(name: string): SafetensorsData;
}

/**
 * Opens a safetensors file.
 *
 * @param folder The folder of the file.
 * @param name The file's name.
 * @param ifMissing Remedy that ends the error if there is no such file.
 * @returns The open file.
 * @throws {SyntaxError} If it is invalid or truncated.
 * @throws {Error} If it is missing or cannot be read.
 */
export async function openTensorFile(
  folder: string,
  name: string,
  ifMissing: string,
): Promise<TensorFile> {
  using opened = new DisposableStack();
  const file = opened.use(await openFile(folder, name, ifMissing));
  const { path, size } = file;
  const start = file.read(0, Math.min(8, size));
  const header = file.read(8, parseHeaderSize(start, size, path));
  const { tensors } = parseHeader(header, size, path);
  const open = opened.move();
  return {
    path,
    tensors,
    read(name) {
      const info = tensors.get(name);
      if (!info) throw new RangeError(`No tensor "${name}" in ${path}`);
      return fromBytes(info.dtype, file.read(info.offset, info.byteLength));
    },
    [Symbol.dispose]: () => open.dispose(),
  };
}
