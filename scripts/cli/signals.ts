/**
 * The signals that end a run: Ctrl-C, the request of a scheduler, a terminal that
 * hangs up.
 *
 * @module
 */

/** Exit code of each signal: 128 and its number, as in a shell. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** A signal that ends a run. */
export type EndingSignal = keyof typeof EXIT_CODES;

/** The signals that end a run. */
export const ENDING_SIGNALS = Object.keys(
  EXIT_CODES,
) as readonly EndingSignal[];

/** The reason of an interrupted run. */
export class Interruption extends Error {
  /** The signal. */
  readonly signalName: EndingSignal;

  /** Makes a reason. */
  constructor(signalName: EndingSignal) {
    super(`Interrupted by ${signalName}`);
    this.signalName = signalName;
  }

  /** Exit code of the run. */
  get exitCode(): number {
    return EXIT_CODES[this.signalName];
  }
}

/**
 * Signals within this time are one: a terminal, a scheduler and `deno task` may each
 * send their own.
 */
const SAME_EVENT_MS = 300;

/** Effects of the signals. */
export interface SignalHandlers {
  /** Handles the first signal. */
  first(interruption: Interruption): void;
  /** Handles each later one, with the first as its reason. */
  again(interruption: Interruption): void;
}

/**
 * Listens to the signals that end a run, as far as the system has them.
 *
 * @param handlers Their effects.
 */
export function listenToSignals({ first, again }: SignalHandlers): void {
  let interruption: Interruption | undefined;
  let isOver = false;
  const receive = (name: EndingSignal) => {
    if (interruption) {
      if (isOver) again(interruption);
      return;
    }
    interruption = new Interruption(name);
    // The second timer is for a signal that came while a long step, such as that of
    // saving, kept both from being delivered.
    setTimeout(() => setTimeout(() => isOver = true), SAME_EVENT_MS);
    first(interruption);
  };
  for (const name of ENDING_SIGNALS) {
    try {
      Deno.addSignalListener(name, () => receive(name));
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // Windows has no SIGTERM
    }
  }
}
