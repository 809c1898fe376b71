/**
 * Half precision: what the layers of a model keep for the backward pass is f16.
 *
 * Source: Micikevicius et al. 2018, https://arxiv.org/abs/1710.03740
 *
 * @module
 */
import { checkOptions } from "../check_options.ts";
import { Device } from "../gpu/device.ts";
import { recordedBy } from "./autograd.ts";
import type { Tensor } from "./tensor.ts";

/** Options of {@linkcode autocast}. */
export interface AutocastOptions {
  /**
   * Whether it does anything.
   *
   * @default true
   */
  enabled?: boolean;
}

/** Number of autocast() handles of a device that are not disposed. */
const counts = new WeakMap<Device, number>();

/**
 * Turns half precision on until the returned handle is disposed, as `torch.autocast`:
 * the encoders of models keep the tensors of each layer for the backward pass in f16,
 * in half of the memory. All is computed in f32, and so are weights, gradients and
 * moments. A number beyond ±65504 becomes ±∞, so that gradients become NaN:
 * a {@linkcode GradScaler} skips the steps of those.
 *
 * @param device The device of the model.
 * @param options Whether it does anything.
 * @returns A handle that turns half precision off again, for `using`.
 * @throws {Error} If the adapter lacks `shader-f16`.
 * @throws {TypeError} If it gets no device, such as a function to call.
 *
 * @example
 * ```ts ignore
 * using _autocast = autocast(device);
 * const { loss } = model.forward(batch);
 * ```
 */
export function autocast(
  device: Device,
  options: AutocastOptions = {},
): Disposable {
  if (!(device instanceof Device)) {
    throw new TypeError(
      "Cannot use half precision without a device: autocast() takes that of the model, and returns a handle; write `using _autocast = autocast(device);` at the start of a block",
    );
  }
  checkOptions("use half precision", options, { enabled: true });
  const { enabled = true } = options;
  if (enabled && !device.hasFloat16) {
    throw new Error(
      `Cannot use half precision on ${device.description}: it has no shader-f16; leave half precision out, or use another adapter`,
    );
  }
  let count = enabled ? 1 : 0;
  counts.set(device, countOf(device) + count);
  return {
    [Symbol.dispose]: () => {
      counts.set(device, countOf(device) - count);
      count = 0;
    },
  };
}

function countOf(device: Device): number {
  return counts.get(device) ?? 0;
}

/**
 * Computes `layer(x)`. With {@linkcode autocast}, `x` and all that ops keep of the
 * layer are f16 from then on, but for the output.
 *
 * @param layer The layer.
 * @param x Its input.
 * @returns The output.
 */
export function keepHalf(layer: (x: Tensor) => Tensor, x: Tensor): Tensor {
  if (countOf(x.device) === 0) return layer(x);
  const { output, tensors } = recordedBy(() => layer(x));
  if (tensors.size === 0) return output; // gradients are off
  if (x.gradFn && x !== output) x.keepHalf();
  for (const tensor of tensors) {
    for (const kept of [tensor, ...tensor.gradFn?.saved ?? []]) {
      if (kept !== output) kept.keepHalf();
    }
  }
  return output;
}
