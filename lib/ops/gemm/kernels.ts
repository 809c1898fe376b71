/**
 * Kernels of matrix products: the operand access and the tile for a device, and
 * a cache of generated kernels.
 *
 * @module
 */
import { type DeviceClass, Kernel } from "../../gpu/kernel.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { Epilogue } from "./epilogue.ts";
import type { Layout, Tile } from "./tile.ts";
import { matmulSource } from "./source.ts";
import type { OperandAccess } from "../operand_source.ts";

/** A tile, and its speed for large products, relative to the fastest of its list. */
interface Choice {
  readonly tile: Tile;
  readonly speed: number;
}

function choice(
  rows: number,
  columns: number,
  threads: Tile["threads"],
  options: Partial<Tile & Choice> = {},
): Choice {
  const { depth = 0, lanes = 0, speed = 1 } = options;
  return { tile: { rows, columns, threads, depth, lanes }, speed };
}

/**
 * Tiles by device kind and access. Those of `lanes` and `software` were measured
 * on llvmpipe, where tiles with more accumulators take long to compile.
 */
const TILES: Record<
  "lanes" | "software" | "hardware",
  Record<OperandAccess, readonly Choice[]>
> = {
  lanes: {
    texture: [
      choice(24, 8, [8, 1], { lanes: 8 }),
      choice(16, 8, [8, 1], { lanes: 8, speed: 0.93 }),
      choice(8, 8, [8, 1], { lanes: 8, speed: 0.75 }),
    ],
    vec4: [choice(8, 16, [8, 1])],
    scalar: [choice(4, 4, [8, 1])],
  },
  software: {
    texture: [choice(8, 16, [8, 1])],
    vec4: [choice(8, 16, [8, 1])],
    scalar: [choice(4, 4, [8, 1])],
  },
  hardware: {
    texture: [choice(4, 4, [8, 8])],
    vec4: [choice(8, 8, [8, 8], { depth: 16 })],
    scalar: [choice(4, 4, [8, 8])],
  },
};

/**
 * Chooses the tile of a product: the fastest, counting the rows of a partly
 * filled tile in full.
 *
 * @param device The device.
 * @param access Access to the operands.
 * @param m Rows of C.
 * @returns The tile.
 */
export function tileFor(
  device: DeviceClass,
  access: OperandAccess,
  m: number,
): Tile {
  const softwareKind = device.subgroupSize === 8 ? "lanes" : "software";
  const kind = device.isSoftware ? softwareKind : "hardware";
  const cost = ({ tile: { rows, threads }, speed }: Choice) => {
    const step = rows * threads[1];
    return Math.ceil(m / step) * step / speed;
  };
  return TILES[kind][access].reduce((best, next) =>
    cost(next) < cost(best) ? next : best
  ).tile;
}

/**
 * Chooses how a product reads its operands.
 *
 * @param device The device.
 * @param tensors Operands and results.
 * @param rowLengths Their row lengths, strides and column offsets, in elements.
 * @returns Access by vec4s if everything is a multiple of four, else by scalars.
 */
export function accessFor(
  device: DeviceClass,
  tensors: readonly Tensor[],
  rowLengths: readonly number[],
): OperandAccess {
  const aligned = rowLengths.every((length) => length % 4 === 0) &&
    tensors.every(({ byteOffset }) => byteOffset % 16 === 0);
  if (!aligned) return "scalar";
  return device.isSoftware ? "texture" : "vec4";
}

/**
 * Counts the workgroups of a product.
 *
 * @param tile The tile.
 * @param m Rows of C.
 * @param n Columns of C.
 * @returns The number of tiles of C.
 */
export function tilesOf(
  { rows, columns, threads: [x, y] }: Tile,
  m: number,
  n: number,
): number {
  return Math.ceil(m / (y * rows)) * Math.ceil(n / (x * columns));
}

/** Elements per unit of an offset or stride. */
export function unit(access: OperandAccess): number {
  return access === "scalar" ? 1 : 4;
}

const kernels = new Map<Tile, Map<string, Kernel>>();

/**
 * Returns the kernel of one product, over a batch along z.
 *
 * @param layout Transposes of A and B.
 * @param access Access to the operands.
 * @param tile The tile.
 * @param epilogue Operations fused into the kernel.
 * @returns The kernel, made once: bindings `a b [bias] c [other] [sums] params`.
 */
export function matmulKernel(
  layout: Layout,
  access: OperandAccess,
  tile: Tile,
  epilogue: Epilogue = {},
): Kernel {
  const { bias, accumulate, resume, activation, sums } = epilogue;
  const key =
    `${layout} ${access} ${bias} ${accumulate} ${resume} ${activation} ${sums}`;
  let ofTile = kernels.get(tile);
  if (!ofTile) kernels.set(tile, ofTile = new Map());
  let kernel = ofTile.get(key);
  if (!kernel) {
    const { rows, columns, threads, depth, lanes } = tile;
    const label = [
      `matmul_${layout}_${access}`,
      `${rows}x${columns}x${depth}_${threads.join("x")}`,
      ...lanes ? ["lanes"] : [],
      ...bias ? ["bias"] : [],
      ...accumulate ? ["accumulate"] : [],
      ...resume ? ["resume"] : [],
      ...activation ? [activation] : [],
      ...sums ? ["sums"] : [],
    ].join("_");
    kernel = new Kernel(label, matmulSource(layout, access, tile, epilogue));
    ofTile.set(key, kernel);
  }
  return kernel;
}
