/**
 * Parameter groups with and without weight decay.
 *
 * @module
 */
import type { Parameter } from "../nn/parameter.ts";

/**
 * Makes two parameter groups, as transformers' Trainer: no weight decay for biases
 * and weights of normalisation layers.
 *
 * @param model The model.
 * @param weightDecay Weight decay of all other parameters.
 * @returns The groups, for the constructor of an optimizer.
 */
export function paramGroupsWeightDecay(
  model: { namedParameters(): Iterable<[name: string, parameter: Parameter]> },
  weightDecay: number,
): { params: Parameter[]; weightDecay: number }[] {
  const decayed: Parameter[] = [];
  const others: Parameter[] = [];
  for (const [name, parameter] of model.namedParameters()) {
    const exempt = /bias|layernorm|rmsnorm|(?:^|\.)norm(?:$|\.)|_norm(?:$|\.)/i;
    (exempt.test(name) ? others : decayed).push(parameter);
  }
  return [
    { params: decayed, weightDecay },
    { params: others, weightDecay: 0 },
  ];
}
