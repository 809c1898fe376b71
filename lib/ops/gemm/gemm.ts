/**
 * General matrix multiply over tensors.
 *
 * @module
 */
import { type GradSlot, Tensor } from "../../tensor/tensor.ts";
import { gemmAccess } from "./access.ts";
import { addParts, partSteps } from "./parts.ts";
import {
  dispatchProduct,
  type GemmSize,
  type Matrix,
  type Product,
} from "./product.ts";
import type { Layout } from "./tile.ts";
import { softwareTile } from "./tiles.ts";
import { hardwareTile } from "./tuner.ts";

/** Operations fused into a product. */
export interface GemmOptions {
  /** Whether to add to C. */
  readonly accumulate?: boolean;
  /** Whether the sums start from C: over parts of K in order, they have the bits of one sum. */
  readonly resume?: boolean;
  /** Whether each sum over K is one sum, in order, never parts of it. */
  readonly inOrder?: boolean;
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
  const { accumulate = false, resume = false, inOrder = false } = options;
  const { bias, gelu, geluBackward, sums } = options;
  const { device } = c.tensor;
  const { m, n, k, batch = 1 } = size;
  const operands = {
    layout,
    size,
    a,
    b,
    c,
    bias,
    other: gelu ?? geluBackward,
    sums,
  };
  const product: Product = {
    ...operands,
    access: gemmAccess(operands),
    variant: {
      bias: bias !== undefined,
      accumulate,
      resume,
      activation: gelu ? "gelu" : geluBackward && "geluBackward",
      sums: sums !== undefined,
    },
  };
  if (device.isSoftware) {
    dispatchProduct(product, softwareTile(device, product.access.a, m));
    return;
  }
  const isWhole = batch > 1 || resume || inOrder;
  const steps = isWhole ? k : partSteps(m, n, k);
  if (steps < k) inParts(product, steps);
  else dispatchStaged(product);
}

/** Computes parts of K as products of their own, then adds them in order. */
function inParts(product: Product, steps: number): void {
  const { c, size: { m, n, k }, access, variant, bias, other, sums } = product;
  const { device } = c.tensor;
  const count = Math.ceil(k / steps);
  const part = (rows: number, columns: number) =>
    new Tensor(device, [count, rows, 4 * Math.ceil(columns / 4)]);
  const parts = part(m, n);
  const partSums = sums && part(1, m);
  dispatchStaged({
    ...product,
    c: { tensor: parts, stride: parts.shape[2]! },
    access: { ...access, c: "vec4" },
    variant: { sums: variant.sums === true, parts: true },
    bias: undefined,
    other: undefined,
    sums: partSums && { tensor: partSums, accumulate: false },
    partSteps: steps,
  });
  const { tensor: target, stride, column = 0 } = c;
  addParts(
    { parts, target, m, n, stride, column, bias, other },
    access.c,
    variant,
  );
  parts.dispose();
  if (!sums || !partSums) return;
  addParts(
    { parts: partSums, target: sums.tensor, m: 1, n: m, stride: m, column: 0 },
    access.c,
    { accumulate: sums.accumulate },
  );
  partSums.dispose();
}

function dispatchStaged(product: Product): void {
  dispatchProduct(product, hardwareTile(product));
}
