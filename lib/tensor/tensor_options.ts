/**
 * Options of tensors.
 *
 * @module
 */
import type { OptionNames } from "../check_options.ts";
import type { StorageBuffer } from "../gpu/storage_buffer.ts";

/** Type of a tensor's elements, 4 bytes each. */
export type Dtype = "f32" | "i32" | "u32";

/** Options of a a `Tensor`. */
export interface TensorOptions {
  /**
   * Type of the elements.
   *
   * @default "f32"
   */
  dtype?: Dtype;
  /**
   * Whether `backward()` should compute a gradient for it.
   *
   * @default false
   */
  requiresGrad?: boolean;
  /** Existing buffer that the tensor is a view of; `"later"` allocates one at the first use. */
  storage?: StorageBuffer | "later";
  /**
   * Start of the data in `storage`, in bytes.
   *
   * @default 0
   */
  byteOffset?: number;
  /**
   * Lifetime of a new buffer: `"scope"`, until the innermost scope ends; `"kept"`,
   * until the tensor is disposed; or as long as another buffer.
   *
   * @default "scope"
   */
  lifetime?: "scope" | "kept" | StorageBuffer;
  /**
   * Whether the host is about to write the values.
   *
   * @default false
   */
  forUpload?: boolean;
}

/** Names of the options of a tensor. */
export const TENSOR_OPTIONS: OptionNames<TensorOptions> = {
  dtype: true,
  requiresGrad: true,
  storage: true,
  byteOffset: true,
  lifetime: true,
  forUpload: true,
};
