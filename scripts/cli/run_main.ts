/**
 * Entry point of every script: flags, exit codes, errors without a stack trace,
 * signals, broken outputs.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import type { Communicator } from "../../mod.ts";
import { dropUnwritableLines, listenToClosedPipe } from "./broken_output.ts";
import { adviseOnMemory } from "./out_of_memory.ts";
import { ProcessGroup } from "./process_group.ts";
import { type Interruption, listenToSignals } from "./signals.ts";

/** Command line of a script. */
export interface CommandLine<Options> {
  /** Parses the arguments; `"help"` for `--help`. */
  parse(args: readonly string[]): Options | "help";
  /** Text of `--help`. */
  help(): string;
}

/** Connection between a running script and its entry point. */
export interface Run {
  /**
   * Aborted by SIGINT, SIGTERM or SIGHUP after {@linkcode Run.begin}, with an
   * {@linkcode Interruption}: the run ends after the current step.
   */
  readonly signal: AbortSignal;
  /** The processes of the run; a single one by default. */
  readonly communicator: Communicator;
  /** When the run started, the same in all processes. */
  readonly startTime: Date;
  /**
   * Sums values over the processes, and aborts {@linkcode Run.signal} in all of them
   * if one of several got a signal. All call it in each step.
   *
   * @param values The values of this process.
   * @returns The sums.
   */
  allReduceSum(values: readonly number[]): Promise<number[]>;
  /**
   * Marks the first step. An error before it is the caller's to correct (exit
   * code 2), an error after it is a failed run (exit code 1).
   */
  begin(): void;
  /**
   * The command that goes on with this run, once there is something to go on
   * from. It is printed if the run fails or is interrupted.
   *
   * @default undefined
   */
  continueWith?: string | undefined;
  /**
   * Folder of a run that can go on in it, once it has begun.
   *
   * @default undefined
   */
  folder?: string | undefined;
  /**
   * Called after each evaluation but the last, once it is in `metrics.jsonl`.
   *
   * @default undefined
   */
  readonly afterEvaluation?: () => Promise<void>;
}

/** Options of {@linkcode runMain}. */
export interface MainOptions {
  /**
   * Whether the script goes on if standard output or standard error cannot be
   * written: what it prints is then lost.
   *
   * @default false
   */
  ignoreOutputErrors?: boolean;
  /**
   * Joins the processes of the run.
   *
   * @default A single process.
   */
  connect?: () => Communicator;
}

const BROKEN_PIPE = 141; // 128 + SIGPIPE

/**
 * Runs a script and ends the process with its exit code: 0; 2 for an error before
 * {@linkcode Run.begin} and 1 for one after it, with its message on the last line
 * of stderr; 130, 143 or 129 for SIGINT, SIGTERM or SIGHUP, at once before
 * {@linkcode Run.begin} and if another one follows; 141, without a message, if the
 * reader of stdout has closed it, as `head` does.
 *
 * @param commandLine The command line of the script.
 * @param main The script.
 * @param options Whether a broken output ends it, and the processes of the run.
 */
export async function runMain<Options extends object>(
  { parse, help }: CommandLine<Options>,
  main: (options: Options, run: Run) => Promise<void>,
  { ignoreOutputErrors = false, connect }: MainOptions = {},
): Promise<void> {
  const controller = new AbortController();
  const { signal } = controller;
  let begun = false;
  const group = new ProcessGroup();
  const run: Run = {
    signal,
    get communicator() {
      return group.communicator;
    },
    get startTime() {
      return group.startTime;
    },
    async allReduceSum(values) {
      const { sums, interruption } = await group.allReduceSum(values);
      if (interruption) controller.abort(interruption);
      return sums;
    },
    begin: () => void (begun = true),
  };
  const sayHowToContinue = () => {
    if (run.continueWith) printError(`Continue with: ${run.continueWith}`);
  };
  const interrupt = ({ message, exitCode }: Interruption): never => {
    if (begun && group.communicator.rank === 0) {
      printError(message);
      sayHowToContinue();
    }
    Deno.exit(exitCode);
  };
  const endByClosedPipe = () => {
    // Ctrl-C ends the reader too.
    if (signal.aborted) interrupt(signal.reason);
    Deno.exit(BROKEN_PIPE);
  };
  if (ignoreOutputErrors) dropUnwritableLines();
  else listenToClosedPipe(endByClosedPipe);
  let options: Options | undefined;
  try {
    // A signal ends a process that still waits in MPI for the others.
    if (connect) await group.join(connect);
    listenToSignals({
      first(interruption) {
        if (!begun) interrupt(interruption);
        if (group.interrupt(interruption)) controller.abort(interruption);
      },
      again: interrupt,
    });
    const parsed = parse(Deno.args);
    if (parsed === "help") console.log(help());
    else {
      options = parsed;
      await main(options, run);
    }
    await group.leave();
  } catch (thrown) {
    // An error while the interrupted run saves is no interruption.
    if (signal.aborted && thrown === signal.reason) {
      await group.leave();
      interrupt(signal.reason);
    }
    if (thrown instanceof Deno.errors.BrokenPipe && !ignoreOutputErrors) {
      endByClosedPipe();
    }
    const error = adviseOnMemory(thrown, options);
    const message = error instanceof Error ? error.message : error;
    await group.fail((rank) => {
      if (begun) sayHowToContinue();
      printError(`${rank}error: ${message}`);
    }, begun ? 1 : 2);
  }
  if (signal.aborted) interrupt(signal.reason);
  Deno.exit(0);
}

/** Prints a line to stderr, if it can be written: the exit code says the rest. */
function printError(line: string): void {
  try {
    console.error(line);
  } catch {
    // A full disk, or a terminal that has hung up.
  }
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
