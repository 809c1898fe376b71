/**
 * A safetensors file that is open for reading: the header is read when it is
 * opened, the values one tensor at a time.
 *
 * @module
 */
import type { OpenFile } from "../files/folder.ts";
import { OpenFiles } from "../files/open_files.ts";
import { fromBytes, type SafetensorsData } from "./dtype.ts";
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
  read(name: string): Promise<SafetensorsData>;
}

/**
 * Reads the header of an open safetensors file.
 *
 * @param file The file; it is closed with the result, or after an error.
 * @returns The file of tensors.
 * @throws {SyntaxError} If it is invalid or truncated.
 * @throws {Error} If it cannot be read.
 */
export async function openTensorFile(file: OpenFile): Promise<TensorFile> {
  using opened = new OpenFiles();
  opened.use(file);
  const { path, size } = file;
  const start = await file.read(0, Math.min(8, size));
  const header = await file.read(8, parseHeaderSize(start, size, path));
  const { tensors } = parseHeader(header, size, path);
  const open = opened.move();
  return {
    path,
    tensors,
    async read(name) {
      const info = tensors.get(name);
      if (!info) throw new RangeError(`No tensor "${name}" in ${path}`);
      const bytes = await file.read(info.offset, info.byteLength);
      return fromBytes(info.dtype, bytes);
    },
    [Symbol.dispose]: () => open[Symbol.dispose](),
  };
}
