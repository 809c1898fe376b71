/**
 * Events of a run as the series of its charts.
 *
 * @module
 */
import type { LogEvent } from "../run_folder/event_file.ts";

/** Means of neighbouring steps. */
export interface Bucket {
  /** Mean step. */
  readonly step: number;
  /** Mean value. */
  readonly mean: number;
  /** Least value. */
  readonly low: number;
  /** Greatest value. */
  readonly high: number;
}

/** Values by step, thinned for a chart. */
export interface Series {
  /** The points, in the order of the steps. */
  readonly points: readonly Bucket[];
  /** Logged steps in a point. */
  readonly stepsPerPoint: number;
}

/** An evaluation during training. */
export interface EvalPoint {
  /** Optimizer steps so far. */
  readonly step: number;
  /** Epochs so far, the current one included. */
  readonly epoch: number;
  /** Validation loss. */
  readonly loss?: number;
  /** Scores by name. */
  readonly scores: Readonly<Record<string, number>>;
}

/** Steps that are drawn one by one. */
const SINGLE = 60;

/** Points of a longer series, at least and at most. */
const [LEAST, MOST] = [40, 120];

/** Numbers of an evaluation that are no scores. */
const NOT_SCORES = /^(step|epoch|loss|trainLoss)$|Seconds$|PerSecond$/;

/**
 * Collects a value of the logged steps.
 *
 * @param events Lines of `metrics.jsonl`.
 * @param name Name of the value.
 * @returns Its series; without points if no step has the value.
 */
export function stepSeries(
  events: readonly LogEvent[],
  name: "loss" | "learningRate" | "gradNorm",
): Series {
  const values = events.flatMap((event) => {
    const { step, [name]: value } = event;
    return event.event === "step" && isNumber(step) && isNumber(value)
      ? [{ step, value }]
      : [];
  });
  const points = values.length <= SINGLE
    ? values.length
    : Math.min(MOST, Math.max(LEAST, Math.floor(values.length / 10)));
  const buckets = Array.from({ length: points }, (_, i) => {
    const at = (n: number) => Math.floor(n * values.length / points);
    const part = values.slice(at(i), at(i + 1));
    const numbers = part.map(({ value }) => value);
    return {
      step: mean(part.map(({ step }) => step)),
      mean: mean(numbers),
      low: Math.min(...numbers),
      high: Math.max(...numbers),
    };
  });
  return {
    points: buckets,
    stepsPerPoint: Math.max(1, Math.round(values.length / points)),
  };
}

/**
 * Collects the evaluations of a split.
 *
 * @param events Lines of `metrics.jsonl`.
 * @param split The split; lines without one are of the only split.
 * @returns The evaluations, in the order of the steps.
 */
export function evaluations(
  events: readonly LogEvent[],
  split?: string,
): EvalPoint[] {
  return events.flatMap((event) => {
    const { step, epoch, loss } = event;
    if (event.event !== "eval" || !isNumber(step)) return [];
    const isOther = split !== undefined && event.split !== undefined &&
      event.split !== split;
    if (isOther) return [];
    const scores = Object.entries(event).filter(([name, value]) =>
      isNumber(value) && !NOT_SCORES.test(name)
    );
    return [{
      step,
      epoch: isNumber(epoch) ? epoch + 1 : 1,
      ...isNumber(loss) && { loss },
      scores: Object.fromEntries(scores) as Record<string, number>,
    }];
  });
}

/**
 * Reads the lines of `metrics.jsonl`; a torn last line is left out.
 *
 * @param text The text of the file.
 * @returns The events.
 */
export function parseEvents(text: string): LogEvent[] {
  return text.split("\n").flatMap((line) => {
    try {
      return line === "" ? [] : [JSON.parse(line)];
    } catch {
      return [];
    }
  });
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
