/**
 * The linear layers of an encoder and their matrix products.
 *
 * @module
 */
import { meanTokens, type ModelName, type ModelSize, SIZES } from "./sizes.ts";

/** A linear layer: rows and features of its input, features of its output. */
export interface Layer {
  readonly name: string;
  readonly rows: number;
  readonly inputs: number;
  readonly outputs: number;
}

/** A matrix product `C = A · B` of training, C of `[M, N]`. */
export interface ProductShape {
  readonly layer: string;
  /** Layout of A and B: N for plain, T for transposed. */
  readonly layout: "NT" | "NN" | "TN";
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

/**
 * Lists the linear layers of a model: those of one encoder layer, then the head's.
 *
 * @param model The size of the model.
 * @param batch Rows of a batch.
 * @param tokens Tokens of the batch, without padding.
 * @returns The layers.
 */
export function layersOf(
  model: ModelName,
  batch: number,
  tokens = meanTokens(batch),
): Layer[] {
  const { hidden: H, up, down, positions }: ModelSize = SIZES[model];
  const layer = (
    name: string,
    rows: number,
    inputs: number,
    outputs: number,
  ) => ({ name: `${model} ${name}`, rows, inputs, outputs });
  return [
    layer("query, key, value", tokens, H, 3 * H),
    layer("attention output", tokens, H, H),
    layer("intermediate", tokens, H, up),
    layer("output", tokens, down, H),
    ...positions ? [layer("relative positions", positions, H, 2 * H)] : [],
    layer("pooler", batch, H, H),
    layer("classifier", batch, H, 2),
  ];
}

/**
 * Lists the products of training a layer: `y = x Wᵀ`, `dx = dy W` and `dW = dyᵀ x`.
 *
 * @param layer The layer.
 * @returns The products, in that order.
 */
export function productsOf(
  { name: layer, rows, inputs, outputs }: Layer,
): [ProductShape, ProductShape, ProductShape] {
  return [
    { layer, layout: "NT", m: rows, n: outputs, k: inputs },
    { layer, layout: "NN", m: rows, n: inputs, k: outputs },
    { layer, layout: "TN", m: outputs, n: inputs, k: rows },
  ];
}

/**
 * Counts the operations of a training step in its linear layers:
 * `6 · rows · inputs · outputs` for each layer, without attention scores.
 *
 * @param model The size of the model.
 * @param batch Rows of a batch.
 * @param tokens Tokens of the batch, without padding.
 * @returns 10⁹ multiplications and additions.
 */
export function stepGflop(
  model: ModelName,
  batch: number,
  tokens: number,
): number {
  const gflop = layersOf(model, batch, tokens).map(
    ({ rows, inputs, outputs }) => 6 * rows * inputs * outputs / 1e9,
  );
  const encoder = gflop.slice(0, -2).reduce((sum, value) => sum + value);
  const head = gflop.slice(-2).reduce((sum, value) => sum + value);
  return SIZES[model].layers * encoder + head;
}
