/**
 * Runs one matrix product on matrices that lie in tensors.
 *
 * @module
 */
import type { GradSlot, Tensor } from "../tensor/tensor.ts";
import { grid } from "./vectorized_kernel.ts";
import {
  accessFor,
  matmulKernel,
  tileFor,
  tilesOf,
  unit,
} from "./matmul_kernels.ts";
import type { Layout } from "./matmul_source.ts";

/** A matrix, or a part of the columns of one. */
export interface Matrix {
  /** What holds it. */
  readonly tensor: Tensor;
  /** Elements from row to row. */
  readonly stride: number;
  /** The first column; 0 if left out. */
  readonly column?: number;
}

/** The size of `C[m,n] = Σ_k A·B`. */
export interface GemmSize {
  /** Rows of C. */
  readonly m: number;
  /** Columns of C. */
  readonly n: number;
  /** Length of the sum. */
  readonly k: number;
  /** Products of this size that follow one another in all three tensors; 1 if left out. */
  readonly batch?: number;
}

/** What a product does besides. */
export interface GemmOptions {
  /** Whether to add to C. */
  readonly accumulate?: boolean;
  /** What is added to every row, `[N]`. */
  readonly bias?: Tensor | undefined;
  /** Where gelu(C) goes, of C's shape. */
  readonly gelu?: Tensor | undefined;
  /** Where C is multiplied by gelu' of this, of C's shape. */
  readonly geluBackward?: Tensor | undefined;
  /** Where `Σ_k A[k,m]` of layout TN goes, `[M]`. */
  readonly sums?: GradSlot | undefined;
}

/**
 * Computes `C = op(A) · op(B)`.
 *
 * @param layout Which of A and B is transposed.
 * @param size The size.
 * @param a A.
 * @param b B.
 * @param c C.
 * @param options What is done besides.
 */
export function gemm(
  layout: Layout,
  size: GemmSize,
  a: Matrix,
  b: Matrix,
  c: Matrix,
  options: GemmOptions = {},
): void {
  const { m, n, k, batch = 1 } = size;
  const { accumulate = false, bias, gelu, geluBackward, sums } = options;
  const { device } = c.tensor;
  const other = gelu ?? geluBackward;
  const tensors = [
    a.tensor,
    b.tensor,
    ...bias ? [bias] : [],
    c.tensor,
    ...other ? [other] : [],
    ...sums ? [sums.tensor] : [],
  ];
  const access = accessFor(device, tensors, [
    n,
    ...layout === "TN" ? [] : [k], // its last vec4 must not reach into what lies behind
    ...[a, b, c].flatMap(({ stride, column = 0 }) => [stride, column]),
    ...sums ? [m] : [],
  ]);
  const tile = tileFor(device, access, m);
  const step = unit(access);
  const offset = ({ column = 0 }: Matrix) => column / step;
  const next = ({ tensor }: Matrix) => tensor.size / batch / step;
  const [x, y] = grid(device, tilesOf(tile, m, n));
  device.dispatch(
    matmulKernel(layout, access, tile, {
      bias: bias !== undefined,
      accumulate,
      activation: gelu ? "gelu" : geluBackward && "geluBackward",
      sums: sums !== undefined,
    }),
    tensors,
    {
      m,
      n,
      k,
      a_offset: offset(a),
      b_offset: offset(b),
      c_offset: offset(c),
      a_stride: a.stride / step,
      b_stride: b.stride / step,
      c_stride: c.stride / step,
      accumulate_sums: Number(sums?.accumulate === true),
      a_batch: next(a),
      b_batch: next(b),
      c_batch: next(c),
    },
    x,
    y,
    batch,
  );
}
