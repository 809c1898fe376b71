/**
 * Gradients of parameters by flat buffer.
 *
 * @module
 */
import type { MaskedGradients } from "../ops/grad_norm.ts";
import type { Tensor } from "../tensor/tensor.ts";
import {
  BlockTable,
  type FlatParameters,
  flatParametersOf,
} from "./flat_parameters.ts";

const blockTables = new WeakMap<FlatParameters, BlockTable>();

/**
 * Finds the gradients of parameters.
 *
 * @param parameters The parameters.
 * @returns The gradients of those that have one, by flat buffer.
 */
export function gradientsOf(parameters: Iterable<Tensor>): MaskedGradients[] {
  const withGrad = new Set<Tensor>();
  for (const parameter of parameters) {
    if (!parameter.hasGrad) continue;
    parameter.gradSlot(); // copies an assigned gradient to the flat buffer
    withGrad.add(parameter);
  }
  const flatBuffers = new Set([...withGrad].map(flatParametersOf));
  return [...flatBuffers].map((flatBuffer) => {
    const blockTable = blockTables.get(flatBuffer) ?? new BlockTable();
    blockTables.set(flatBuffer, blockTable);
    return {
      gradients: flatBuffer.gradients.values,
      table: blockTable.update(flatBuffer, (p) => Number(withGrad.has(p)))!,
    };
  });
}
