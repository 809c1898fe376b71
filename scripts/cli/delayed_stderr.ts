/**
 * Progress on standard error for work that usually takes less than a second.
 *
 * @module
 */
import type { ProgressOutput } from "../../mod.ts";

const DELAY_MS = 1000;
const DEFAULT_COLUMNS = 80;
const encoder = new TextEncoder();

/**
 * Standard error without what is written in the first second: short work shows
 * no progress.
 *
 * @returns The output of a progress bar.
 */
export function delayedStderr(): ProgressOutput {
  const shownFrom = performance.now() + DELAY_MS;
  let shown = false;
  return {
    isTTY: Deno.stderr.isTerminal(),
    get columns() {
      try {
        return Deno.consoleSize().columns;
      } catch {
        return DEFAULT_COLUMNS; // the terminal has hung up
      }
    },
    write(text) {
      if (performance.now() < shownFrom) return;
      if (!shown && text === "\n") return; // ends a line that was not shown
      shown = true;
      Deno.stderr.writeSync(encoder.encode(text));
    },
  };
}
