/**
 * The safetensors format: named tensors in one file, read without executing any
 * code. A file is the size N of the header (u64), the header (N bytes of JSON:
 * name, type, shape and location of each tensor), then the values.
 *
 * Source: https://github.com/huggingface/safetensors#format
 *
 * @module
 */
import {
  bitLength,
  DTYPE_NAMES,
  fromBytes,
  holds,
  inferDtype,
  type SafetensorsData,
  type SafetensorsDtype,
  toBytes,
} from "./dtype.ts";
import { parseHeader, parseHeaderSize } from "./header.ts";

/** A tensor that was read. */
export interface SafetensorsEntry {
  /** Element type, by its name in the file. */
  readonly dtype: SafetensorsDtype;
  /** Shape; `[]` for a scalar. */
  readonly shape: readonly number[];
  /** The values, row-major. */
  readonly data: SafetensorsData;
}

/** The tensors of a file by name, in the order of the file. */
export interface Safetensors extends Map<string, SafetensorsEntry> {
  /** The strings under `__metadata__`, such as `{ format: "pt" }`. */
  readonly metadata: Readonly<Record<string, string>> | undefined;
}

/** A tensor to write. */
export interface SafetensorsInput {
  /** Element type; default: that of the array class, such as `F32`. */
  readonly dtype?: SafetensorsDtype;
  /** Shape; `[]` for a scalar. */
  readonly shape: readonly number[];
  /** The values, row-major. */
  readonly data: SafetensorsData;
}

/** A tensor to write that provides its values on demand. */
export interface SafetensorsSource {
  /** Name in the file. */
  readonly name: string;
  /** Element type. */
  readonly dtype: SafetensorsDtype;
  /** Shape; `[]` for a scalar. */
  readonly shape: readonly number[];
  /** Returns the values, row-major. */
  data(): SafetensorsData | Promise<SafetensorsData>;
}

/**
 * Reads a safetensors file. The values are views of `bytes` if their alignment
 * allows it, as in files of current writers.
 *
 * @example
 * ```ts
 * import { loadSafetensors, saveSafetensors } from "@gradloop/gradloop";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = saveSafetensors({
 *   weight: { shape: [1, 2], data: new Float32Array([0.5, -1]) },
 * });
 * assertEquals(loadSafetensors(bytes).get("weight")?.shape, [1, 2]);
 * ```
 *
 * @param bytes The file.
 * @returns A map from name to `{ dtype, shape, data }`, with `metadata`.
 * @throws {SyntaxError} If `bytes` is not a complete and valid safetensors file.
 */
export function loadSafetensors(bytes: Uint8Array): Safetensors {
  const file = "the safetensors bytes";
  const end = 8 + parseHeaderSize(bytes.subarray(0, 8), bytes.length, file);
  const header = parseHeader(bytes.subarray(8, end), bytes.length, file);
  const tensors = new Map<string, SafetensorsEntry>();
  for (const [name, { dtype, shape, offset, byteLength }] of header.tensors) {
    const data = fromBytes(dtype, bytes.subarray(offset, offset + byteLength));
    tensors.set(name, { dtype, shape, data });
  }
  return Object.assign(tensors, { metadata: header.metadata });
}

/**
 * Writes tensors as a safetensors file. The same tensors in any order give the
 * same bytes, which are those of the Python package (except that Python leaves
 * the order of `metadata` entries undefined; here they are sorted by key).
 *
 * @param tensors The tensors by name.
 * @param metadata Strings for `__metadata__`.
 * @returns The file.
 * @throws {RangeError} If the values of a tensor do not match its shape, or a
 * name cannot be stored.
 * @throws {TypeError} If the values of a tensor do not match its dtype.
 */
export function saveSafetensors(
  tensors:
    | ReadonlyMap<string, SafetensorsInput>
    | Readonly<Record<string, SafetensorsInput>>,
  metadata?: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const named = tensors instanceof Map ? [...tensors] : Object.entries(tensors);
  const sources = named.map(([name, { dtype, shape, data }]) => ({
    name,
    dtype: dtype ?? inferDtype(data),
    shape,
    data: () => data,
  }));
  const { order, start, size } = layOut(sources, metadata);
  const file = new Uint8Array(size);
  file.set(start);
  let offset = start.length;
  for (const source of order) {
    const bytes = checkedBytes(source, source.data());
    file.set(bytes, offset);
    offset += bytes.length;
  }
  return file;
}

/**
 * Values that are asked for ahead, in bytes: one read from the GPU takes 10 ms or
 * more, and several at once take no longer.
 */
const READ_AHEAD = 16 * 2 ** 20;

