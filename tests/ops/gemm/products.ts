import { type Device, fromArray, Tensor } from "../../../mod.ts";
import { gemmAccess } from "../../../lib/ops/gemm/access.ts";
import type { GemmOptions } from "../../../lib/ops/gemm/gemm.ts";
import {
  dispatchProduct,
  type GemmSize,
  type Matrix,
} from "../../../lib/ops/gemm/product.ts";
import type { Layout, Tile } from "../../../lib/ops/gemm/tile.ts";
import { values } from "../../helpers/check_op.ts";

export const LAYOUTS: readonly Layout[] = ["NT", "NN", "TN"];

/** Operands of a product on the host, row by row. */
export interface HostProduct {
  readonly layout: Layout;
  readonly size: GemmSize;
  readonly a: number[];
  readonly b: number[];
  readonly bias: number[];
}

/** Values in [-1, 1], scaled so that the sums are in that range too. */
export function hostProduct(layout: Layout, size: GemmSize): HostProduct {
  const { m, n, k } = size;
  const scaled = (length: number, seed: number) =>
    values(length, seed).map((v) => Math.fround(v / 2 / Math.sqrt(k)));
  return {
    layout,
    size,
    a: values(m * k, 1).map((v) => Math.fround(v / 2)),
    b: scaled(n * k, 2),
    bias: scaled(n, 3),
  };
}

/** C in plain f64 loops, without the bias. */
export function product({ layout, size, a, b }: HostProduct): number[] {
  const { m, n, k } = size;
  return Array.from({ length: m * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    let c = 0;
    for (let q = 0; q < k; q++) {
      c += a[layout === "TN" ? q * m + i : i * k + q]! *
        b[layout === "NT" ? j * k + q : q * n + j]!;
    }
    return c;
  });
}

/** Σ_k A[k,m] in f64, for layout TN. */
export function sumsOf({ size: { m, k }, a }: HostProduct): number[] {
  return Array.from({ length: m }, (_, i) => {
    let sum = 0;
    for (let q = 0; q < k; q++) sum += a[q * m + i]!;
    return sum;
  });
}

/** The matrices of a product on a device; C is not initialized. */
export function operandsOf(
  device: Device,
  { layout, size: { m, n, k }, a, b }: HostProduct,
): { a: Matrix; b: Matrix; c: Matrix } {
  const matrix = (values: number[], rows: number, columns: number) => ({
    tensor: fromArray(device, values, [rows, columns]),
    stride: columns,
  });
  return {
    a: layout === "TN" ? matrix(a, k, m) : matrix(a, m, k),
    b: layout === "NT" ? matrix(b, n, k) : matrix(b, k, n),
    c: { tensor: new Tensor(device, [m, n]), stride: n },
  };
}

/** C and the sums with one tile, and a bias. */
export async function withTile(
  device: Device,
  host: HostProduct,
  tile: Tile,
): Promise<{ c: Float32Array; sums: Float32Array | undefined }> {
  const { layout, size } = host;
  const operands = { layout, size, ...operandsOf(device, host) };
  const bias = fromArray(device, host.bias, [size.n]);
  const sums: GemmOptions["sums"] = layout === "TN"
    ? { tensor: new Tensor(device, [size.m]), accumulate: false }
    : undefined;
  dispatchProduct({
    ...operands,
    bias,
    sums,
    access: gemmAccess({ ...operands, bias, sums }),
    variant: { bias: true, sums: sums !== undefined },
  }, tile);
  return {
    c: await operands.c.tensor.toArray(),
    sums: await sums?.tensor.toArray(),
  };
}
