/**
 * Parameter groups with a learning rate for each layer.
 *
 * @module
 */
import { checkOptions, type OptionNames } from "../check_options.ts";
import type { Module } from "../nn/module.ts";
import type { Parameter } from "../nn/parameter.ts";

/** Options of {@linkcode paramGroupsLayerDecay}. */
export interface LayerDecayOptions {
  /** Learning rate of the head, above 0. */
  lr: number;
  /** Factor from each layer to the one below it, above 0 to 1. */
  decay: number;
}

const OPTIONS: OptionNames<LayerDecayOptions> = { lr: true, decay: true };

/**
 * Makes a parameter group for each layer of a model, whose learning rate is the
 * smaller the lower the layer: with L layers `lr · decay` for the top one,
 * `lr · decay^L` for the lowest and `lr · decay^(L+1)` for the embeddings. What
 * stands above the layers, such as a pooler and the head, has `lr`.
 *
 * @param model A model that lists its layers.
 * @param options Learning rate and factor.
 * @returns The groups, for the constructor of an optimizer, from the head to the embeddings.
 * @throws {TypeError} If an option has an unknown name.
 * @throws {RangeError} If an option is out of range.
 * @see Clark et al. 2020, https://arxiv.org/abs/2003.10555, appendix A
 */
export function paramGroupsLayerDecay(
  model: Module & {
    readonly layersInOrder: readonly (readonly Module[])[];
  },
  options: LayerDecayOptions,
): { params: Parameter[]; lr: number }[] {
  checkOptions("make parameter groups", options, OPTIONS, "{ lr, decay }");
  const { lr, decay } = options;
  const isRate = (value: number) => value > 0 && value < Infinity;
  if (!isRate(lr) || !isRate(decay) || decay > 1) {
    throw new RangeError(
      `Cannot make parameter groups with { lr: ${lr}, decay: ${decay} }: lr must be above 0, and decay above 0 and at most 1`,
    );
  }
  const layers = model.layersInOrder.toReversed()
    .map((parts) => parts.flatMap((part) => [...part.parameters()]));
  const inLayers = new Set(layers.flat());
  const above = [...model.parameters()]
    .filter((parameter) => !inLayers.has(parameter));
  return [above, ...layers]
    .map((params, depth) => ({ params, lr: lr * decay ** depth }))
    .filter(({ params }) => params.length > 0);
}
