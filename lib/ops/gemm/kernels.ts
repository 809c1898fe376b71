/**
 * Kernels of matrix products: a cache of generated ones.
 *
 * @module
 */
import { Kernel } from "../../gpu/kernel.ts";
import { matmulSource, type Variant } from "./source.ts";
import { type GemmAccess, type Layout, nameOf, type Tile } from "./tile.ts";

const kernels = new Map<string, Kernel>();

/**
 * Returns the kernel of one product, over a batch or the parts of K along z.
 *
 * @param layout Transposes of A and B.
 * @param access Access to the operands.
 * @param tile The tile.
 * @param variant Operations fused into the kernel.
 * @returns The kernel, made once: bindings `a b [bias] c [other] [sums] params`.
 */
export function matmulKernel(
  layout: Layout,
  access: GemmAccess,
  tile: Tile,
  variant: Variant = {},
): Kernel {
  const { a, b, c } = access;
  const { bias, accumulate, activation, resume, sums, ragged, parts } = variant;
  const isUniform = a === b && (c === a || a === "texture");
  const label = [
    `matmul_${layout}_${isUniform ? a : `${a}-${b}-${c}`}`,
    nameOf(tile),
    ...tile.lanes ? ["lanes"] : [],
    ...ragged ? ["ragged"] : [],
    ...parts ? ["parts"] : [],
    ...bias ? ["bias"] : [],
    ...accumulate ? ["accumulate"] : [],
    ...resume ? ["resume"] : [],
    ...activation ? [activation] : [],
    ...sums ? ["sums"] : [],
  ].join("_");
  let kernel = kernels.get(label);
  if (!kernel) {
    kernel = new Kernel(label, matmulSource(layout, access, tile, variant));
    kernels.set(label, kernel);
  }
  return kernel;
}
