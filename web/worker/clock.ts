/**
 * Time that a training will take.
 *
 * @module
 */

/** Time of the steps, without pauses. */
export class Clock {
  #seconds = 0;
  #since = performance.now();
  #steps = 0;

  /** Begins a pause. */
  stop(): void {
    this.#seconds += (performance.now() - this.#since) / 1000;
  }

  /** Ends a pause. */
  start(): void {
    this.#since = performance.now();
  }

  /** Counts a step. */
  count(): void {
    this.#steps++;
  }

  /** Expected seconds of so many steps. */
  secondsFor(steps: number): number {
    const now = this.#seconds + (performance.now() - this.#since) / 1000;
    return steps * now / this.#steps;
  }
}
