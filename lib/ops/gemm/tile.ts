/**
 * The form of a matrix product: its layout, its tile, and the access to its
 * operands.
 *
 * @module
 */
import type { OperandAccess } from "../operand_source.ts";

/**
 * Transposes of A and B, named as in BLAS:
 *
 *     NT: C[m,n] = Σ_k A[m,k] B[n,k]      y = x Wᵀ
 *     NN: C[m,n] = Σ_k A[m,k] B[k,n]      dx = dy W
 *     TN: C[m,n] = Σ_k A[k,m] B[k,n]      dW = dyᵀ x
 */
export type Layout = "NT" | "NN" | "TN";

/** The part of C that one workgroup computes. */
export interface Tile {
  /** Rows of C per thread, a multiple of 4, and of `lanes` if there are any. */
  readonly rows: number;
  /** Columns of C per thread, a multiple of 4. */
  readonly columns: number;
  /** Threads along the columns and rows of C; for a staged tile at least `depth / 4` each. */
  readonly threads: readonly [x: number, y: number];
  /** Steps of K that the threads share through workgroup memory at a time, 16 or 32; 0 for none. */
  readonly depth: number;
  /** 8 if each thread of a subgroup reads a part of A and broadcasts it to the others; 0 if each reads all. */
  readonly lanes: 0 | 8;
}

/** Access to A, to B, and to C with all that has rows or columns of C. */
export interface GemmAccess {
  /** Access to A. */
  readonly a: OperandAccess;
  /** Access to B. */
  readonly b: OperandAccess;
  /** Access to C, bias, activation and sums. */
  readonly c: "vec4" | "scalar";
}

/** Name of a tile: rows x columns x depth, then threads. */
export function nameOf({ rows, columns, depth, threads }: Tile): string {
  return `${rows}x${columns}x${depth}_${threads.join("x")}`;
}
