/**
 * Access to the operands of a matrix product, by their sizes and offsets.
 *
 * @module
 */
import type { Tensor } from "../../tensor/tensor.ts";
import { accessFor } from "../operand_source.ts";
import type { Product } from "./product.ts";
import type { GemmAccess } from "./tile.ts";

/**
 * Chooses how a product reads its operands: each as it can be read on graphics
 * hardware, where all are staged as vec4s, and all in one way on software
 * adapters.
 *
 * @param product The product.
 * @returns The access.
 */
export function gemmAccess(
  { layout, size, a, b, c, bias, other, sums }: Omit<
    Product,
    "access" | "variant"
  >,
): GemmAccess {
  const { device } = c.tensor;
  const { m, n, k, batch = 1 } = size;
  const [matrixA, matrixB, matrixC] = [a, b, c].map((
    { tensor, stride, column = 0, batchStride = tensor.size / batch },
  ) => ({
    tensors: [tensor],
    lengths: [stride, column, batchStride],
  })) as [Operand, Operand, Operand];
  // The last vec4 of a row must not reach past its end.
  if (layout !== "TN") matrixA.lengths.push(k);
  if (layout === "NT") matrixB.lengths.push(k);
  matrixC.lengths.push(n);
  for (const tensor of [bias, other, sums?.tensor]) {
    if (tensor) matrixC.tensors.push(tensor);
  }
  if (sums) matrixC.lengths.push(m);
  if (!device.isSoftware) {
    const access = ({ tensors, lengths }: Operand) =>
      accessFor(device, tensors, lengths) as GemmAccess["c"];
    return { a: access(matrixA), b: access(matrixB), c: access(matrixC) };
  }
  const all = [matrixA, matrixB, matrixC];
  const access = accessFor(
    device,
    all.flatMap(({ tensors }) => tensors),
    all.flatMap(({ lengths }) => lengths),
  );
  return { a: access, b: access, c: access === "scalar" ? "scalar" : "vec4" };
}

interface Operand {
  readonly tensors: Tensor[];
  readonly lengths: number[];
}
