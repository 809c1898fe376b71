/**
 * The tiles of matrix products, by device and access.
 *
 * @module
 */
import type { DeviceClass } from "../../gpu/kernel.ts";
import type { OperandAccess } from "../operand_source.ts";
import type { Tile } from "./tile.ts";

function tile(
  rows: number,
  columns: number,
  threads: Tile["threads"],
  { depth = 0, lanes = 0 }: Partial<Tile> = {},
): Tile {
  return { rows, columns, threads, depth, lanes };
}

/**
 * Candidates for graphics hardware, which add in the same order: the choice
 * changes no bit. All fit the default limits of WebGPU. The first one is used where
 * nothing was measured: few registers, and small enough to fill a GPU with a
 * batch of 8.
 */
export const CANDIDATES = [
  tile(4, 8, [8, 8], { depth: 16 }),
  tile(8, 8, [8, 8], { depth: 16 }),
  tile(8, 8, [8, 16], { depth: 16 }),
  tile(8, 4, [16, 8], { depth: 16 }),
  tile(4, 4, [16, 8], { depth: 32 }),
  tile(4, 4, [8, 8], { depth: 32 }),
] as const;

/** Rounds a number of steps of K up to a multiple of the depth of every candidate. */
export function roundUpK(steps: number): number {
  const depth = Math.max(...CANDIDATES.map(({ depth }) => depth));
  return Math.ceil(steps / depth) * depth;
}

/** A tile of a software adapter, and its speed for large products, relative to the fastest of its list. */
interface Choice {
  readonly tile: Tile;
  readonly speed: number;
}

/**
 * Tiles of software adapters, measured on llvmpipe, where tiles with more
 * accumulators take long to compile.
 */
const LANES: readonly Choice[] = [
  { tile: tile(24, 8, [8, 1], { lanes: 8 }), speed: 1 },
  { tile: tile(16, 8, [8, 1], { lanes: 8 }), speed: 0.93 },
  { tile: tile(8, 8, [8, 1], { lanes: 8 }), speed: 0.75 },
];
const WIDE = tile(8, 16, [8, 1]);
const SCALAR = tile(4, 4, [8, 1]);

/**
 * Chooses the tile of a product on a software adapter: the fastest, counting the
 * rows of a partly filled tile in full.
 *
 * @param device The device.
 * @param access Access to the operands.
 * @param m Rows of C.
 * @returns The tile.
 */
export function softwareTile(
  { subgroupSize }: DeviceClass,
  access: OperandAccess,
  m: number,
): Tile {
  if (access === "scalar") return SCALAR;
  if (access !== "texture" || subgroupSize !== 8) return WIDE;
  const cost = ({ tile: { rows, threads }, speed }: Choice) => {
    const step = rows * threads[1];
    return Math.ceil(m / step) * step / speed;
  };
  return LANES.reduce((best, next) => cost(next) < cost(best) ? next : best)
    .tile;
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
