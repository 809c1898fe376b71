/**
 * ProgressBar of a long loop: one line redrawn on a terminal, plain lines elsewhere.
 *
 * @module
 */
import type { Tensor } from "../tensor/tensor.ts";

/** Where the lines of a {@linkcode ProgressBar} go. */
export interface ProgressOutput {
  /** Columns of the terminal; undefined where the output is not one. */
  columns(): number | undefined;
  /** Writes text as it is. */
  write(text: string): void;
  /** The time in ms. */
  now(): number;
}

/** Numbers shown beside the count; each stays until a newer one comes. */
export interface Numbers {
  /** The newest loss that has arrived. */
  readonly loss?: number;
  /** The learning rate in force. */
  readonly learningRate?: number;
}

/** How a {@linkcode ProgressBar} looks. */
export interface ProgressBarOptions {
  /**
   * Text before the count.
   *
   * @default "training"
   */
  label?: string;
  /**
   * What the rate counts: `samples` of each step, where they are given.
   *
   * @default "steps"
   */
  unit?: string;
  /**
   * Where the lines go.
   *
   * @default Standard output.
   */
  output?: ProgressOutput;
}

/** Time between two requests for losses that are under way. */
const FLUSH_MS = 1000;
const REDRAW_MS = 100;
const PLAIN_MS = 5000;
const BAR_COLUMNS = 24;

const encoder = new TextEncoder();
const standardOutput: ProgressOutput = {
  columns: () =>
    Deno.stdout.isTerminal() ? Deno.consoleSize().columns || 80 : undefined,
  write: (text) => void Deno.stdout.writeSync(encoder.encode(text)),
  now: () => performance.now(),
};

/**
 * A progress bar that never waits: a step counts when it is submitted, and its
 * loss is shown whenever it arrives.
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
  #done = 0;
  #samples = 0;
  #numbers: Numbers = {};
  #activeMs = 0;
  #resumedAt: number | undefined;
  #drawnAt = -Infinity;
  #flushedAt = -Infinity;

  /**
   * Starts a bar, and its clock.
   *
   * @param total Steps in all.
   * @param options Label, unit, output.
   */
  constructor(
    total: number,
    { label = "training", unit = "steps", output = standardOutput }:
      ProgressBarOptions = {},
  ) {
    this.#label = label;
    this.#total = total;
    this.#unit = unit;
    this.#output = output;
    this.#resumedAt = output.now();
  }

  /**
   * Counts steps. A loss is shown once it has arrived: nothing waits for it.
   *
   * @param step A number of steps, as in tqdm, or the loss of one step, a scalar.
   * @param numbers Samples of the steps, the number of steps unless given, and what else is known.
   */
  update(
    step: number | Tensor = 1,
    { samples, ...numbers }: { samples?: number } & Numbers = {},
  ): void {
    const steps = typeof step === "number" ? step : 1;
    this.#resumedAt ??= this.#output.now();
    this.#done += steps;
    this.#samples += samples ?? steps;
    this.show(numbers);
    if (typeof step === "number") return;
    const { device } = step;
    device.readLater(step).then((loss) => this.show({ loss }), () => {});
    const now = this.#output.now();
    if (now - this.#flushedAt < FLUSH_MS) return;
    this.#flushedAt = now;
    device.flushReads().catch(() => {}); // the loop's next read throws it
  }

  /**
   * Takes numbers that arrive after their step.
   *
   * @param numbers The numbers; those left out stay.
   */
  show(numbers: Numbers): void {
    this.#numbers = { ...this.#numbers, ...numbers };
    if (this.#resumedAt === undefined) return; // too late for a line that has ended
    const now = this.#output.now();
    const columns = this.#output.columns();
    const wait = columns === undefined ? PLAIN_MS : REDRAW_MS;
    if (now - this.#drawnAt >= wait) this.#draw(now, columns);
  }

  /** Seconds that it has been running, pauses left out. */
  get seconds(): number {
    const running = this.#resumedAt === undefined
      ? 0
      : this.#output.now() - this.#resumedAt;
    return (this.#activeMs + running) / 1000;
  }

  /** Ends the line, so that something else can be printed, and stops the clock until the next step. */
  pause(): void {
    if (this.#resumedAt === undefined) return;
    const now = this.#output.now();
    const columns = this.#output.columns();
    this.#draw(now, columns);
    if (columns !== undefined) this.#output.write("\n");
    this.#activeMs += now - this.#resumedAt;
    this.#resumedAt = undefined;
  }

  /** Ends the line. */
  [Symbol.dispose](): void {
    this.pause();
  }

  #draw(now: number, columns: number | undefined): void {
    this.#drawnAt = now;
    const text = this.#text();
    if (columns === undefined) {
      this.#output.write(`${text}\n`);
    } else {
      const room = columns - 1; // a full last column would wrap
      const bar = this.#bar();
      const line = bar.length + 1 + text.length <= room
        ? `${bar} ${text}`
        : text;
      this.#output.write(`\r${line.slice(0, room)}\x1b[K`);
    }
  }

  #bar(): string {
    const full = Math.round(
      BAR_COLUMNS * Math.min(1, this.#done / this.#total),
    );
    return "█".repeat(full) + "░".repeat(BAR_COLUMNS - full);
  }

  #text(): string {
    const { loss, learningRate } = this.#numbers;
    const { seconds } = this;
    const parts = [`${this.#label} ${this.#done}/${this.#total}`];
    if (loss !== undefined) parts.push(`loss ${loss.toFixed(4)}`);
    if (learningRate !== undefined) {
      parts.push(`lr ${learningRate.toExponential(2)}`);
    }
    if (this.#done > 0 && seconds > 0) {
      const left = seconds / this.#done * (this.#total - this.#done);
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
