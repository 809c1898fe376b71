/**
 * Order between the steps of a training and everything else that needs the model.
 *
 * @module
 */

/** Runs tasks one after another. */
export class Lock {
  #last: Promise<unknown> = Promise.resolve();

  /**
   * Runs a task once all earlier ones have ended.
   *
   * @param task The task.
   * @returns Its result.
   */
  run<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#last.then(task);
    this.#last = result.catch(() => {}); // the caller has the error
    return result;
  }
}

/** A gate that can be closed, to pause. */
export class Gate {
  #opening: PromiseWithResolvers<void> | undefined;

  /** Whether it is closed. */
  get isClosed(): boolean {
    return this.#opening !== undefined;
  }

  /** Closes it. */
  close(): void {
    this.#opening ??= Promise.withResolvers();
  }

  /** Opens it. */
  open(): void {
    this.#opening?.resolve();
    this.#opening = undefined;
  }

  /** Waits until it is open. */
  async pass(): Promise<void> {
    while (this.#opening) await this.#opening.promise;
  }
}
