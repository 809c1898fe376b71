/**
 * The dispatch of one matrix product with a given tile.
 *
 * @module
 */
import type { Kernel } from "../../gpu/kernel.ts";
import type { GradSlot, Tensor } from "../../tensor/tensor.ts";
import { type OperandAccess, unitOf } from "../operand_source.ts";
import { grid } from "../vectorized_kernel.ts";
import { matmulKernel } from "./kernels.ts";
import type { Variant } from "./source.ts";
import type { GemmAccess, Layout, Tile } from "./tile.ts";
import { tilesOf } from "./tiles.ts";

/** A matrix, or some of its columns. */
export interface Matrix {
  /** The tensor that holds it. */
  readonly tensor: Tensor;
  /** Elements from row to row. */
  readonly stride: number;
  /** The first column; 0 if left out. */
  readonly column?: number;
  /** Elements from one product of the batch to the next; those of a whole matrix if left out. */
  readonly batchStride?: number;
}

/** The size of `C[m,n] = Σ_k A·B`. */
export interface GemmSize {
  /** Rows of C. */
  readonly m: number;
  /** Columns of C. */
  readonly n: number;
  /** Length of the sum. */
  readonly k: number;
  /** Number of products; 1 if left out. */
  readonly batch?: number;
}

/** Operands of a product and all that its kernel does. */
export interface Product {
  /** Transposes of A and B. */
  readonly layout: Layout;
  /** The size. */
  readonly size: GemmSize;
  /** Matrix A. */
  readonly a: Matrix;
  /** Matrix B. */
  readonly b: Matrix;
  /** Matrix C, the result. */
  readonly c: Matrix;
  /** Access to the operands. */
  readonly access: GemmAccess;
  /** Operations fused into the kernel; `ragged` follows from the size. */
  readonly variant: Omit<Variant, "ragged">;
  /** Bias, `[N]`. */
  readonly bias?: Tensor | undefined;
  /** Target of gelu(C), or input of gelu', of C's shape. */
  readonly other?: Tensor | undefined;
  /** Target of `Σ_k A[k,m]`, `[M]`, for layout TN. */
  readonly sums?: Pick<GradSlot, "tensor" | "accumulate"> | undefined;
  /** Steps of K of each product of the batch, which are then parts of one. */
  readonly partSteps?: number | undefined;
}

/** All of a product that decides its kernel. */
export type ProductForm = Pick<
  Product,
  "layout" | "access" | "size" | "variant" | "partSteps"
>;

/**
 * Returns the kernel of a product.
 *
 * @param product The product.
 * @param tile The tile.
 * @returns The kernel, made once.
 */
export function productKernel(
  { layout, access, size: { k }, variant, partSteps }: ProductForm,
  tile: Tile,
): Kernel {
  const ragged = tile.depth > 0 && k % (partSteps ?? tile.depth) !== 0;
  return matmulKernel(layout, access, tile, { ...variant, ragged });
}

/**
 * Dispatches a product.
 *
 * @param product The product.
 * @param tile The tile.
 */
export function dispatchProduct(product: Product, tile: Tile): void {
  const { layout, size, a, b, c, access } = product;
  const { bias, other, sums, partSteps = 0 } = product;
  const { m, n, k, batch = 1 } = size;
  const { device } = c.tensor;
  const parts = partSteps > 0 ? Math.ceil(k / partSteps) : batch;
  /** From one product of the batch, or part of K, to the next. */
  const next = ({ tensor, stride, batchStride }: Matrix, alongK: boolean) =>
    partSteps === 0
      ? batchStride ?? tensor.size / batch
      : partSteps * (alongK ? 1 : stride);
  const at = (matrix: Matrix, access: OperandAccess, next: number) => {
    const step = unitOf(access);
    return {
      offset: (matrix.column ?? 0) / step,
      stride: matrix.stride / step,
      next: next / step,
    };
  };
  const ofA = at(a, access.a, next(a, layout !== "TN"));
  const ofB = at(b, access.b, next(b, layout === "NT"));
  const ofC = at(c, access.c, c.batchStride ?? c.tensor.size / parts);
  const [x, y] = grid(device, tilesOf(tile, m, n));
  device.dispatch(
    productKernel(product, tile),
    [
      a.tensor,
      b.tensor,
      ...bias ? [bias] : [],
      c.tensor,
      ...other ? [other] : [],
      ...sums ? [sums.tensor] : [],
    ],
    {
      m,
      n,
      k: partSteps || k,
      whole_k: k,
      a_offset: ofA.offset,
      b_offset: ofB.offset,
      c_offset: ofC.offset,
      a_stride: ofA.stride,
      b_stride: ofB.stride,
      c_stride: ofC.stride,
      accumulate_sums: Number(sums?.accumulate === true),
      a_batch: ofA.next,
      b_batch: ofB.next,
      c_batch: ofC.next,
    },
    x,
    y,
    parts,
  );
}
