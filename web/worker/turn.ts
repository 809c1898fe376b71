/**
 * One tab of the page at a time keeps its training.
 *
 * @module
 */
/// <reference lib="dom" />

/** Time that another tab has to give its turn away, in ms. */
const TURN_MS = 1500;

/**
 * Takes the turn, until the tab is closed. A page that was just reloaded may hold its
 * own for a moment.
 *
 * @returns Whether no other tab has it.
 */
export function takeTurn(): Promise<boolean> {
  return new Promise((resolve) => {
    navigator.locks.request(
      "gradloop-training",
      { signal: AbortSignal.timeout(TURN_MS) },
      () => {
        resolve(true);
        return new Promise(() => {}); // held as long as the worker lives
      },
    ).catch(() => resolve(false));
  });
}
