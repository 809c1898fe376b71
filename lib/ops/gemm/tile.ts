/**
 * The form of a matrix product: its layout and its tile.
 *
 * @module
 */

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
  /** Threads along the columns and rows of C. */
  readonly threads: readonly [x: number, y: number];
  /** Steps of K that the threads share through workgroup memory at a time, a multiple of 4; 0 for none. */
  readonly depth: number;
  /** 8 if each thread of a subgroup reads a part of A and broadcasts it to the others; 0 if each reads all. */
  readonly lanes: 0 | 8;
}
