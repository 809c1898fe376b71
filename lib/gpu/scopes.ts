/**
 * Scopes: lists of the buffers that are released when each ends.
 *
 * @module
 */
import type { StorageBuffer } from "./storage_buffer.ts";

/** The open scopes of a device, the innermost last. */
export class Scopes {
  readonly #open: StorageBuffer[][] = [];

  /** Number of open scopes. */
  get depth(): number {
    return this.#open.length;
  }

  /** Buffers of the innermost scope; `undefined` if none is open. */
  get innermost(): StorageBuffer[] | undefined {
    return this.#open.at(-1);
  }

  /** Buffers of the scope around the innermost one; `undefined` if there is none. */
  get outer(): StorageBuffer[] | undefined {
    return this.#open.at(-2);
  }

  /**
   * Opens a scope.
   *
   * @param end Called once with its buffers, after it was closed.
   * @returns A handle that closes it.
   */
  open(end: (buffers: StorageBuffer[]) => void): Disposable {
    const buffers: StorageBuffer[] = [];
    this.#open.push(buffers);
    return {
      [Symbol.dispose]: () => {
        const i = this.#open.lastIndexOf(buffers);
        if (i < 0) return; // already disposed
        this.#open.splice(i, 1);
        end(buffers);
      },
    };
  }
}
