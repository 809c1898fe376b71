// deno-lint-ignore-file no-console
import type { PageMessage, ShaderReport } from "./messages.ts";
import type { TestResult } from "./registry.ts";

/** Limit for one test, far above the slowest on a busy machine: a GPU that hangs never answers. */
const SILENCE_MS = 1_200_000;

/** Results of one test file. */
export interface FileOutcome {
  readonly file: string;
  readonly adapter: string;
  readonly results: readonly TestResult[];
  readonly tolerances: Readonly<Record<string, number>>;
  readonly shaders: ShaderReport;
}

/** A test file in a page of the browser, until its last test. */
export class FileRun {
  /** Connection to the page; undefined before, and after a crash. */
  socket: WebSocket | undefined;
  readonly #file: string;
  readonly #done = Promise.withResolvers<FileOutcome>();
  readonly #results: TestResult[] = [];
  #adapter = "";
  #watchdog: ReturnType<typeof setTimeout> | undefined;

  constructor(file: string) {
    this.#file = file;
    this.#watch();
  }

  /** Settles after the last test, or after a crash. */
  get outcome(): Promise<FileOutcome> {
    return this.#done.promise;
  }

  /** Receives the messages of the page. */
  connect(socket: WebSocket): void {
    this.socket = socket;
    socket.onmessage = ({ data }) => this.#receive(JSON.parse(data));
    socket.onclose = () => this.end("The page crashed");
  }

  /** Ends the run before its time, as a failure. */
  end(reason: string): Promise<FileOutcome> {
    this.socket = undefined;
    this.#fail("(the page of this file)", reason);
    return this.#finish({}, { digests: [], warnings: [] });
  }

  #receive(message: PageMessage): void {
    this.#watch();
    if (message.kind === "begin") this.#adapter = message.adapter;
    else if (message.kind === "result") this.#results.push(message.result);
    else if (message.kind === "log") console.log(message.text);
    else if (message.kind === "end") {
      this.#finish(message.tolerances, message.shaders);
    } else {
      this.#fail("(loading this file)", message.error);
      this.#finish({}, { digests: [], warnings: [] });
    }
  }

  #fail(name: string, error: string): void {
    this.#results.push({
      name,
      status: "failed",
      ms: 0,
      steps: 0,
      errors: [error],
    });
  }

  #finish(
    tolerances: Readonly<Record<string, number>>,
    shaders: ShaderReport,
  ): Promise<FileOutcome> {
    clearTimeout(this.#watchdog);
    if (this.socket) this.socket.onclose = null; // it goes on to the next file
    this.#done.resolve({
      file: this.#file,
      adapter: this.#adapter,
      results: [...this.#results],
      tolerances,
      shaders,
    });
    return this.outcome;
  }

  #watch(): void {
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(
      () => this.end(`No answer for ${SILENCE_MS / 1000} s`),
      SILENCE_MS,
    );
  }
}
