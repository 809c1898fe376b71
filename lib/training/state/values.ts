/**
 * State of any object as JSON and tensors: plain values go to JSON, typed arrays
 * and tensors to a safetensors file.
 *
 * @module
 */
import { isPlainObject } from "../../check_options.ts";
import { inferDtype, type SafetensorsData } from "../../checkpoint/dtype.ts";
import type { SafetensorsSource } from "../../checkpoint/safetensors.ts";
import type { TensorFile } from "../../checkpoint/tensor_file.ts";
import { Tensor } from "../../tensor/tensor.ts";

/** A value of JSON. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [name: string]: Json };

/** Keys of the objects that stand for a value that JSON lacks. */
const [NUMBER, TENSOR] = ["$number", "$tensor"] as const;

/** State divided into JSON and tensors. */
export interface EncodedState {
  /** The state, with references to the tensors. */
  readonly json: Json;
  /** Typed arrays and tensors, named after their place in the state. */
  readonly tensors: readonly SafetensorsSource[];
}

/**
 * Encodes a state. Every value is restored as it was, except tensors, of which the
 * values are restored.
 *
 * @param state Plain objects, arrays, strings, numbers, booleans, null, typed arrays, tensors.
 * @param name Name of the state, for errors.
 * @returns JSON and tensors.
 * @throws {TypeError} If a value is of another type.
 */
export function encodeState(state: unknown, name: string): EncodedState {
  const tensors: SafetensorsSource[] = [];
  return { json: encode(state, name, [], tensors), tensors };
}

function encode(
  value: unknown,
  name: string,
  path: readonly string[],
  tensors: SafetensorsSource[],
): Json {
  const inner = (key: string, value: unknown) =>
    encode(value, name, [...path, key], tensors);
  if (
    value === null || typeof value === "boolean" || typeof value === "string"
  ) return value;
  if (typeof value === "number") {
    return Number.isFinite(value) && !Object.is(value, -0)
      ? value
      : { [NUMBER]: Object.is(value, -0) ? "-0" : `${value}` };
  }
  if (value instanceof Tensor || isTypedArray(value)) {
    const reference = path.join(".") || "value";
    tensors.push(sourceOf(reference, value));
    return { [TENSOR]: reference };
  }
  if (Array.isArray(value)) {
    return Array.from(value, (item, i) => inner(`${i}`, item)); // with its holes
  }
  if (isPlainObject(value)) {
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, item]) => {
        if (key === NUMBER || key === TENSOR) {
          throw new TypeError(
            `Cannot save the state of ${name}: its key "${key}" stands for a value that JSON lacks; use another`,
          );
        }
        return item === undefined ? [] : [[key, inner(key, item)]];
      }),
    );
  }
  const place = [name, ...path].join(".");
  throw new TypeError(
    `Cannot save the state of ${name}: ${place} is ${
      value?.constructor?.name ?? typeof value
    }; return plain objects, arrays, strings, numbers, booleans, typed arrays or tensors`,
  );
}

function sourceOf(
  name: string,
  value: Tensor | SafetensorsData,
): SafetensorsSource {
  if (!(value instanceof Tensor)) {
    const dtype = inferDtype(value);
    return { name, dtype, shape: [value.length], data: () => value };
  }
  if (value.dtype !== "f32") {
    throw new TypeError(
      `Cannot save ${name}: it is a tensor of ${value.dtype}; return its values as a typed array`,
    );
  }
  const { shape } = value;
  return { name, dtype: "F32", shape, data: () => value.toArray() };
}

/**
 * Restores a state.
 *
 * @param json JSON of an encoded state.
 * @param read Reads the values of a tensor by its name.
 * @returns The state.
 */
export function decodeState(
  json: Json,
  read: (name: string) => SafetensorsData,
): unknown {
  if (Array.isArray(json)) return json.map((item) => decodeState(item, read));
  if (typeof json !== "object" || json === null) return json;
  const entries = Object.entries(json);
  const [[key, value] = []] = entries;
  if (key === NUMBER) return Number(value);
  if (key === TENSOR) return read(`${value}`);
  return Object.fromEntries(
    entries.map(([name, item]) => [name, decodeState(item, read)]),
  );
}

/**
 * Restores a state, with the tensors of a file.
 *
 * @param json JSON of an encoded state.
 * @param file The file; `undefined` if it has none.
 * @returns The state.
 */
export async function readState(
  json: Json,
  file: TensorFile | undefined,
): Promise<unknown> {
  const values = new Map<string, SafetensorsData>();
  for (const name of tensorNames(json)) {
    values.set(name, await file!.read(name));
  }
  return decodeState(json, (name) => values.get(name)!);
}

/**
 * Lists the tensors of an encoded state.
 *
 * @param json JSON of the state.
 * @returns Their names.
 */
export function tensorNames(json: Json): string[] {
  const names: string[] = [];
  decodeState(json, (name) => {
    names.push(name);
    return NO_VALUES;
  });
  return names;
}

const NO_VALUES = new Uint8Array();

/**
 * Copies a state, so that no later change of the object reaches it.
 *
 * @param state The state, as for {@linkcode encodeState}.
 * @param name Name of the state, for errors.
 * @returns The state; values of tensors are typed arrays in it, as after saving.
 */
export async function copyState(
  state: unknown,
  name: string,
): Promise<unknown> {
  const { json, tensors } = encodeState(state, name);
  const values = new Map<string, SafetensorsData>();
  for (const { name, data } of tensors) {
    values.set(name, (await data()).slice());
  }
  return decodeState(json, (name) => values.get(name)!);
}

function isTypedArray(value: unknown): value is SafetensorsData {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}
