/**
 * A script that runs in several processes: one of them speaks, and all end together.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { type Communicator, type Device, SingleProcess } from "../../mod.ts";
import { ENDING_SIGNALS, Interruption } from "./signals.ts";

/** Time in which rank 0 reports an error that all ranks have, in ms. */
const REPORT_MS = 1000;
/** Time in which a launcher passes on what a process printed before it ended all, in ms. */
const FORWARD_MS = 200;

/** The part of Node's `process` that is used here. */
interface Process {
  readonly stdout: { write: (text: string) => boolean };
}

/** The processes of a script, by default a single one. */
export class ProcessGroup {
  #communicator: Communicator = new SingleProcess();
  #startTime = new Date();
  #interruption: Interruption | undefined;
  /** Whether this process ends by an error. */
  #isFailing = false;

  /** The processes. */
  get communicator(): Communicator {
    return this.#communicator;
  }

  /** When the first process started. */
  get startTime(): Date {
    return this.#startTime;
  }

  /**
   * Joins the others. All but the first one print errors only from then on.
   *
   * @param connect Joins them.
   * @throws {Error} If they cannot be joined.
   */
  async join(connect: () => Communicator): Promise<void> {
    this.#communicator = connect();
    const time = Float64Array.of(this.#startTime.getTime());
    await this.#communicator.broadcast(new Uint8Array(time.buffer));
    this.#startTime = new Date(time[0]!);
    if (this.#communicator.rank === 0) return;
    console.log = console.warn = () => {};
    const { process } = globalThis as unknown as { process: Process };
    process.stdout.write = () => true; // that of a ProgressBar
  }

  /**
   * Takes note of a signal: with several processes the run ends once all agree.
   *
   * @param interruption The signal.
   * @returns Whether the run ends now: the process is alone.
   */
  interrupt(interruption: Interruption): boolean {
    // After an error of all, the first one has ended the job, and a launcher ends the rest.
    if (this.#isFailing) Deno.exit(interruption.exitCode);
    this.#interruption = interruption;
    return this.#communicator.size === 1;
  }

  /**
   * Sums values over all processes, and asks them for a signal; all call it.
   *
   * @param values The values of this process.
   * @returns The sums, and the signal of any process.
   */
  async allReduceSum(values: readonly number[]): Promise<{
    sums: number[];
    interruption: Interruption | undefined;
  }> {
    const signal = this.#interruption?.signalName;
    const votes = ENDING_SIGNALS.map((name) => Number(name === signal));
    const all = Float64Array.of(...votes, ...values);
    await this.#communicator.allReduceSum(all);
    const name = ENDING_SIGNALS.find((_, i) => all[i]! > 0);
    return {
      sums: [...all.subarray(votes.length)],
      interruption: name && new Interruption(name),
    };
  }

  /**
   * Ends all processes after an error of this one. An error that all have is reported
   * by the first one, which ends the others before they print it.
   *
   * @param report Prints the error, after the text that names the process.
   * @param exitCode Exit code of all.
   */
  async fail(report: (rank: string) => void, exitCode: number): Promise<never> {
    const { rank, size } = this.#communicator;
    this.#isFailing = true;
    if (rank > 0) await delay(REPORT_MS);
    report(size > 1 ? `rank ${rank}: ` : "");
    if (size > 1) await delay(FORWARD_MS);
    this.#communicator.abort(exitCode);
    Deno.exit(exitCode);
  }

  /** Leaves the others, once all processes do. */
  async leave(): Promise<void> {
    await this.#communicator.barrier();
    this.#communicator[Symbol.dispose]();
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * Sends a text of every process to the first one.
 *
 * @param communicator The processes; all call it.
 * @param text The text of this process.
 * @returns In the first process, the texts of all by rank; none in the others.
 */
export async function gatherTexts(
  communicator: Communicator,
  text: string,
): Promise<string[]> {
  const all = await communicator.gather(new TextEncoder().encode(text));
  return all.map((bytes) => new TextDecoder().decode(bytes));
}

/**
 * Says where each process computes.
 *
 * @param device The device of this process.
 * @param communicator The processes; all call it.
 */
export async function sayWhereItRuns(
  { description }: Device,
  communicator: Communicator,
): Promise<void> {
  const all = await gatherTexts(communicator, description);
  for (const [rank, adapter] of all.entries()) {
    console.log(
      communicator.size === 1
        ? `Running on ${adapter}`
        : `Rank ${rank} of ${communicator.size} runs on ${adapter}`,
    );
  }
}
