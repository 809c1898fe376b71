/**
 * Progress on standard error, for what is usually done at once.
 *
 * @module
 */
import type { ProgressOutput } from "../../mod.ts";

const PATIENCE_MS = 1000;
const encoder = new TextEncoder();

/** Standard error, for progress that is worth a line only where it takes longer than a second. */
export function patientError(): ProgressOutput {
  const shownFrom = performance.now() + PATIENCE_MS;
  return {
    columns: () =>
      Deno.stderr.isTerminal() ? Deno.consoleSize().columns || 80 : undefined,
    write: (text) => {
      if (performance.now() < shownFrom) return;
      Deno.stderr.writeSync(encoder.encode(text));
    },
    now: () => performance.now(),
  };
}
