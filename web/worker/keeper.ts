/**
 * Keeps the training of a tab for its next visit, as long as it may and can.
 *
 * @module
 */
import type { SavedRun } from "../messages.ts";
import { describeRun, SavedRuns, type StoredRun } from "./saved_runs.ts";
import { takeTurn } from "./turn.ts";

/** Keeps one training. */
export class Keeper {
  readonly #saved = new SavedRuns();
  readonly #onError: (error: unknown) => void;
  #keeps = false;
  #stored: StoredRun | undefined;

  /**
   * Makes a keeper.
   *
   * @param onError Told that nothing more can be kept: a training goes on without.
   */
  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  /** Whether it keeps what it is given. */
  get keeps(): boolean {
    return this.#keeps;
  }

  /** The training that was found. */
  get stored(): StoredRun | undefined {
    return this.#stored;
  }

  /**
   * Takes the turn of this tab.
   *
   * @returns Whether it may keep its training: one tab at a time may.
   */
  async open(): Promise<boolean> {
    return this.#keeps = await takeTurn();
  }

  /**
   * Looks for a kept training.
   *
   * @returns Its description; none if there is none, or if another tab has it.
   */
  async find(): Promise<SavedRun | undefined> {
    this.#stored = this.#keeps ? await this.#saved.find() : undefined;
    return this.#stored && describeRun(this.#stored);
  }

  /**
   * Keeps something, if it may. An error ends the keeping.
   *
   * @param write Writes it.
   */
  async keep(write: (saved: SavedRuns) => Promise<void>): Promise<void> {
    if (!this.#keeps) return;
    try {
      await write(this.#saved);
    } catch (error) {
      this.#keeps = false;
      this.#onError(error);
    }
  }

  /** Forgets the kept training. */
  async discard(): Promise<void> {
    this.#stored = undefined;
    await this.#saved.discard();
  }
}
