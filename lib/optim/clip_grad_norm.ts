/**
 * Clipping gradients by their norm.
 *
 * @module
 */
import { clipFlat } from "../ops/grad_norm.ts";
import type { Tensor } from "../tensor/tensor.ts";
import {
  BlockTable,
  type FlatParameters,
  flatParametersOf,
} from "./flat_parameters.ts";

const tables = new WeakMap<FlatParameters, BlockTable>();

/**
 * Scales all gradients together so that their 2-norm is at most `maxNorm`, as
 * `torch.nn.utils.clip_grad_norm_`: by `min(1, maxNorm / (norm + 1e-6))`. The
 * GPU does it without the host; parameters that have no gradient are left out.
 *
 * @param parameters The parameters.
 * @param maxNorm The bound, greater than 0.
 * @returns The norm before clipping, a scalar.
 * @throws {RangeError} If `maxNorm` is not greater than 0, or no parameter has a gradient.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_norm_.html
 */
export function clipGradNorm(
  parameters: Iterable<Tensor>,
  maxNorm: number,
): Tensor {
  if (!(maxNorm > 0)) {
    throw new RangeError(
      `Cannot clip gradients to a norm of ${maxNorm}: it must be greater than 0`,
    );
  }
  const clipped = new Set<Tensor>();
  for (const parameter of parameters) {
    if (!parameter.hasGrad) continue;
    parameter.gradSlot(); // one that was assigned goes to its place
    clipped.add(parameter);
  }
  if (clipped.size === 0) {
    throw new RangeError(
      "Cannot clip gradients: no parameter has one; call backward() first",
    );
  }
  const arenas = new Set([...clipped].map(flatParametersOf));
  return clipFlat(
    [...arenas].map((arena) => {
      const table = tables.get(arena) ?? new BlockTable();
      tables.set(arena, table);
      return {
        gradients: arena.gradients.values,
        table: table.update(arena, (p) => Number(clipped.has(p)))!,
      };
    }),
    maxNorm,
  );
}
