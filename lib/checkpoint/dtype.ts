/**
 * The element types of safetensors and the typed arrays that hold them. Values
 * are little-endian, like every host of WebGPU.
 *
 * @module
 */

/** Element type, by its name in a safetensors header. */
export type SafetensorsDtype =
  | "BOOL"
  | "F4"
  | "F6_E2M3"
  | "F6_E3M2"
  | "U8"
  | "I8"
  | "F8_E5M2"
  | "F8_E4M3"
  | "F8_E8M0"
  | "F8_E4M3FNUZ"
  | "F8_E5M2FNUZ"
  | "I16"
  | "U16"
  | "F16"
  | "BF16"
  | "I32"
  | "U32"
  | "F32"
  | "C64"
  | "F64"
  | "I64"
  | "U64";

/**
 * The values of a tensor: a `Float32Array` for `F32`, a `Float64Array` for `F64`,
 * the array of their width for integers (`BigInt64Array` for `I64`), a
 * `Float32Array` of (real, imaginary) pairs for `C64`, a `Uint16Array` of raw
 * bits for `F16` and `BF16`, and a `Uint8Array` of raw bytes for `BOOL` and
 * floats of 8 bits or fewer.
 */
export type SafetensorsData =
  | Uint8Array
  | Int8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;

interface DataConstructor {
  readonly BYTES_PER_ELEMENT: number;
  new (
    buffer: ArrayBufferLike,
    byteOffset: number,
    length: number,
  ): SafetensorsData;
}

/**
 * Bits per element and the array class of each type, in the order of the format:
 * by ascending alignment, which writers sort by.
 */
const DTYPES: Record<
  SafetensorsDtype,
  { readonly bits: number; readonly array: DataConstructor }
> = {
  BOOL: { bits: 8, array: Uint8Array },
  F4: { bits: 4, array: Uint8Array },
  F6_E2M3: { bits: 6, array: Uint8Array },
  F6_E3M2: { bits: 6, array: Uint8Array },
  U8: { bits: 8, array: Uint8Array },
  I8: { bits: 8, array: Int8Array },
  F8_E5M2: { bits: 8, array: Uint8Array },
  F8_E4M3: { bits: 8, array: Uint8Array },
  F8_E8M0: { bits: 8, array: Uint8Array },
  F8_E4M3FNUZ: { bits: 8, array: Uint8Array },
  F8_E5M2FNUZ: { bits: 8, array: Uint8Array },
  I16: { bits: 16, array: Int16Array },
  U16: { bits: 16, array: Uint16Array },
  F16: { bits: 16, array: Uint16Array },
  BF16: { bits: 16, array: Uint16Array },
  I32: { bits: 32, array: Int32Array },
  U32: { bits: 32, array: Uint32Array },
  F32: { bits: 32, array: Float32Array },
  C64: { bits: 64, array: Float32Array },
  F64: { bits: 64, array: Float64Array },
  I64: { bits: 64, array: BigInt64Array },
  U64: { bits: 64, array: BigUint64Array },
};

/** All element types, by ascending alignment. */
export const DTYPE_NAMES: readonly SafetensorsDtype[] = Object.keys(
  DTYPES,
) as SafetensorsDtype[];

/** Tells whether `name` is the name of an element type. */
export function isDtype(name: unknown): name is SafetensorsDtype {
  return typeof name === "string" && Object.hasOwn(DTYPES, name);
}

/** Returns the size of a tensor in bits, or NaN if that is not a safe integer. */
export function bitLength(
  dtype: SafetensorsDtype,
  shape: readonly number[],
): number {
  let { bits } = DTYPES[dtype];
  for (const size of shape) {
    bits *= size;
    if (!Number.isSafeInteger(bits)) return NaN;
  }
  return bits;
}

/** Tells whether `data` is of the array class that holds `dtype`. */
export function holds(dtype: SafetensorsDtype, data: SafetensorsData): boolean {
  return data instanceof DTYPES[dtype].array;
}

/** Infers the dtype from the array class; raw bits have none of their own. */
export function inferDtype(data: SafetensorsData): SafetensorsDtype {
  const dtype = (
    [
      "U8",
      "I8",
      "U16",
      "I16",
      "U32",
      "I32",
      "F32",
      "F64",
      "U64",
      "I64",
    ] as const
  ).find((name) => holds(name, data));
  if (dtype === undefined) {
    throw new TypeError(
      `Cannot save a ${data.constructor.name}: its dtype cannot be inferred; give a dtype and an array that holds it`,
    );
  }
  return dtype;
}

/** Returns the values in `bytes`: a view if their alignment allows it, else a copy. */
export function fromBytes(
  dtype: SafetensorsDtype,
  bytes: Uint8Array,
): SafetensorsData {
  const { array } = DTYPES[dtype];
  const aligned = bytes.byteOffset % array.BYTES_PER_ELEMENT === 0
    ? bytes
    : bytes.slice();
  return new array(
    aligned.buffer,
    aligned.byteOffset,
    aligned.byteLength / array.BYTES_PER_ELEMENT,
  );
}

/** Returns a view of the bytes of `data`. */
export function toBytes(data: SafetensorsData): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/**
 * Widens 16-bit floats to 32 bits, exactly, including subnormals, infinities and
 * NaN.
 *
 * @param dtype Format of the bits: `F16` is IEEE 754 binary16, `BF16` the upper
 * half of a 32-bit float.
 * @param bits Raw bits, as returned by {@linkcode fromBytes}.
 * @returns The values.
 */
export function widen(
  dtype: "F16" | "BF16",
  bits: Uint16Array,
): Float32Array<ArrayBuffer> {
  if (dtype === "F16") {
    return new Float32Array(
      new Float16Array(bits.buffer, bits.byteOffset, bits.length),
    );
  }
  return new Float32Array(Uint32Array.from(bits, (b) => b << 16).buffer);
}
