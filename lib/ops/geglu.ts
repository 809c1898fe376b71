/**
 * The GELU activation with a gate.
 *
 * @module
 */
import { record } from "../tensor/autograd.ts";
import { Tensor } from "../tensor/tensor.ts";
import { GELU_FUNCTIONS, type GeluOptions } from "./gelu.ts";
import forwardSource from "./geglu.wgsl" with { type: "text" };
import backwardSource from "./geglu_backward.wgsl" with { type: "text" };
import { grid, VectorizedKernel } from "./vectorized_kernel.ts";

const WORKGROUP_SIZE = 64;
const KERNELS = {
  none: kernels("geglu", GELU_FUNCTIONS.none),
  tanh: kernels("geglu_tanh", GELU_FUNCTIONS.tanh),
};

function kernels(label: string, functions: string) {
  return {
    forward: new VectorizedKernel(label, forwardSource + functions),
    backward: new VectorizedKernel(
      `${label}_backward`,
      backwardSource + functions,
    ),
  };
}

/**
 * Applies GELU to the first half of each row and multiplies it by the second half,
 * the gate: `y[..., c] = gelu(x[..., c]) · x[..., C + c]`.
 *
 * @param x Input, `[..., 2C]`.
 * @param options The approximation of GELU.
 * @returns Output, `[..., C]`.
 * @throws {RangeError} If rows have an odd number of elements.
 */
export function geglu(
  x: Tensor,
  { approximate = "none" }: GeluOptions = {},
): Tensor {
  const { device, shape } = x;
  const columns = (shape.at(-1) ?? 1) / 2;
  if (!Number.isInteger(columns)) {
    throw new RangeError(
      `Cannot apply geglu to [${shape}]: the last size must be even`,
    );
  }
  const { forward, backward } = KERNELS[approximate];
  const y = new Tensor(device, [...shape.slice(0, -1), columns]);
  const run = (kernel: VectorizedKernel, operands: readonly Tensor[]) => {
    const { kernel: form, vectors } = kernel.for(columns);
    const all = y.size / columns * vectors;
    device.dispatch(
      form,
      operands,
      { vectors: all, columns: vectors },
      ...grid(device, Math.ceil(all / WORKGROUP_SIZE)),
    );
  };
  run(forward, [x, y]);
  return record(y, {
    name: "geglu",
    inputs: [x],
    backward(dY) {
      const dX = new Tensor(device, shape);
      run(backward, [x, dY, dX]);
      return [dX];
    },
  });
}
