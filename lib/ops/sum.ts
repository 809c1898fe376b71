/**
 * Sums.
 *
 * @module
 */
import { record } from "../tensor/autograd.ts";
import { type Shape, Tensor } from "../tensor/tensor.ts";
import { grid, VectorizedKernel } from "./vectorized_kernel.ts";
import { type Dimension, dimensionOf } from "./dimension.ts";
import { COLUMNS, columnThreads } from "./reduction.ts";
import sliceSum from "./slice_sum.wgsl" with { type: "text" };
import forwardSource from "./sum.wgsl" with { type: "text" };
import backwardSource from "./sum_backward.wgsl" with { type: "text" };

/** Elements summed by one workgroup; longer sums take several levels. */
const CHUNK = 1024;

/** Sums over columns: neighbouring vectors belong to different sums. */
const columnsKernel = new VectorizedKernel(
  "sum",
  forwardSource + sliceSum,
  (device) => ({ ...columnThreads(device), CHUNK }),
);
/** Sums over rows: the elements of a sum are contiguous. */
const rowsKernel = new VectorizedKernel(
  "sum_rows",
  forwardSource + sliceSum,
  (device) => ({ COLUMNS: 1, SLICES: device.isSoftware ? 8 : 64, CHUNK }),
);
const BACKWARD_WORKGROUP_SIZE = 64;
const backwardKernel = new VectorizedKernel("sum_backward", backwardSource);

/**
 * Sums all elements, or those along one dimension, which is removed.
 *
 * @param x Input, any shape.
 * @param dim The dimension; -1 is the last. All elements if left out.
 * @returns Output: a scalar, or `x`'s shape without the dimension.
 * @throws {RangeError} If there is no such dimension.
 */
export function sum(x: Tensor, dim?: number): Tensor {
  return scaledSum("sum", x, dim, () => 1);
}

/**
 * Sums as {@linkcode sum} does, times a factor.
 *
 * @param name The op's name.
 * @param x Input, any shape.
 * @param dim The dimension; all elements if left out.
 * @param scaleOf Computes the factor from the number of elements per sum.
 * @returns Output: a scalar, or `x`'s shape without the dimension.
 */
export function scaledSum(
  name: string,
  x: Tensor,
  dim: number | undefined,
  scaleOf: (length: number) => number,
): Tensor {
  const along = dim === undefined
    ? { index: 0, outer: 1, length: x.size, inner: 1 }
    : dimensionOf(name, x.shape, dim);
  const shape = dim === undefined ? [] : x.shape.toSpliced(along.index, 1);
  const scale = scaleOf(along.length);
  return record(sumAlong(x, along, shape, scale), {
    name,
    inputs: [x],
    backward(dY) {
      const dX = new Tensor(x.device, x.shape);
      const { kernel, vectors: inner } = backwardKernel.for(along.inner);
      const vectors = along.outer * along.length * inner;
      x.device.dispatch(
        kernel,
        [dY, dX],
        { vectors, length: along.length, inner, scale },
        ...grid(x.device, Math.ceil(vectors / BACKWARD_WORKGROUP_SIZE)),
      );
      return [dX];
    },
  });
}

/**
 * Sums along a dimension, `y[o,i] = scale · Σ_n x[o,n,i]`, and records no
 * gradient.
 *
 * @param x Input, `[O, N, I]`.
 * @param along The dimension of size N.
 * @param shape Shape of the result, with the size of `[O, I]`.
 * @param scale The factor.
 * @returns Output, `[O, I]` in the requested shape.
 */
export function sumAlong(
  x: Tensor,
  along: Omit<Dimension, "index">,
  shape: Shape,
  scale = 1,
): Tensor {
  const { device } = x;
  const { outer, length, inner } = along;
  const chunks = Math.max(1, Math.ceil(length / CHUNK));
  const isLast = chunks === 1;
  const y = new Tensor(device, isLast ? shape : [outer, chunks, inner]);
  const isRow = inner === 1;
  const { kernel, vectors } = (isRow ? rowsKernel : columnsKernel).for(inner);
  const tiles = isRow ? 1 : Math.ceil(vectors / COLUMNS);
  device.dispatch(
    kernel,
    [x, y],
    { outer, length, inner: vectors, chunks, scale: isLast ? scale : 1 },
    ...grid(device, outer * chunks * tiles),
  );
  if (isLast) return y;
  const total = sumAlong(y, { outer, length: chunks, inner }, shape, scale);
  y.dispose();
  return total;
}
