/**
 * Detects a training loop whose tensors are never freed: without scopes, or with
 * scopes that are never disposed.
 *
 * @module
 */
import type { StorageBuffer } from "./storage_buffer.ts";

/** Steps of growth before the warning. */
const STEPS = 50;
/** Open scopes before the warning: a loop needs one or two. */
const SCOPES = 8;

/** Counts the buffers that were allocated outside a scope and are still live. */
export class LeakWatch {
  readonly #buffers = new WeakSet<StorageBuffer>();
  #liveBytes = 0;
  #seenBytes = 0;
  #growingSteps = 0;
  #hasWarned = false;

  /** Counts a buffer that was allocated outside a scope. */
  allocated(buffer: StorageBuffer): void {
    this.#buffers.add(buffer);
    this.#liveBytes += buffer.byteLength;
  }

  /** Counts a buffer that was released. */
  released(buffer: StorageBuffer): void {
    if (this.#buffers.delete(buffer)) this.#liveBytes -= buffer.byteLength;
  }

  /**
   * Counts a step. Warns once when the live bytes have grown in 50 steps in a row,
   * or 8 scopes are open.
   *
   * @param openScopes Number of open scopes.
   */
  step(openScopes: number): void {
    const isGrowing = this.#liveBytes > this.#seenBytes;
    this.#seenBytes = this.#liveBytes;
    this.#growingSteps = isGrowing ? this.#growingSteps + 1 : 0;
    if (this.#hasWarned) return;
    if (openScopes >= SCOPES) {
      this.#warn(
        `${openScopes} scopes are open: a scope ends only with \`using\`: begin each step with \`using _step = device.scope();\``,
      );
    }
    if (this.#growingSteps < STEPS) return;
    const megabytes = Math.ceil(this.#liveBytes / 2 ** 20);
    this.#warn(
      `${STEPS} steps ran outside a scope, and their tensors are not freed (${megabytes} MB so far): begin each step with \`using _step = device.scope();\``,
    );
  }

  #warn(message: string): void {
    this.#hasWarned = true;
    // deno-lint-ignore no-console
    console.warn(`warning: ${message}`);
  }
}
