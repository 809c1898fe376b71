/** The scripts of the tests of `runMain()`, as subprocesses. */
import { ROOT } from "../../helpers/permissions.ts";

/** Time after which a process is stuck. */
const PATIENCE_MS = 30_000;

/** Exit code and outputs of a process. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process whose lines of stdout can be waited for. */
export class MainProcess {
  readonly #child: Deno.ChildProcess;
  readonly #stdout: ReadableStreamDefaultReader<string>;
  readonly #stderr: Promise<string>;
  readonly #stuck: ReturnType<typeof setTimeout>;
  #text = "";

  /** Starts `deno`, or another command. */
  constructor(args: string[], command: string | URL = "deno") {
    this.#child = new Deno.Command(command, {
      args,
      cwd: ROOT,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#stdout = this.#child.stdout.pipeThrough(new TextDecoderStream())
      .getReader();
    this.#stderr = new Response(this.#child.stderr).text();
    const kill = () => this.#child.kill("SIGKILL");
    this.#stuck = setTimeout(kill, PATIENCE_MS);
  }

  /** Waits until stdout has a line. */
  async line(line: string): Promise<void> {
    while (!this.#text.includes(`${line}\n`) && await this.#read());
  }

  /** Sends a signal. */
  kill(name: Deno.Signal): void {
    this.#child.kill(name);
  }

  /** Sends a signal again and again until the process has ended. */
  async killUntilItEnds(name: Deno.Signal): Promise<void> {
    let ended = false;
    const status = this.#child.status.then(() => ended = true);
    while (!ended) {
      try {
        this.kill(name);
      } catch {
        // It has ended just now.
      }
      await Promise.race([
        status,
        new Promise((resolve) => setTimeout(resolve, 50)),
      ]);
    }
  }

  /** Writes a line to stdin. */
  async input(): Promise<void> {
    const writer = this.#child.stdin.getWriter();
    await writer.write(new TextEncoder().encode("\n"));
    writer.releaseLock();
  }

  /** Closes the pipe of stdout. */
  async closeStdout(): Promise<void> {
    await this.#stdout.cancel();
  }

  /** Waits for the end. */
  async outcome(): Promise<Outcome> {
    while (await this.#read());
    const { code } = await this.#child.status;
    clearTimeout(this.#stuck);
    await this.#child.stdin.close().catch(() => {}); // the reader is gone
    return { code, stdout: this.#text, stderr: await this.#stderr };
  }

  async #read(): Promise<boolean> {
    const { value, done } = await this.#stdout.read();
    this.#text += value ?? "";
    return !done;
  }
}

/**
 * Text of a script that runs `body`, which may use `run`, `begin`, `signal`,
 * `ProgressBar`, `printLine`, `print`, `turn`.
 */
export function mainProgram(body: string, options = {}): string {
  const file = (path: string) => JSON.stringify(new URL(path, ROOT).href);
  return `
    import { printLine, runMain } from ${file("scripts/cli/run_main.ts")};
    import { ProgressBar } from ${file("lib/training/progress_bar.ts")};
    const turn = (ms = 5) => new Promise((resolve) => setTimeout(resolve, ms));
    const commandLine = { parse: () => ({}), help: () => "" };
    await runMain(commandLine, async (_, run) => {
      const { begin, signal } = run;
      ${body}
    }, ${JSON.stringify(options)});`;
}

/** Starts a script that runs `body`, see {@linkcode mainProgram}. */
export function startMain(body: string, options = {}): MainProcess {
  return new MainProcess(["eval", mainProgram(body, options)]);
}
