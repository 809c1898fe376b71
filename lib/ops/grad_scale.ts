/**
 * Kernels of the scaling of a loss, so that no step waits for the host.
 *
 * @module
 */
import { Kernel } from "../gpu/kernel.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { flatKernel } from "./flat_step.ts";
import { dispatchMasked, type MaskedGradients } from "./grad_norm.ts";
import selectSource from "./select_settings.wgsl" with { type: "text" };
import unscaleSource from "./unscale.wgsl" with { type: "text" };
import updateSource from "./update_scale.wgsl" with { type: "text" };
import { grid } from "./vectorized_kernel.ts";

/**
 * The smallest scale, and normal number in f32: where it is halved further, 1 / scale
 * is infinite in the end, and gradients that are finite are no more.
 */
export const MIN_SCALE = 2 ** -126;

const unscaleKernel = flatKernel("unscale", unscaleSource);
const updateKernel = new Kernel("update_scale", updateSource);
const selectKernel = new Kernel("select_settings", selectSource);

/**
 * Divides gradients by the scale of the loss, in place.
 *
 * @param buffers The gradients.
 * @param scale The scale, a scalar.
 * @param foundInf Becomes 1 if a gradient is not finite, a scalar.
 */
export function unscaleFlat(
  buffers: readonly MaskedGradients[],
  scale: Tensor,
  foundInf: Tensor,
): void {
  dispatchMasked(unscaleKernel, buffers, [scale, foundInf]);
}

/**
 * Updates the scale of a loss after a step.
 *
 * @param scale The scale, a scalar.
 * @param growthTracker Steps in a row without an ∞, a u32 scalar.
 * @param foundInf 1 if the step found one, a scalar.
 * @param settings How it grows and shrinks.
 */
export function updateScale(
  scale: Tensor,
  growthTracker: Tensor,
  foundInf: Tensor,
  settings: {
    readonly growthFactor: number;
    readonly backoffFactor: number;
    readonly growthInterval: number;
  },
): void {
  const { growthFactor, backoffFactor, growthInterval } = settings;
  scale.device.dispatch(updateKernel, [scale, growthTracker, foundInf], {
    growth_factor: growthFactor,
    backoff_factor: backoffFactor,
    growth_interval: growthInterval,
    min_scale: MIN_SCALE,
  }, 1);
}

/**
 * Selects the settings of parameters by the number of their steps that were skipped.
 *
 * @param entries First candidate, from 1, and skipped steps that the host knows of, by
 * parameter, `[P, 2]` u32; 0 if the parameter has no gradient.
 * @param candidates Settings after 0, 1, … of the other steps were skipped, `[N, 8]`.
 * @param foundInf 1 if the step is skipped, a scalar.
 * @param skipped Number of skipped steps by parameter, `[P]` u32.
 * @param settings The result, `[P, 8]`; the last number of a row is `foundInf`.
 */
export function selectSettings(
  entries: Tensor,
  candidates: Tensor,
  foundInf: Tensor,
  skipped: Tensor,
  settings: Tensor,
): void {
  const { device, size: parameters } = skipped;
  device.dispatch(
    selectKernel,
    [entries, candidates, foundInf, skipped, settings],
    { parameters },
    ...grid(device, Math.ceil(parameters / 64)),
  );
}
