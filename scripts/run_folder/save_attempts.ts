/**
 * Attempts to save something without which a training can go on.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { DeviceLostError } from "../../mod.ts";

/** Saves, and reports the first failure for each thing. */
export class SaveAttempts {
  readonly #reported = new Set<string>();

  /**
   * Saves something, at once again after a failure: a disk may be full for a moment
   * only.
   *
   * @param thing Name of what is saved.
   * @param save Saves it.
   * @returns Whether it was saved.
   * @throws {DeviceLostError} If the GPU was lost, which ends the training.
   */
  async attempt(thing: string, save: () => Promise<void>): Promise<boolean> {
    try {
      await save().catch(() => save());
      return true;
    } catch (error) {
      if (error instanceof DeviceLostError) throw error;
      this.report(thing, error);
      return false;
    }
  }

  /**
   * Reports a failure, unless one of the same thing was reported.
   *
   * @param thing Name of what could not be saved.
   * @param error The error.
   */
  report(thing: string, error: unknown): void {
    if (this.#reported.has(thing)) return;
    this.#reported.add(thing);
    console.warn(
      `Warning: ${thing} could not be saved, and the run goes on: ${
        (error as Error).message
      }`,
    );
  }
}
