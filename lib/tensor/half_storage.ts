/**
 * Data of a tensor that is kept in f16.
 *
 * @module
 */
import type { Device } from "../gpu/device.ts";
import type { BufferBinding, StorageBuffer } from "../gpu/storage_buffer.ts";

/** Conversion of the numbers of one buffer into those of another. */
type Convert = (
  device: Device,
  source: BufferBinding,
  target: BufferBinding,
) => void;

/** The two conversions. */
export interface HalfConversions {
  /** From f32 to f16. */
  readonly toHalf: Convert;
  /** From f16 to f32. */
  readonly fromHalf: Convert;
}

let conversions: HalfConversions | undefined;

/** Sets the conversions; called once, by lib/ops/half.ts. */
export function provideHalf(provided: HalfConversions): void {
  conversions = provided;
}

function provided(): HalfConversions {
  if (conversions) return conversions;
  throw new Error("Cannot keep f16: lib/ops/half.ts is not loaded");
}

/** Numbers in f16, with a copy in f32 while ops read them. */
export class HalfStorage {
  readonly #device: Device;
  /** Size of the numbers in f32, in bytes, a multiple of 16. */
  readonly #byteLength: number;
  readonly #half: StorageBuffer;
  readonly #generation: number;
  #full: { storage: StorageBuffer; generation: number } | undefined;

  /**
   * Rounds numbers to f16, and releases the buffer that had them.
   *
   * @param device The device.
   * @param source The numbers in f32, from the start of their buffer; as long as it lives, those in f16 live.
   */
  constructor(device: Device, { storage, byteLength }: BufferBinding) {
    this.#device = device;
    this.#byteLength = 16 * Math.ceil(byteLength / 16);
    this.#half = device.allocate(this.#byteLength / 2, storage, "save");
    this.#generation = this.#half.generation;
    const full = { storage, byteOffset: 0, byteLength: this.#byteLength };
    provided().toHalf(device, full, this.#binding);
    device.release(storage);
  }

  /** Whether the scope of the numbers has not ended. */
  get isAlive(): boolean {
    return this.#half.generation === this.#generation;
  }

  /** Converts the numbers to f32, into a new buffer of the innermost scope. */
  full(): StorageBuffer {
    const storage = this.#device.allocate(this.#byteLength);
    const full = { storage, byteOffset: 0, byteLength: this.#byteLength };
    provided().fromHalf(this.#device, this.#binding, full);
    this.#full = { storage, generation: storage.generation };
    return storage;
  }

  /** Releases the numbers in f32; those in f16 remain. */
  releaseFull(): void {
    const full = this.#full;
    this.#full = undefined;
    if (full && full.storage.generation === full.generation) {
      this.#device.release(full.storage);
    }
  }

  /** Releases all. */
  dispose(): void {
    this.releaseFull();
    if (this.isAlive) this.#device.release(this.#half);
  }

  get #binding(): BufferBinding {
    const byteLength = this.#byteLength / 2;
    return { storage: this.#half, byteOffset: 0, byteLength };
  }
}
