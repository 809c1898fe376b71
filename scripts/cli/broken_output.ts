/**
 * Standard output and standard error that cannot be written: a reader that has closed
 * the pipe, a full disk, a terminal that has hung up.
 *
 * @module
 */
// deno-lint-ignore-file no-console

/** The part of Node's `process` that is used here. */
interface Process {
  readonly stdout: {
    /** Listens to failed writes. */
    on(event: "error", listener: (error: { code?: string }) => void): unknown;
  };
}

/**
 * Drops each line of the console that cannot be written. `console.log` of Deno
 * drops those for a closed pipe alone. A ProgressBar does it for itself.
 */
export function dropUnwritableLines(): void {
  for (const name of ["log", "warn", "error"] as const) {
    const write = console[name];
    console[name] = (...values: unknown[]) => {
      try {
        write(...values);
      } catch {
        // The next line is tried again: a full disk may have room by then.
      }
    };
  }
}

/**
 * Listens to the stream of Node, to which a ProgressBar writes: it reports a closed
 * pipe by an event.
 *
 * @param onClosed Called if the reader of stdout has closed it.
 */
export function listenToClosedPipe(onClosed: () => void): void {
  const { process } = globalThis as unknown as { process: Process };
  process.stdout.on("error", ({ code }) => {
    if (code === "EPIPE") onClosed();
  });
}
