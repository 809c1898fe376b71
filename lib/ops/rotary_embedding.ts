/**
 * Rotary position embedding.
 *
 * @module
 */
import type { Device } from "../gpu/device.ts";
import { record } from "../tensor/autograd.ts";
import { fromArray, Tensor } from "../tensor/tensor.ts";
import source from "./rotary_embedding.wgsl" with { type: "text" };
import { grid, VectorizedKernel } from "./vectorized_kernel.ts";

const WORKGROUP_SIZE = 64;
const kernel = new VectorizedKernel("rotary_embedding", source);

/** Position of each token, and the angles of all positions, on the GPU. */
export interface RotaryPositions {
  /** Positions, `[T]` u32, each a row of `angles`. */
  readonly positions: Tensor;
  /** Cosines and sines of each position, `[P, D]`, from {@linkcode rotaryAngles}. */
  readonly angles: Tensor;
}

/**
 * Computes the frequencies `base^(-2d/D)` of {@linkcode rotaryEmbedding}.
 *
 * @param width The head width D.
 * @param base The base.
 * @returns The frequencies, `[D/2]`.
 */
export function rotaryFrequencies(
  width: number,
  base: number,
): Float32Array<ArrayBuffer> {
  return Float32Array.from(
    { length: width / 2 },
    (_, d) => 1 / Math.fround(base ** Math.fround(2 * d / width)),
  );
}

/** Angles by frequency base and head width; each is made again where more positions are needed. */
const tables = new Map<string, Float32Array<ArrayBuffer>>();

/**
 * Computes the angles of {@linkcode rotaryEmbedding}: `p · base^(-2d/D)` for
 * position p and d below D/2, in f32 as transformers does.
 *
 * @param count Number of positions P.
 * @param width The head width D, an even number.
 * @param base Base of the frequencies.
 * @returns Cosines, then sines of each position, `[P, D]` row-major.
 * @throws {RangeError} If the width is odd.
 */
export function rotaryAngles(
  count: number,
  width: number,
  base: number,
): Float32Array<ArrayBuffer> {
  if (width % 2 !== 0) {
    throw new RangeError(
      `Cannot rotate heads of width ${width}: it must be even`,
    );
  }
  const key = `${width}_${base}`;
  const known = tables.get(key);
  if (known && known.length >= count * width) {
    return known.subarray(0, count * width);
  }
  const half = width / 2;
  const frequencies = rotaryFrequencies(width, base);
  const table = new Float32Array(count * width);
  for (let position = 0; position < count; position++) {
    frequencies.forEach((frequency, d) => {
      const angle = Math.fround(position * frequency);
      table[position * width + d] = Math.cos(angle);
      table[position * width + half + d] = Math.sin(angle);
    });
  }
  tables.set(key, table);
  return table;
}

/**
 * Uploads positions for {@linkcode rotaryEmbedding}.
 *
 * @param device The device.
 * @param positions Position of each token, `[T]`.
 * @param width The head width D.
 * @param base Base of the frequencies.
 * @returns The positions and their angles.
 * @throws {RangeError} If the width is odd.
 */
export function rotaryPositions(
  device: Device,
  positions: Uint32Array<ArrayBuffer>,
  width: number,
  base: number,
): RotaryPositions {
  const count = positions.reduce((most, position) => Math.max(most, position)) +
    1;
  const angles = rotaryAngles(count, width, base);
  return {
    positions: fromArray(device, positions, [positions.length], {
      dtype: "u32",
    }),
    angles: fromArray(device, angles, [count, width]),
  };
}

/**
 * Rotates queries and keys by their positions, so that the product of two depends
 * on their distance: dimensions d and d + D/2 of a head are one point, which is
 * turned by the angle `p · base^(-2d/D)`. Values stay as they are.
 *
 * @param qkv Query, key and value of every token, concatenated, `[T, 3H]`.
 * @param rotary The positions, from {@linkcode rotaryPositions}.
 * @param heads The number of heads A; H = A · D.
 * @returns The rotated queries and keys, and the values, `[T, 3H]`.
 * @throws {RangeError} If `qkv` is not `[T, 3·A·D]` with the T and D of the positions.
 */
export function rotaryEmbedding(
  qkv: Tensor,
  { positions, angles }: RotaryPositions,
  heads: number,
): Tensor {
  const { device, shape } = qkv;
  const width = angles.shape[1]!;
  const expected = [positions.size, 3 * heads * width];
  if (`${shape}` !== `${expected}`) {
    throw new RangeError(
      `Cannot apply rotaryEmbedding to [${shape}]: ${positions.size} positions and ${heads} heads of width ${width} need [${expected}]`,
    );
  }
  const rotate = (x: Tensor, direction: 1 | -1) => {
    const y = new Tensor(device, shape);
    const { kernel: form, vectors: half } = kernel.for(width / 2);
    const vectors = 3 * heads * half * positions.size;
    device.dispatch(
      form,
      [x, positions, angles, y],
      { vectors, heads, half, direction },
      ...grid(device, Math.ceil(vectors / WORKGROUP_SIZE)),
    );
    return y;
  };
  return record(rotate(qkv, 1), {
    name: "rotaryEmbedding",
    inputs: [qkv],
    backward: (dY) => [rotate(dY, -1)],
  });
}
