/**
 * Counters of a device.
 *
 * @module
 */

/** Counters since a device was created. */
export interface Counters {
  /** Kernel dispatches. */
  dispatches: number;
  /** Command buffers submitted. */
  submits: number;
  /** Compute passes submitted. */
  passes: number;
  /** Waits of the host for the GPU. */
  waits: number;
  /** Pipelines compiled. */
  pipelines: number;
  /** Bind groups created. */
  bindGroups: number;
}
