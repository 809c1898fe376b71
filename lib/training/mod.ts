/**
 * Parts of a training loop beside its steps: accumulation, progress, saved states.
 *
 * @module
 */
export { computeClassWeight } from "./class_weight.ts";
export {
  EarlyStopping,
  type EarlyStoppingOptions,
  type EarlyStoppingState,
} from "./early_stopping.ts";
export {
  findNonFinite,
  type NonFinite,
  type NonFiniteTensor,
} from "./find_non_finite.ts";
export {
  type BatchSource,
  GradientAccumulation,
  type GradientAccumulationOptions,
  type MicroBatch,
} from "./gradient_accumulation.ts";
export { ProgressBar, type ProgressBarOptions } from "./progress_bar.ts";
export {
  loadState,
  type Pretrained,
  saveState,
  type StateObjects,
} from "./save_state.ts";
export { type Stateful } from "./state/plain.ts";
export type { ProgressOutput } from "./terminal_bar.ts";
export { WeightedMean } from "./weighted_mean.ts";
