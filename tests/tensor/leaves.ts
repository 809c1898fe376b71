import { fromArray, mul, record, type Tensor } from "../../mod.ts";
import { device } from "../helpers/device.ts";

/** A leaf that requires a gradient, `[values]`. */
export function leaf(...values: number[]): Tensor {
  return fromArray(device, values, [values.length], { requiresGrad: true });
}

/** The gradient of a leaf, if there is one. */
export async function gradOf(
  { grad }: Tensor,
): Promise<number[] | undefined> {
  return grad && [...await grad.toArray()];
}

/** A copy of a tensor, and how often it was differentiated. */
export function counted(x: Tensor): { copy: Tensor; calls: () => number } {
  let calls = 0;
  const copy = record(mul(x, 1), {
    name: "counted",
    inputs: [x],
    backward(dOut) {
      calls++;
      return [dOut];
    },
  });
  return { copy, calls: () => calls };
}
