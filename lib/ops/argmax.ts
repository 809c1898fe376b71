/**
 * The index of the largest element.
 *
 * @module
 */
import { Kernel } from "../gpu/kernel.ts";
import { Tensor } from "../tensor/tensor.ts";
import source from "./argmax.wgsl" with { type: "text" };
import { grid, rowThreads } from "./vectorized_kernel.ts";

const kernel = new Kernel("argmax", source, rowThreads);

/**
 * Finds the index of the largest element along the last dimension, such as the
 * predicted class of logits; waits for the GPU. Of equal elements, the first.
 *
 * @param x Input, `[..., C]`.
 * @param dim The last dimension, or -1.
 * @returns The index in each row, flat.
 * @throws {RangeError} If `dim` is another dimension, or the rows have no elements.
 */
export async function argmax(x: Tensor, dim = -1): Promise<Int32Array> {
  const last = x.shape.length - 1;
  if (dim !== -1 && dim !== last) {
    throw new RangeError(
      `Cannot take the argmax of [${x.shape}] along dimension ${dim}: only the last dimension is supported; leave dim out, or read the values with toArray()`,
    );
  }
  const columns = x.shape.at(-1) ?? 1;
  if (columns === 0) {
    throw new RangeError(
      `Cannot take the argmax of [${x.shape}]: its rows have no elements`,
    );
  }
  const rows = x.size / columns;
  const y = new Tensor(x.device, [rows], { dtype: "i32" });
  x.device.dispatch(
    kernel,
    [x, y],
    { rows, columns },
    ...grid(x.device, rows),
  );
  const bytes = x.device.read(y);
  y.dispose();
  return new Int32Array(await bytes);
}
