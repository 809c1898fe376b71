/**
 * A line that is redrawn on a terminal, through npm:cli-progress@3.12.0.
 *
 * @module
 */

/** Destination of a {@linkcode ProgressBar}: a stream of Node, or an object like one. */
export interface ProgressOutput {
  /**
   * Whether it is a terminal, on which a line can be redrawn.
   *
   * @default false
   */
  readonly isTTY?: boolean;
  /**
   * Columns of the terminal.
   *
   * @default 80
   */
  readonly columns?: number;
  /** Writes text as it is. */
  write(text: string): unknown;
}

const BAR_COLUMNS = 24;

/** The part of cli-progress's `SingleBar` that is used here. */
export interface TerminalBar {
  /** Whether it has been started and not stopped. */
  readonly isActive: boolean;
  /** Draws the line. */
  start(total: number, value: number, payload: { text: string }): void;
  /** Sets what the next redraw shows. */
  update(value: number, payload: { text: string }): void;
  /** Redraws the line and ends it. */
  stop(): void;
}

/** Parameters of a redraw. */
interface Redraw {
  /** Fraction done, from 0 to 1. */
  readonly progress: number;
  /** Columns of the terminal. */
  readonly maxWidth: number;
}

/** The part of cli-progress that is used here. */
interface CliProgress {
  SingleBar: new (options: object) => TerminalBar & {
    timer: { unref(): void };
    render(): void;
  };
  Format: { BarFormat(progress: number, options: object): string };
}

/** These save and restore the cursor, which would overwrite lines that others print. */
const CURSOR_SEQUENCES = ["\x1b7", "\x1b8"];

/**
 * Makes a bar of cli-progress, imported on demand: it needs Node's readline, which
 * browsers lack.
 *
 * @param output The terminal.
 * @returns The bar, not started.
 */
export async function loadTerminalBar(
  output: ProgressOutput,
): Promise<TerminalBar> {
  const { default: { SingleBar, Format } } = await import(
    "npm:cli-progress@3.12.0"
  ) as { default: CliProgress };
  class Bar extends SingleBar {
    override render(): void {
      super.render();
      this.timer.unref(); // the next redraw must not keep the process alive
    }
  }
  return new Bar({
    stream: {
      isTTY: true,
      get columns() {
        return output.columns;
      },
      write(text: string) {
        if (!CURSOR_SEQUENCES.includes(text)) output.write(text);
      },
    },
    format(options: object, redraw: Redraw, { text }: { text: string }) {
      const room = redraw.maxWidth - 1; // a full last column would wrap
      const line = `${Format.BarFormat(redraw.progress, options)} ${text}`;
      return (line.length <= room ? line : text).slice(0, room);
    },
    barsize: BAR_COLUMNS,
    barCompleteChar: "█",
    barIncompleteChar: "░",
    linewrap: true, // leaves the terminal's setting alone
    gracefulExit: false, // no signal listeners
  });
}
