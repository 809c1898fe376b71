/**
 * Progress of a long loop: one line redrawn on a terminal, plain lines elsewhere.
 *
 * @module
 */

/** Where the lines go. */
export interface Output {
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

const REDRAW_MS = 100;
const PLAIN_MS = 5000;
const BAR_COLUMNS = 24;
const PATIENCE_MS = 1000;

const encoder = new TextEncoder();
const standardOutput: Output = {
  columns: () =>
    Deno.stdout.isTerminal() ? Deno.consoleSize().columns || 80 : undefined,
  write: (text) => void Deno.stdout.writeSync(encoder.encode(text)),
  now: () => performance.now(),
};

/** Standard error, for what is worth a line only where it takes longer than a second. */
export function patientError(): Output {
  const shownFrom = performance.now() + PATIENCE_MS;
  return {
    ...standardOutput,
    columns: () =>
      Deno.stderr.isTerminal() ? Deno.consoleSize().columns || 80 : undefined,
    write: (text) => {
      if (performance.now() < shownFrom) return;
      Deno.stderr.writeSync(encoder.encode(text));
    },
  };
}

/**
 * A progress bar that never waits: a step counts when it is submitted, and its
 * loss is shown whenever it arrives.
 *
 *     using progress = new Progress("training", totalSteps);
 *     progress.advance({ samples: 8, learningRate });
 *     progress.show({ loss });
 */
export class Progress implements Disposable {
  #label: string;
  #total: number;
  #unit: string;
  #output: Output;
  #done = 0;
  #samples = 0;
  #numbers: Numbers = {};
  #activeMs = 0;
  #resumedAt: number | undefined;
  #drawnAt = -Infinity;

  /**
   * @param label What is being done, for example `training`.
   * @param total How many times {@linkcode Progress.advance} will be called.
   * @param unit What the rate counts.
   * @param output Where the lines go.
   */
  constructor(
    label: string,
    total: number,
    unit = "samples",
    output: Output = standardOutput,
  ) {
    this.#label = label;
    this.#total = total;
    this.#unit = unit;
    this.#output = output;
    this.#resumedAt = output.now();
  }

  /**
   * Counts one step.
   *
   * @param step Its samples, 1 unless told, and the numbers already known.
   */
  advance(
    { samples = 1, ...numbers }: { samples?: number } & Numbers = {},
  ): void {
    this.#resumedAt ??= this.#output.now();
    this.#done++;
    this.#samples += samples;
    this.show(numbers);
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
