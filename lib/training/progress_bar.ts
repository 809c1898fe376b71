/**
 * Progress bar of a long loop: one line redrawn on a terminal, and plain lines
 * elsewhere.
 *
 * @module
 */
import { checkOptions, describe, type OptionNames } from "../check_options.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { quietOnceBroken, standardOutput } from "./progress_output.ts";
import {
  loadTerminalBar,
  type ProgressOutput,
  type TerminalBar,
} from "./terminal_bar.ts";

/** Options of a {@linkcode ProgressBar}. */
export interface ProgressBarOptions {
  /**
   * Text before the count.
   *
   * @default "training"
   */
  label?: string;
  /**
   * Unit of the rate, which counts the `samples` of each step, if given.
   *
   * @default "steps"
   */
  unit?: string;
  /**
   * Steps that were done before, by a run that goes on.
   *
   * @default 0
   */
  initial?: number;
  /**
   * Destination.
   *
   * @default `process.stdout`, or `console.log` where there is none, as in a browser.
   */
  output?: ProgressOutput;
}

const OPTIONS: OptionNames<ProgressBarOptions> = {
  label: true,
  unit: true,
  initial: true,
  output: true,
};

/** Time between two requests for losses that are not read back yet. */
const FLUSH_MS = 1000;
const PLAIN_MS = 5000;

/**
 * A progress bar that never waits: a step counts when it is submitted, and its
 * loss is shown whenever it arrives. A closed pipe, a full disk or a terminal that
 * hangs up ends the bar, not the loop.
 *
 * @example
 * ```ts ignore
 * using progress = new ProgressBar(numTrainingSteps);
 * progress.update(loss);
 * ```
 */
export class ProgressBar implements Disposable {
  #label: string;
  #total: number;
  #unit: string;
  #output: ProgressOutput;
  #bar: TerminalBar | undefined;
  #initial: number;
  #done: number;
  #samples = 0;
  #numbers: { loss?: number; learningRate?: number } = {};
  #activeMs = 0;
  #resumedAt: number | undefined = performance.now();
  #writtenAt = -Infinity;
  #flushedAt = -Infinity;

  /**
   * Starts a bar and its clock.
   *
   * @param total Number of steps in all.
   * @param options Label, unit, output.
   * @throws {TypeError} If `total` is not a number, or an option has an unknown name.
   */
  constructor(total: number, options: ProgressBarOptions = {}) {
    checkOptions("make a ProgressBar", options, OPTIONS);
    if (typeof total !== "number") {
      throw new TypeError(
        `Cannot make a ProgressBar: its total is ${
          describe(total)
        }, not a number of steps; pass that of a loader, loader.length`,
      );
    }
    const { label = "training", unit = "steps", initial = 0 } = options;
    const { output = standardOutput() } = options;
    this.#label = label;
    this.#total = total;
    this.#unit = unit;
    this.#initial = initial;
    this.#done = initial;
    this.#output = quietOnceBroken(output);
    if (!output.isTTY) return;
    // Plain lines until it has loaded: milliseconds, but never inside a loop without an await.
    this.#writtenAt = performance.now();
    loadTerminalBar(this.#output).then((bar) => this.#bar = bar, () => {});
  }

  /**
   * Counts steps. A loss is shown once it has arrived: nothing waits for it.
   *
   * @param step Number of steps, as in tqdm, or the loss of one step, a scalar.
   * @param numbers Samples of the steps, by default the number of steps, and numbers for {@linkcode ProgressBar.show}.
   * @throws {RangeError} If the number of steps is not whole, as that of a loss.
   */
  update(
    step: number | Tensor = 1,
    { samples, ...numbers }: {
      samples?: number;
      loss?: number;
      learningRate?: number;
    } = {},
  ): void {
    if (typeof step !== "number" && step.size !== 1) {
      throw new RangeError(
        `Cannot show a loss of shape [${step.shape}]: it must be a scalar`,
      );
    }
    const steps = typeof step === "number" ? step : 1;
    if (!Number.isInteger(steps)) {
      throw new RangeError(
        `Cannot count ${steps} steps: the number must be whole; pass the tensor of the loss, or update(1, { loss })`,
      );
    }
    this.#resumedAt ??= performance.now();
    this.#done += steps;
    this.#samples += samples ?? steps;
    this.show(numbers);
    if (typeof step === "number") return;
    const { device } = step;
    device.readLater(step).then((loss) => this.show({ loss }), () => {});
    const now = performance.now();
    if (now - this.#flushedAt < FLUSH_MS) return;
    this.#flushedAt = now;
    device.flushReads().catch(() => {}); // the loop's next read throws it
  }

  /**
   * Shows numbers that arrive after their step.
   *
   * @param numbers The newest loss that has arrived, and the current learning rate; those left out stay.
   */
  show(numbers: { loss?: number; learningRate?: number }): void {
    this.#numbers = { ...this.#numbers, ...numbers };
    if (this.#resumedAt === undefined) return; // too late for a line that has ended
    if (this.#bar) this.#redraw(this.#bar);
    else if (performance.now() - this.#writtenAt >= PLAIN_MS) this.#writeLine();
  }

  /** Seconds of the loop, without pauses. */
  get seconds(): number {
    const running = this.#resumedAt === undefined
      ? 0
      : performance.now() - this.#resumedAt;
    return (this.#activeMs + running) / 1000;
  }

  /** Ends the line, so that something else can be printed, and stops the clock until the next step. */
  pause(): void {
    if (this.#resumedAt === undefined) return;
    this.#activeMs += performance.now() - this.#resumedAt;
    this.#resumedAt = undefined;
    if (this.#bar) {
      this.#redraw(this.#bar);
      this.#bar.stop();
    } else {
      this.#writeLine();
    }
  }

  /** Ends the line. */
  [Symbol.dispose](): void {
    try {
      this.pause();
    } catch {
      // An output that throws must not hide the error that ends the loop.
    }
  }

  #redraw(bar: TerminalBar): void {
    const payload = { text: this.#text() };
    if (bar.isActive) bar.update(this.#done, payload);
    else bar.start(this.#total, this.#done, payload);
  }

  #writeLine(): void {
    this.#writtenAt = performance.now();
    this.#output.write(`${this.#text()}\n`);
  }

  #text(): string {
    const { loss, learningRate } = this.#numbers;
    const { seconds } = this;
    const parts = [`${this.#label} ${this.#done}/${this.#total}`];
    if (loss !== undefined) parts.push(`loss ${loss.toFixed(4)}`);
    if (learningRate !== undefined) {
      parts.push(`lr ${learningRate.toExponential(2)}`);
    }
    const done = this.#done - this.#initial;
    if (done > 0 && seconds > 0) {
      const left = seconds / done * (this.#total - this.#done);
      parts.push(`${format(this.#samples / seconds)} ${this.#unit}/s`);
      parts.push(
        left > 0 ? `${clock(left)} left` : `took ${clock(seconds)}`,
      );
    }
    return parts.join("  ");
  }
}

/** A rate with two or more significant digits. */
function format(rate: number): string {
  return rate < 10 ? rate.toFixed(1) : rate.toFixed(0);
}

/** `1:02:03` or `2:03`. */
function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const [h, m, s] = [whole / 3600, whole / 60 % 60, whole % 60].map(Math.floor);
  const tail = `${String(s).padStart(2, "0")}`;
  return h! > 0 ? `${h}:${String(m).padStart(2, "0")}:${tail}` : `${m}:${tail}`;
}
