/**
 * Gradient clipping by norm.
 *
 * @module
 */
import { clipFlat } from "../ops/grad_norm.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { checkParameters } from "./check_parameters.ts";
import {
  BlockTable,
  type FlatParameters,
  flatParametersOf,
} from "./flat_parameters.ts";

const blockTables = new WeakMap<FlatParameters, BlockTable>();

/**
 * Clips the 2-norm of all gradients together to `maxNorm`, as
 * `torch.nn.utils.clip_grad_norm_`: scales them by `min(1, maxNorm / (norm + 1e-6))`.
 * The host does not wait; parameters without a gradient are ignored.
 *
 * @param parameters The parameters.
 * @param maxNorm Largest norm, greater than 0.
 * @returns The norm before clipping, a scalar `[]`.
 * @throws {RangeError} If `maxNorm` is not greater than 0, or no parameter has a gradient.
 * @throws {TypeError} If a model is given in place of its parameters.
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
  checkParameters("clip gradients", parameters);
  const clipped = new Set<Tensor>();
  for (const parameter of parameters) {
    if (!parameter.hasGrad) continue;
    parameter.gradSlot(); // copies an assigned gradient to the flat buffer
    clipped.add(parameter);
  }
  if (clipped.size === 0) {
    throw new RangeError(
      "Cannot clip gradients: no parameter has one; call backward() first",
    );
  }
  const flatBuffers = new Set([...clipped].map(flatParametersOf));
  return clipFlat(
    [...flatBuffers].map((flatBuffer) => {
      const blockTable = blockTables.get(flatBuffer) ?? new BlockTable();
      blockTables.set(flatBuffer, blockTable);
      return {
        gradients: flatBuffer.gradients.values,
        table: blockTable.update(flatBuffer, (p) => Number(clipped.has(p)))!,
      };
    }),
    maxNorm,
  );
}
