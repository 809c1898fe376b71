/**
 * Baselines in a chart of scores.
 *
 * @module
 */
import type { Datum } from "./chart.ts";
import { decimal } from "./html.ts";
import type { ReportData } from "./report_data.ts";
import { baselineName } from "./score_lines.ts";

/** Height of a label, as a share of that of the chart. */
const LABEL_HEIGHT = 0.08;

/**
 * Returns the scores of baselines with their labels, which are moved down where they
 * would overlap.
 *
 * @param baselines Scores of each baseline by its name.
 * @param key Name of the score.
 * @param others The other scores of the chart.
 * @returns The fields `score`, `place` and `text` of each baseline that has the score.
 */
export function baselineLines(
  baselines: ReportData["baselines"],
  key: string,
  others: readonly number[],
): Datum[] {
  const known = Object.entries(baselines).flatMap(([name, scores]) => {
    const score = scores[key];
    return score === undefined ? [] : [{ name, score }];
  }).sort((a, b) => b.score - a.score);
  const all = [...others, ...known.map(({ score }) => score)];
  const height = LABEL_HEIGHT * (Math.max(...all) - Math.min(...all));
  let place = Infinity;
  return known.map(({ name, score }) => {
    place = Math.min(score, place - height);
    return { score, place, text: `${baselineName(name)} ${decimal(score)}` };
  });
}
