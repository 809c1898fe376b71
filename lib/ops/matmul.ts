/**
 * The matrix product.
 *
 * @module
 */
import { record } from "../tensor/autograd.ts";
import { sameShape, Tensor } from "../tensor/tensor.ts";
import type { Layout } from "./gemm/tile.ts";
import { gemm } from "./gemm/gemm.ts";

/** Options of {@linkcode matmul}. */
export interface MatmulOptions {
  /**
   * Whether `a` is transposed, `[..., K, M]`.
   *
   * @default false
   */
  transposeA?: boolean;
  /**
   * Whether `b` is transposed, `[..., N, K]`.
   *
   * @default false
   */
  transposeB?: boolean;
}

/**
 * Multiplies matrices: `c[m,n] = Σ_k a[m,k] · b[k,n]`. Leading dimensions are a
 * batch; a `b` without any is broadcast over the batch.
 *
 * @param a Left operand, `[..., M, K]`, or `[..., K, M]` with `transposeA`.
 * @param b Right operand, `[..., K, N]`, or `[..., N, K]` with `transposeB`.
 * @param options The transposed operand; not both.
 * @returns Product, `[..., M, N]`.
 * @throws {RangeError} If the shapes do not match, or both operands are transposed.
 */
export function matmul(
  a: Tensor,
  b: Tensor,
  options: MatmulOptions = {},
): Tensor {
  const { transposeA = false, transposeB = false } = options;
  const refuse = (reason: string): never => {
    throw new RangeError(
      `Cannot multiply [${a.shape}] and [${b.shape}]: ${reason}`,
    );
  };
  if (transposeA && transposeB) {
    refuse("transposeA and transposeB exclude each other");
  }
  if (a.shape.length < 2 || b.shape.length < 2) {
    refuse("both must have at least two dimensions");
  }
  const [m, k] = matrix(a, transposeA);
  const [kOfB, n] = matrix(b, transposeB);
  if (k !== kOfB) refuse(`the inner sizes ${k} and ${kOfB} differ`);
  const leading = a.shape.slice(0, -2);
  const shared = b.shape.length === 2;
  if (!shared && !sameShape(leading, b.shape.slice(0, -2))) {
    refuse("the leading dimensions differ");
  }
  if (shared && transposeA && leading.length > 0) {
    refuse("transposeA needs a batch of b");
  }

  const y = new Tensor(a.device, [...leading, m, n]);
  const layout = transposeA ? "TN" : transposeB ? "NT" : "NN";
  multiply(layout, a, b, y);
  return record(y, {
    name: "matmul",
    inputs: [a, b],
    backward(dY) {
      const dA = new Tensor(a.device, a.shape);
      const dB = new Tensor(a.device, b.shape);
      if (layout === "TN") multiply("NT", b, dY, dA);
      else multiply(layout === "NT" ? "NN" : "NT", dY, b, dA);
      if (layout === "NT") multiply("TN", dY, a, dB);
      else multiply(layout === "TN" ? "NN" : "TN", a, dY, dB);
      return [dA, dB];
    },
  });
}

/** Rows and columns after transposing. */
function matrix({ shape }: Tensor, transposed: boolean): [number, number] {
  const [rows, columns] = [shape.at(-2)!, shape.at(-1)!];
  return transposed ? [columns, rows] : [rows, columns];
}

/**
 * Runs one product. A batch that only one operand and the result have, or only
 * the two operands, is folded into the rows of one matrix.
 */
function multiply(layout: Layout, a: Tensor, b: Tensor, c: Tensor): void {
  const flat = c.shape.length === 2 || b.shape.length === 2;
  const batch = flat ? 1 : c.size / (c.shape.at(-1)! * c.shape.at(-2)!);
  const [aColumns, bColumns, n] = [a, b, c].map(({ shape }) =>
    shape.at(-1)!
  ) as [number, number, number];
  gemm(
    layout,
    {
      m: c.size / batch / n,
      n,
      k: layout === "TN" ? a.size / batch / aColumns : aColumns,
      batch,
    },
    { tensor: a, stride: aColumns },
    { tensor: b, stride: bColumns },
    { tensor: c, stride: n },
  );
}
