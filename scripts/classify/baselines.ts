/**
 * Baselines without a model, which a classifier should beat: the most common label,
 * and a logistic regression on words; of numbers their mean.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { meanAbsoluteError } from "../../mod.ts";
import { rootMeanSquaredError } from "../report/score_lines.ts";
import { predictByWords } from "../report/word_baseline.ts";
import type { TaskData } from "./data.ts";
import type { Label, Labels } from "./labels.ts";
import { type Baselines, type Scores, scoresOfLabels } from "./scores.ts";
import { labelledSplits } from "./tasks.ts";
import { labelsOf, textsOf } from "./task_rows.ts";

/**
 * Scores the baselines on each split with labels except train, and prints those of
 * the first.
 *
 * @param data The rows of a task.
 * @returns The scores by split.
 */
export function scoreBaselines(
  data: TaskData,
): ReadonlyMap<string, Baselines> {
  const { labels, task } = data;
  const { names } = labels;
  const splits = labelledSplits(task).slice(1);
  if (names === undefined) {
    return new Map(
      splits.map((split, i) => {
        const mean = scoreMean(labelsOf(data, split) as number[]);
        if (i === 0) console.log(`Mean baseline: ${describe(mean)}`);
        return [split, { mean }];
      }),
    );
  }
  const texts = splits.map((split) => textsOf(data, split));
  const predicted = predictByWords(
    { texts: textsOf(data, "train"), labels: labelsOf(data, "train") },
    texts.flat(),
    names.length,
  );
  const baselines = new Map<string, Baselines>();
  for (const [i, split] of splits.entries()) {
    const references = labelsOf(data, split);
    const majority = majorityOf(references, labels);
    const scores = scoresOfLabels(
      references.map(() => majority),
      references,
      labels,
    );
    const words = scoresOfLabels(
      predicted.splice(0, texts[i]!.length),
      references,
      labels,
    );
    baselines.set(split, { majority: scores, words });
    if (i > 0) continue;
    const name = typeof majority === "number"
      ? names[majority]
      : names.filter((_, i) => majority[i] === 1).join(", ") || "no label";
    const isMacro = names.length > 2 && "f1" in scores;
    console.log(
      `Majority-class baseline, ${name}: ${describe(scores)}${
        isMacro ? " (macro f1: the mean over the classes)" : ""
      }`,
    );
    console.log(`Word baseline, logistic regression: ${describe(words)}`);
  }
  return baselines;
}

/**
 * Returns the scores of the constant baseline.
 *
 * @param baselines The baselines of a split.
 * @returns The scores of the majority class, or of the mean.
 */
export function constantBaseline(
  baselines: Baselines | undefined,
): Scores | undefined {
  return baselines?.majority ?? baselines?.mean;
}

/**
 * Scores the mean of numbers as the prediction of all of them. It has errors, and as a
 * constant no correlation.
 *
 * @param references The numbers.
 * @returns The errors.
 */
export function scoreMean(references: readonly number[]): Scores {
  const mean = references.reduce((sum, x) => sum + x, 0) / references.length;
  const predicted = references.map(() => mean);
  return {
    meanAbsoluteError: meanAbsoluteError(predicted, references),
    rootMeanSquaredError: rootMeanSquaredError(predicted, references),
  };
}

/** The most common class, the first of several; or of several labels a row those that most rows have. */
function majorityOf(references: readonly Label[], { names }: Labels): Label {
  const counts = names!.map((_, i) =>
    references.filter((label) =>
      typeof label === "number" ? label === i : label[i] === 1
    ).length
  );
  return typeof references[0] === "number"
    ? counts.indexOf(Math.max(...counts))
    : counts.map((count) => 2 * count > references.length ? 1 : 0);
}

/**
 * Writes scores in a line.
 *
 * @param scores The scores.
 * @returns Names and numbers with four decimals.
 */
export function describe(scores: Scores): string {
  return Object.entries(scores)
    .map(([name, score]) => `${name} ${score.toFixed(4)}`).join(", ");
}
