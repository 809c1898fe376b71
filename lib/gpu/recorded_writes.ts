/**
 * The ranges that recorded commands write to, to tell what a read depends on.
 *
 * @module
 */
import type { BufferBinding } from "./storage_buffer.ts";

interface Write {
  readonly buffer: GPUBuffer;
  readonly offset: number;
  readonly end: number;
  /** Number of commands up to the one that writes. */
  count: number;
}

/** The ranges that recorded commands write to, in the order of the commands. */
export class RecordedWrites {
  #writes: Write[] = [];

  /** Adds what the last one of `count` commands writes to. */
  add({ buffer, offset = 0, size }: GPUBufferBinding, count: number): void {
    const end = offset + (size ?? buffer.size - offset);
    this.#writes.push({ buffer, offset, end, count });
  }

  /** Number of commands up to the last one that writes to a range; 0 if none does. */
  until({ storage, byteOffset, byteLength }: BufferBinding): number {
    const { gpu } = storage;
    const last = this.#writes.findLast(({ buffer, offset, end }) =>
      buffer === gpu && offset < byteOffset + byteLength && byteOffset < end
    );
    return Math.max(0, last?.count ?? 0);
  }

  /** Removes the first `count` commands, which are no longer recorded. */
  shift(count: number): void {
    for (const write of this.#writes) write.count -= count;
  }

  /** Removes all commands. */
  clear(): void {
    this.#writes = [];
  }
}