/**
 * Writes tensors as a safetensors file in chunks: the values of one tensor, or of
 * several with at most 16 MiB, are in memory.
 *
 * @param tensors The tensors, with distinct names, in any order.
 * @param metadata Strings for `__metadata__`.
 * @returns The file's bytes in order.
 * @throws {RangeError | TypeError} As {@linkcode saveSafetensors}.
 */
export async function* streamSafetensors(
  tensors: Iterable<SafetensorsSource>,
  metadata?: Readonly<Record<string, string>>,
): AsyncGenerator<Uint8Array, void, void> {
  const { order, start } = layOut([...tensors], metadata);
  yield start;
  const reads: (SafetensorsData | Promise<SafetensorsData>)[] = [];
  let [next, ahead] = [0, 0]; // first tensor that was not asked for; bytes
  for (const [i, source] of order.entries()) {
    for (; next < order.length; next++) {
      const size = byteLength(order[next]!);
      if (next > i && ahead + size > READ_AHEAD) break;
      const read = order[next]!.data();
      if (read instanceof Promise) read.catch(() => {}); // thrown at its turn
      reads.push(read);
      ahead += size;
    }
    yield checkedBytes(source, await reads.shift()!);
    ahead -= byteLength(source);
  }
}

/** Computes the order of the values, the bytes that precede them, and the file size. */
function layOut<T extends SafetensorsSource>(
  tensors: readonly T[],
  metadata: Readonly<Record<string, string>> | undefined,
): { order: T[]; start: Uint8Array; size: number } {
  const order = tensors.toSorted((a, b) =>
    DTYPE_NAMES.indexOf(b.dtype) - DTYPE_NAMES.indexOf(a.dtype) ||
    compareCodePoints(a.name, b.name)
  );
  const fields: string[] = [];
  const names = new Set(["__metadata__"]);
  let offset = 0;
  if (metadata) {
    const entries = Object.entries(metadata)
      .sort(([a], [b]) => compareCodePoints(a, b))
      .map(([key, value]) => `${quote(key)}:${quote(value)}`);
    fields.push(`"__metadata__":{${entries}}`);
  }
  for (const { name, dtype, shape } of order) {
    if (names.has(name)) {
      throw new RangeError(
        `Cannot save tensor "${name}": the name is already in use`,
      );
    }
    names.add(name);
    const end = offset + byteLength({ dtype, shape });
    const isShape = shape.every((n) => Number.isSafeInteger(n) && n >= 0);
    if (!isShape || !Number.isSafeInteger(end)) {
      throw new RangeError(
        `Cannot save tensor "${name}": ${dtype} [${shape}] is not a whole number of bytes`,
      );
    }
    const info = { dtype, shape, "data_offsets": [offset, end] };
    fields.push(`${quote(name)}:${JSON.stringify(info)}`);
    offset = end;
  }
  const header = new TextEncoder().encode(`{${fields}}`);
  const headerSize = Math.ceil(header.length / 8) * 8; // aligns the values
  const start = new Uint8Array(8 + headerSize).fill(0x20);
  new DataView(start.buffer).setBigUint64(0, BigInt(headerSize), true);
  start.set(header, 8);
  return { order, start, size: start.length + offset };
}

/** Quotes a string as JSON. */
function quote(text: string): string {
  if (!text.isWellFormed()) {
    throw new RangeError(
      `Cannot save ${
        JSON.stringify(text)
      }: it has a lone surrogate, which UTF-8 cannot encode`,
    );
  }
  return JSON.stringify(text);
}

/** Compares by code point, as Rust and UTF-8 do; JavaScript differs beyond U+FFFF. */
function compareCodePoints(a: string, b: string): number {
  const [left, right] = [a, b].map((text) =>
    Array.from(text, (c) => c.codePointAt(0)!)
  ) as [number[], number[]];
  const i = left.findIndex((c, i) => c !== right[i]);
  return i < 0 ? left.length - right.length : left[i]! - (right[i] ?? -1);
}

function checkedBytes(
  { name, dtype, shape }: SafetensorsSource,
  data: SafetensorsData,
): Uint8Array {
  if (!holds(dtype, data)) {
    throw new TypeError(
      `Cannot save tensor "${name}": a ${data.constructor.name} does not hold ${dtype}`,
    );
  }
  const needed = byteLength({ dtype, shape });
  if (data.byteLength !== needed) {
    throw new RangeError(
      `Cannot save tensor "${name}": ${dtype} [${shape}] needs ${needed} bytes, but its data has ${data.byteLength}`,
    );
  }
  return toBytes(data);
}

function byteLength(
  { dtype, shape }: Pick<SafetensorsSource, "dtype" | "shape">,
): number {
  return bitLength(dtype, shape) / 8;
}
