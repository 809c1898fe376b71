/**
 * The frame around a script: exit codes, errors without a stack trace, Ctrl-C.
 *
 * @module
 */
// deno-lint-ignore-file no-console

/** What a running script and its frame tell each other. */
export interface Run {
  /** Aborted by Ctrl-C once the run has begun: ends it after the current step. */
  readonly signal: AbortSignal;
  /**
   * Says that the first step comes now. An error before it is the caller's to
   * mend (exit code 2), one after it is the run's (exit code 1).
   */
  begin(): void;
}

const INTERRUPTED = 130; // 128 + SIGINT
const BROKEN_PIPE = 141; // 128 + SIGPIPE
/** `deno task` passes on what the terminal has already sent: both are one Ctrl-C. */
const SAME_CTRL_C_MS = 300;

/**
 * Runs a script to its exit code: 0; 2 for an error before {@linkcode Run.begin}
 * and 1 for one after it, with its message on the last line of standard error;
 * 130 for Ctrl-C, which a second one enforces at once; 141, quietly, where whoever
 * read standard output has gone, as `head` does.
 *
 * @param main The script.
 */
export async function runMain(
  main: (run: Run) => Promise<void>,
): Promise<void> {
  const controller = new AbortController();
  const { signal } = controller;
  let begun = false;
  let abortedAt = Infinity;
  Deno.addSignalListener("SIGINT", () => {
    const now = performance.now();
    if (!begun || now - abortedAt > SAME_CTRL_C_MS) Deno.exit(INTERRUPTED);
    if (signal.aborted) return;
    abortedAt = now;
    controller.abort();
  });
  try {
    await main({ signal, begin: () => void (begun = true) });
  } catch (error) {
    if (signal.aborted) {
      console.error("Interrupted: what was written stays readable");
      Deno.exit(INTERRUPTED);
    }
    if (error instanceof Deno.errors.BrokenPipe) Deno.exit(BROKEN_PIPE);
    console.error(`error: ${error instanceof Error ? error.message : error}`);
    Deno.exit(begun ? 1 : 2);
  }
  Deno.exit(signal.aborted ? INTERRUPTED : 0);
}

/**
 * Prints a line of results. Unlike `console.log` it fails where nobody reads
 * standard output any more, so that the script ends.
 *
 * @param line The line.
 * @throws {Deno.errors.BrokenPipe} If standard output is closed.
 */
export function printLine(line: string): void {
  const bytes = new TextEncoder().encode(`${line}\n`);
  for (let done = 0; done < bytes.length;) {
    done += Deno.stdout.writeSync(bytes.subarray(done));
  }
}
