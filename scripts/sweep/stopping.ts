/**
 * The median stopping rule: ends runs that are worse than most others at the same
 * step.
 *
 * Golovin et al. 2017, Google Vizier, section 3.2.1, https://research.google/pubs/pub46180/
 * with the values at the same step, as MedianPruner of Optuna,
 * https://optuna.readthedocs.io/en/stable/reference/generated/optuna.pruners.MedianPruner.html
 * and with runs that are not finished, at least three, as MedianStoppingRule of Ray Tune,
 * https://docs.ray.io/en/latest/tune/api/doc/ray.tune.schedulers.MedianStoppingRule.html
 *
 * @module
 */
import type { LogEvent } from "../run_folder/event_file.ts";
import { evaluations } from "../report/series.ts";
import { decimal } from "../report/html.ts";
import type { Metric } from "./metric.ts";

/** Other runs that a median needs, `min_samples_required` of Ray Tune. */
const MIN_RUNS = 3;

/**
 * Collects the values of a score on the first validation split.
 *
 * @param events Lines of `metrics.jsonl`.
 * @param metric The score.
 * @returns Its value by step.
 */
export function valuesByStep(
  events: readonly LogEvent[],
  { name }: Metric,
): Map<number, number> {
  const values = new Map<number, number>();
  for (const { step, loss, scores } of evaluations(events)) {
    const value = name === "loss" ? loss : scores[name];
    if (value !== undefined && !values.has(step)) values.set(step, value);
  }
  return values;
}

/**
 * Decides whether a run ends.
 *
 * @param own Its values by step, up to now.
 * @param others Those of the other runs.
 * @param metric The score.
 * @returns The reason; undefined if it goes on.
 */
export function reasonToStop(
  own: ReadonlyMap<number, number>,
  others: readonly ReadonlyMap<number, number>[],
  { name, greaterIsBetter }: Metric,
): string | undefined {
  const step = Math.max(...own.keys());
  const known = others.flatMap((values) => values.get(step) ?? [])
    .sort((a, b) => a - b);
  if (!own.has(step) || known.length < MIN_RUNS) return;
  const best = greaterIsBetter
    ? Math.max(...own.values())
    : Math.min(...own.values());
  const [low, high] = [(known.length - 1) >> 1, known.length >> 1];
  const median = (known[low]! + known[high]!) / 2;
  const isWorse = greaterIsBetter ? best < median : best > median;
  if (!isWorse) return;
  return `${name} is ${
    decimal(best)
  } at best up to step ${step}, and the median of ${known.length} others there is ${
    decimal(median)
  }`;
}
