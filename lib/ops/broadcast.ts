/**
 * Element-wise ops of a tensor with a smaller one, or with a number.
 *
 * @module
 */
import { sameShape, Tensor } from "../tensor/tensor.ts";
import {
  dispatchElementwise,
  grid,
  VectorizedKernel,
} from "./vectorized_kernel.ts";
import scaleShiftSource from "./scale_shift.wgsl" with { type: "text" };
import { sumAlong } from "./sum.ts";

const WORKGROUP_SIZE = 64;
const scaleShiftKernel = new VectorizedKernel("scale_shift", scaleShiftSource);

/**
 * Runs an element-wise kernel over `a` and `b`, which is broadcast over `a`'s
 * leading dimensions. The kernel's `Params` has `vectors` and `period`, the
 * sizes of `a` and `b` in vectors.
 *
 * @param kernel The kernel: bindings `a b y params`.
 * @param a The first operand.
 * @param b The second: of `a`'s shape, of its trailing dimensions, or of one element.
 * @returns Output, of `a`'s shape.
 * @throws {RangeError} If `b` has another shape.
 */
export function broadcast(
  kernel: VectorizedKernel,
  a: Tensor,
  b: Tensor,
): Tensor {
  const { device, shape } = a;
  const end = shape.slice(Math.max(0, shape.length - b.shape.length));
  if (!sameShape(b.shape, end) && b.size !== 1) {
    throw new RangeError(
      `Cannot combine [${shape}] and [${b.shape}]: the second must have the shape of the first, its trailing dimensions, or one element`,
    );
  }
  const y = new Tensor(device, shape);
  const form = kernel.for(b.size);
  const vectors = form.vectors * a.size / b.size;
  device.dispatch(
    form.kernel,
    [a, b, y],
    { vectors, period: form.vectors },
    ...grid(device, Math.ceil(vectors / WORKGROUP_SIZE)),
  );
  return y;
}

/**
 * Sums a gradient, in order, over the dimensions that `b` was broadcast over.
 *
 * @param dY The gradient, of `a`'s shape.
 * @param b The operand.
 * @returns The sums, of `b`'s shape; `dY` itself if nothing was broadcast.
 */
export function sumRepeats(dY: Tensor, b: Tensor): Tensor {
  if (sameShape(dY.shape, b.shape)) return dY;
  return sumAlong(
    dY,
    { outer: 1, length: dY.size / b.size, inner: b.size },
    b.shape,
  );
}

/**
 * Computes `y = scale · x + shift`.
 *
 * @param x Input, any shape.
 * @param scale The factor.
 * @param shift The term added.
 * @returns Output, of `x`'s shape.
 */
export function scaleShift(x: Tensor, scale: number, shift: number): Tensor {
  const y = new Tensor(x.device, x.shape);
  dispatchElementwise(scaleShiftKernel, [x, y], { scale, shift });
  return y;
}
