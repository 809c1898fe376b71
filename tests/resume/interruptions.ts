import type { Random } from "../../lib/random.ts";
import type { Call } from "../helpers/faulty_files.ts";
import type { Interruption } from "./harness.ts";
import type { MomentEvent, Report } from "./moments.ts";

/** A run that was not interrupted: what happened in it, and how long it took. */
export interface Reference {
  readonly report: Report;
  readonly ms: number;
}

const CALLS: readonly Call[] = ["open", "write", "fsync", "rename", "mkdir"];
const EVENTS: readonly MomentEvent[] = [
  "training batch",
  "last batch of an epoch",
  "evaluation batch",
  "removal",
];
const SIGNALS = ["SIGTERM", "SIGINT"] as const;

/** Kinds of interruption, chosen with equal probability. */
const KINDS = [
  ...EVENTS.map((event) => ({ event, signals: ["SIGKILL"] as const })),
  ...EVENTS.map((event) => ({ event, signals: SIGNALS })),
  ...CALLS.map((call) => ({ call })),
  { signals: ["SIGKILL"] as const },
  { signals: SIGNALS },
];

/**
 * Draws interruptions of the processes of one run. Now and then one follows so soon
 * that it is in the same epoch, or in the one after a resume.
 *
 * @param hasSignals Whether the processes handle signals.
 */
export function drawInterruptions(
  random: Random,
  { report, ms }: Reference,
  count: number,
  hasSignals: boolean,
): Interruption[] {
  const pick = <T>(values: readonly T[]) =>
    values[random.below(values.length)]!;
  const interruptions: Interruption[] = [];
  while (interruptions.length < count) {
    const isSoon = interruptions.length > 0 && random.below(3) === 0;
    const nthOf = (total: number) =>
      1 + random.below(Math.ceil(total / (isSoon ? 15 : 2)));
    const kind = pick(KINDS);
    if ("call" in kind) {
      const { call } = kind;
      const all = report.operations.filter((line) => line.startsWith(call));
      const nth = nthOf(all.length);
      const fault = { paths: "runs/", call, nth, fault: "SIGKILL" } as const;
      interruptions.push({ fault });
      continue;
    }
    const action = pick(kind.signals);
    if (action !== "SIGKILL" && !hasSignals) continue;
    if (!("event" in kind)) {
      interruptions.push({ signal: action, afterMs: random.nextFloat() * ms });
      continue;
    }
    const { event } = kind;
    const total = report.events[event];
    if (total === 0) continue;
    interruptions.push({ moment: { event, nth: nthOf(total), action } });
  }
  return interruptions;
}
