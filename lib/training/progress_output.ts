/**
 * Outputs of a progress bar, which can break in a long loop: the reader closes the
 * pipe, the disk is full, the terminal hangs up.
 *
 * @module
 */
import type { ProgressOutput } from "./terminal_bar.ts";

/** Standard output or standard error, a stream of Node. */
interface StandardStream extends ProgressOutput {
  /** Listens to its failed writes. */
  on(event: "error", listener: () => void): unknown;
}

/** The standard streams of a process. */
interface StandardStreams {
  readonly stdout?: StandardStream;
  readonly stderr?: StandardStream;
}

/** Outputs of which a write has failed. */
const broken = new WeakSet<ProgressOutput>();
/** Streams that this file listens to. */
const watched = new WeakSet<ProgressOutput>();

/** The standard streams; none in a browser. */
function standardStreams(): StandardStreams {
  return (globalThis as { process?: StandardStreams }).process ?? {};
}

/**
 * Returns standard output, or the console in a browser.
 *
 * @returns The default output of a progress bar.
 */
export function standardOutput(): ProgressOutput {
  return standardStreams().stdout ?? {
    // deno-lint-ignore no-console
    write: (text) => console.log(text.trimEnd()),
  };
}

/**
 * Wraps an output so that it drops everything once the system has refused a write.
 *
 * @param output The output.
 * @returns An output that throws no errors of the system.
 */
export function quietOnceBroken(output: ProgressOutput): ProgressOutput {
  watch(output);
  return {
    isTTY: output.isTTY ?? false,
    get columns() {
      return output.columns ?? 80;
    },
    write(text) {
      if (broken.has(output)) return;
      try {
        output.write(text);
      } catch (error) {
        if (!isSystemError(error)) throw error;
        broken.add(output);
      }
    },
  };
}

/** Listens to a standard stream: on a pipe or a terminal a write fails later, which ends a process that does not listen. */
function watch(output: ProgressOutput): void {
  if (!("on" in output) || watched.has(output)) return;
  const { stdout, stderr } = standardStreams();
  const stream = [stdout, stderr].find((stream) => stream === output);
  if (!stream) return; // its errors are those of its owner
  watched.add(stream);
  stream.on("error", () => broken.add(stream));
}

/** Tells EPIPE, ENOSPC and EIO from mistakes in the output's code. */
function isSystemError(error: unknown): boolean {
  return error instanceof Error && "code" in error &&
    typeof error.code === "string";
}
