/**
 * Properties of a device that are known when it is requested.
 *
 * @module
 */
import type { TuningTable } from "./tuning.ts";

/** Adapter description and properties. */
export interface DeviceInfo {
  /** Name of the adapter, such as `NVIDIA H200 (Vulkan)`. */
  readonly description: string;
  /** Whether to use the kernels for software adapters, which run on the CPU. */
  readonly isSoftware: boolean;
  /** Number of threads in a subgroup; 0 if the device was requested without subgroups. */
  readonly subgroupSize: number;
  /**
   * Whether WGSL with subgroup operations needs the directive `enable subgroups`, as
   * the standard says; Deno's compiler refuses it.
   *
   * @default false
   */
  readonly enablesSubgroups?: boolean;
  /**
   * Whether kernels can use f16.
   *
   * @default false
   */
  readonly hasFloat16?: boolean;
  /**
   * Choice of the tiles of products, as in `requestDevice()`.
   *
   * @default "none"
   */
  readonly tuning?: "measure" | "none" | TuningTable;
}
