/**
 * Counts of what a device has done.
 *
 * @module
 */

/** Counts since a device was made. */
export interface Counters {
  /** Kernels run. */
  dispatches: number;
  /** Command buffers handed to the GPU. */
  submits: number;
  /** Compute passes. */
  passes: number;
  /** Times that the host waited for the GPU. */
  waits: number;
  /** Pipelines compiled. */
  pipelines: number;
  /** Bind groups made. */
  bindGroups: number;
}
