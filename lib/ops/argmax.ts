/**
 * The largest of a row.
 *
 * @module
 */
import { Kernel } from "../gpu/kernel.ts";
import { Tensor } from "../tensor/tensor.ts";
import source from "./argmax.wgsl" with { type: "text" };
import { grid, rowThreads } from "./vectorized_kernel.ts";

const kernel = new Kernel("argmax", source, rowThreads);

/**
 * Finds the largest element along the last dimension, such as the class that
 * logits predict; waits for the GPU. Of equal elements it is the first.
 *
 * @param x Input, `[..., C]`.
 * @returns Its index in each row, flat.
 * @throws {RangeError} If the rows have no elements.
 */
export async function argmax(x: Tensor): Promise<Int32Array> {
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
