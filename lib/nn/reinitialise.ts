/**
 * New initial values for the top layers of a model.
 *
 * @module
 */
import type { Module } from "./module.ts";

/**
 * Gives the top layers of an encoder their initial values again, those of the seed
 * that the model was made with: for fine-tuning on little data, where the top layers
 * of a checkpoint are worse than a fresh start.
 *
 * @param model A model that lists its layers; layers that share weights count once.
 * @param layers Number of layers, from the top; a whole number from 0.
 * @throws {RangeError} If the model has fewer layers.
 * @see Zhang et al. 2021, https://arxiv.org/abs/2006.05987
 */
export function reinitialise(
  model: { readonly layersInOrder: readonly (readonly Module[])[] },
  layers: number,
): void {
  const [, ...all] = model.layersInOrder; // without the embeddings
  if (!Number.isInteger(layers) || layers < 0 || layers > all.length) {
    throw new RangeError(
      `Cannot reinitialise ${layers} layers: the model has ${all.length}; give a whole number from 0 to that`,
    );
  }
  for (const part of all.slice(all.length - layers).flat()) {
    for (const parameter of part.parameters()) parameter.reinitialise();
  }
}
