/**
 * General matrix multiply over tensors.
 *
 * @module
 */
import type { GradSlot, Tensor } from "../../tensor/tensor.ts";
import { grid } from "../vectorized_kernel.ts";
import { accessFor, matmulKernel, tileFor, tilesOf, unit } from "./kernels.ts";
import type { Layout } from "./tile.ts";

/** A matrix, or some of its columns. */
export interface Matrix {
  /** The tensor that holds it. */
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
  /** Number of products, consecutive in all three tensors; 1 if left out. */
  readonly batch?: number;
}

/** Operations fused into a product. */
export interface GemmOptions {
  /** Whether to add to C. */
  readonly accumulate?: boolean;
  /** Whether the sums start from C: over parts of K in order, they have the bits of one sum. */
  readonly resume?: boolean;
  /** Bias added to every row, `[N]`. */
  readonly bias?: Tensor | undefined;
  /** Target of gelu(C), of C's shape. */
  readonly gelu?: Tensor | undefined;
  /** Input u of GELU, of C's shape: C is multiplied by gelu'(u). */
  readonly geluBackward?: Tensor | undefined;
  /** Target of `Σ_k A[k,m]`, `[M]`, for layout TN. */
  readonly sums?: GradSlot | undefined;
}

/**
 * Computes `C = op(A) · op(B)`.
 *
 * @param layout Transposes of A and B.
 * @param size The size.
 * @param a Matrix A.
 * @param b Matrix B.
 * @param c Matrix C, the result.
 * @param options Operations fused into the product.
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
  const { accumulate = false, resume = false, bias, gelu, geluBackward, sums } =
    options;
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
    ...layout === "TN" ? [] : [k], // the last vec4 of a row must not reach past its end
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
      resume,
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
