/**
 * Dropout.
 *
 * @module
 */
import { record } from "../tensor/autograd.ts";
import { Tensor } from "../tensor/tensor.ts";
import { dispatchElementwise, VectorizedKernel } from "./vectorized_kernel.ts";
import source from "./dropout.wgsl" with { type: "text" };
import { type DropoutKey, dropoutParams } from "./dropout_key.ts";
import philox from "./philox.wgsl" with { type: "text" };

const kernel = new VectorizedKernel("dropout", source + philox);

/**
 * Zeroes elements with probability p and scales the others by 1 / (1 - p). The
 * backward pass draws the same random numbers again.
 *
 * @param x Input, any shape.
 * @param key The probability p, and the key of the random numbers.
 * @returns Output, of `x`'s shape; `x` itself if p is 0.
 * @throws {RangeError} If p is not in [0, 1).
 */
export function dropout(x: Tensor, key: DropoutKey): Tensor {
  const columns = x.size / (x.shape[0] ?? 1);
  const params = dropoutParams(key, columns);
  if (key.p === 0) return x;
  const apply = (input: Tensor) => {
    const output = new Tensor(x.device, x.shape);
    dispatchElementwise(kernel, [input, output], params, columns);
    return output;
  };
  return record(apply(x), {
    name: "dropout",
    inputs: [x],
    backward: (dY) => [apply(dY)],
  });
}
