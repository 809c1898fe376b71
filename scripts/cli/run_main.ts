/**
 * Entry point of every script: flags, exit codes, errors without a stack trace,
 * Ctrl-C.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { adviseOnMemory } from "./out_of_memory.ts";

/** Command line of a script. */
export interface CommandLine<Options> {
  /** Parses the arguments; `"help"` for `--help`. */
  parse(args: readonly string[]): Options | "help";
  /** Text of `--help`. */
  help(): string;
}

/** Connection between a running script and its entry point. */
export interface Run {
  /** Aborted by Ctrl-C after {@linkcode Run.begin}: the run ends after the current step. */
  readonly signal: AbortSignal;
  /**
   * Marks the first step. An error before it is the caller's to correct (exit
   * code 2), an error after it is a failed run (exit code 1).
   */
  begin(): void;
}

const INTERRUPTED = 130; // 128 + SIGINT
const BROKEN_PIPE = 141; // 128 + SIGPIPE
/** The terminal and `deno task` both send one Ctrl-C: within this time they are the same. */
const SAME_CTRL_C_MS = 300;

/**
 * Runs a script and ends the process with its exit code: 0; 2 for an error before
 * {@linkcode Run.begin} and 1 for one after it, with its message on the last line
 * of stderr; 130 for Ctrl-C, at once if it is pressed twice; 141, without a
 * message, if the reader of stdout has closed it, as `head` does.
 *
 * @param commandLine The command line of the script.
 * @param main The script.
 */
export async function runMain<Options extends object>(
  { parse, help }: CommandLine<Options>,
  main: (options: Options, run: Run) => Promise<void>,
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
  // Streams of Node, such as a ProgressBar's, report a closed pipe by an event.
  globalThis.addEventListener("error", ({ error }) => {
    if (error?.code === "EPIPE") Deno.exit(BROKEN_PIPE);
  });
  let options: Options | undefined;
  try {
    const parsed = parse(Deno.args);
    if (parsed === "help") console.log(help());
    else {
      options = parsed;
      await main(options, { signal, begin: () => void (begun = true) });
    }
  } catch (thrown) {
    if (signal.aborted) {
      console.error("Interrupted: what was written stays readable");
      Deno.exit(INTERRUPTED);
    }
    if (thrown instanceof Deno.errors.BrokenPipe) Deno.exit(BROKEN_PIPE);
    const error = adviseOnMemory(thrown, options);
    console.error(`error: ${error instanceof Error ? error.message : error}`);
    Deno.exit(begun ? 1 : 2);
  }
  Deno.exit(signal.aborted ? INTERRUPTED : 0);
}

/**
 * Prints a line of results. Unlike `console.log` it throws if stdout is closed,
 * so that the script ends.
 *
 * @param line The line.
 * @throws {Deno.errors.BrokenPipe} If stdout is closed.
 */
export function printLine(line: string): void {
  const bytes = new TextEncoder().encode(`${line}\n`);
  for (let done = 0; done < bytes.length;) {
    done += Deno.stdout.writeSync(bytes.subarray(done));
  }
}
