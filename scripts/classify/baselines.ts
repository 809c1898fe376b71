/**
 * Baselines without a model, which a classifier should beat: the most common label,
 * and a logistic regression on words.
 *
 * @module
 */
// deno-lint-ignore-file no-console
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
 * @returns The scores by split; none for a regression.
 */
export function scoreBaselines(
  data: TaskData,
): ReadonlyMap<string, Baselines> {
  const { labels, task } = data;
  const { names } = labels;
  if (names === undefined) return new Map(); // a constant has no correlation
  const splits = labelledSplits(task).slice(1);
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
    baselines.set(split, {
      majority: scoresOfLabels(
        references.map(() => majority),
        references,
        labels,
      ),
      words: scoresOfLabels(
        predicted.splice(0, texts[i]!.length),
        references,
        labels,
      ),
    });
    if (i > 0) continue;
    const { majority: scores, words } = baselines.get(split)!;
    const name = typeof majority === "number"
      ? names[majority]
      : names.filter((_, i) => majority[i] === 1).join(", ") || "no label";
    console.log(`Majority-class baseline, ${name}: ${describe(scores)}`);
    console.log(`Word baseline, logistic regression: ${describe(words)}`);
  }
  return baselines;
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
