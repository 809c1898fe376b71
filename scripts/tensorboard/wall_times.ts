/**
 * Times of events. `metrics.jsonl` has none for steps, so that runs with the same
 * settings have the same lines.
 *
 * @module
 */
import type { LogEvent } from "../run_folder/event_file.ts";

/** A step with its seconds of training. */
interface Anchor {
  readonly step: number;
  readonly seconds: number;
}

/**
 * Seconds of training up to each event: those of evaluations as logged, those of
 * steps in proportion between them.
 *
 * @param events The events, in order.
 * @param trainSeconds Seconds of training up to the last event.
 * @returns The seconds of each event.
 */
export function trainSecondsOf(
  events: readonly LogEvent[],
  trainSeconds: number,
): number[] {
  const anchors: Anchor[] = events.flatMap(({ step, trainSeconds }) =>
    typeof trainSeconds === "number"
      ? [{ step: Number(step), seconds: trainSeconds }]
      : []
  );
  const last = Number(events.at(-1)?.step ?? 0);
  anchors.push({ step: last, seconds: trainSeconds });
  let before: Anchor = { step: 0, seconds: 0 };
  let next = 0;
  return events.map(({ step, trainSeconds }) => {
    if (typeof trainSeconds === "number") {
      before = anchors[next++]!;
      return before.seconds;
    }
    const after = anchors[next]!;
    const share = (Number(step) - before.step) / (after.step - before.step);
    return before.seconds +
      (share > 0 ? share : 0) * (after.seconds - before.seconds);
  });
}
