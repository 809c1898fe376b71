/**
 * Findings of a report: what to look at first, in a sentence each.
 *
 * @module
 */
import type { Analysis } from "./analysis.ts";
import { duplicateCounts } from "./duplicate_rows.ts";
import { counted, decimal, type Html, html, percent } from "./html.ts";
import type { ReportData } from "./report_data.ts";
import { evaluations } from "./series.ts";
import { baselineName, moreIsBetter } from "./score_lines.ts";

/** A finding. */
export interface Finding {
  /** The sentence. */
  readonly text: Html;
  /** Whether it is good news. */
  readonly isGood?: boolean;
}

/** F1 below which a class is called weak. */
const WEAK_F1 = 0.5;

/** Rows below which the scores of a class are called uncertain. */
const FEW_ROWS = 10;

/** Share of truncated rows from which they are reported. */
const TRUNCATED = 0.01;

/** Difference of confidence and accuracy from which it is reported. */
const CALIBRATION = 0.05;

/** Names in a sentence, at most. */
const MAX_NAMES = 5;

/**
 * Lists the findings.
 *
 * @param data The data of a report.
 * @param analysis The scores.
 * @returns The findings, the most important first.
 */
export function findings(data: ReportData, analysis: Analysis): Finding[] {
  return [
    ...againstBaselines(data, analysis),
    ...copies(data),
    ...overfitting(data),
    ...weakClasses(analysis),
    ...calibration(analysis),
    ...truncation(data),
  ];
}

function againstBaselines(
  { baselines, problemType }: ReportData,
  { scores }: Analysis,
): Finding[] {
  // A constant, the baseline of numbers, has no correlation.
  const line = problemType === "regression"
    ? scores.find(({ key }) => key === "rootMeanSquaredError")
    : scores[0];
  const { key, name, value, interval } = line!;
  const sign = moreIsBetter(key) ? 1 : -1;
  const [best] = Object.entries(baselines)
    .flatMap(([baseline, { [key]: score }]) =>
      score === undefined ? [] : [{ baseline: baselineName(baseline), score }]
    )
    .sort((a, b) => sign * (b.score - a.score));
  if (!best) return [];
  const compared = html`${inSentence(name)} ${decimal(value)} against ${
    decimal(best.score)
  } of the best baseline, ${best.baseline}`;
  const worst = sign > 0 ? interval?.low : interval?.high;
  if (worst !== undefined && sign * (worst - best.score) > 0) {
    return [{
      text: html`The model beats every baseline: ${compared}.`,
      isGood: true,
    }];
  }
  return [{
    text: sign * (value - best.score) > 0
      ? html`The model may be no better than a baseline, which is within its interval: ${compared}. Train longer, or take a larger model or more data.`
      : html`
        The model is no better than a baseline: ${compared}. Check the <a
          href="#training">training</a> and the labels before you use it.
      `,
  }];
}

function copies(
  { duplicates, evaluation, labels, problemType }: ReportData,
): Finding[] {
  if (!duplicates) return [];
  const { shared, conflicting } = duplicateCounts(
    duplicates,
    labels,
    evaluation.split,
  );
  return [
    ...shared > 0
      ? [{
        text: html`
          ${counted(shared, "row")} of ${evaluation.split} ${shared === 1
            ? "is a"
            : "are"} training ${shared === 1
            ? "row"
            : "rows"} too, so the scores are too good. See <a
            href="#data">the data</a>.
        `,
      }]
      : [],
    ...conflicting > 0
      ? [{
        text: html`
          ${counted(conflicting, "text")} ${conflicting === 1
            ? "has"
            : "have"} different ${problemType === "regression"
            ? "numbers in different rows: no model can be right in all of them"
            : "labels in different rows, so some are wrong"}. See <a
            href="#data">the data</a>.
        `,
      }]
      : [],
  ];
}

function overfitting({ events, evaluation }: ReportData): Finding[] {
  const losses = evaluations(events, evaluation.split)
    .flatMap(({ step, loss }) => loss === undefined ? [] : [{ step, loss }]);
  if (losses.length < 2) return [];
  const lowest = losses.reduce((a, b) => b.loss < a.loss ? b : a);
  const last = losses.at(-1)!;
  if (last.loss <= lowest.loss * 1.05) return [];
  return [{
    text: html`
      The validation loss was lowest, ${decimal(lowest.loss)}, at step ${lowest
        .step}, and is ${decimal(
          last.loss,
        )} at the end: the model overfits. Use fewer epochs, or --load-best-model-at-end. See <a
        href="#training">the training</a>.
    `,
  }];
}

function weakClasses({ names, perLabel, confusion }: Analysis): Finding[] {
  const present = perLabel.filter(({ support }) => support > 0);
  const weak = present.filter(({ f1 }) => f1 < WEAK_F1)
    .map(({ label }) => names[label]!);
  const small = perLabel.filter(({ support }) => support < FEW_ROWS)
    .map(({ label }) => names[label]!);
  const number = confusion
    ? counted(small.length, "class", "classes")
    : counted(small.length, "label");
  return [
    ...weak.length > 0
      ? [{
        text: html`F1 is below ${WEAK_F1} for ${list(weak)}. ${
          confusion
            ? html`Look at what they are <a href="#classes">confused with</a>; more`
            : "More"
        } rows of them${
          confusion ? ", or --class-weights balanced," : ""
        } may help.`,
      }]
      : [],
    ...small.length > 0
      ? [{
        text: html`${number} (${list(small)}) ${
          small.length === 1 ? "has" : "have"
        } fewer than ${FEW_ROWS} validation rows: scores of so few say little.`,
      }]
      : [],
  ];
}

function calibration({ calibration }: Analysis): Finding[] {
  if (!calibration) return [];
  const bins = calibration.bins.filter(({ count }) => count > 0);
  const mean = (key: "confidence" | "accuracy") =>
    bins.reduce((sum, bin) => sum + bin.count * bin[key], 0) /
    bins.reduce((sum, { count }) => sum + count, 0);
  const [confidence, accuracy] = [mean("confidence"), mean("accuracy")];
  if (Math.abs(confidence - accuracy) < CALIBRATION) return [];
  const isOver = confidence > accuracy;
  return [{
    text: html`
      The model is ${isOver
        ? "too sure"
        : "not sure enough"}: on average it gives its prediction ${percent(
          confidence,
        )}, and ${percent(accuracy)} are right. See <a
        href="#confidence">the confidence</a>.
    `,
  }];
}

function truncation({ train }: ReportData): Finding[] {
  if (!train) return [];
  const { tokens, maxLength } = train;
  const truncated = tokens.filter((n) => n > maxLength).length;
  if (truncated < tokens.length * TRUNCATED || truncated === 0) return [];
  return [{
    text: html`
      ${percent(truncated / tokens.length)} of the training rows (${counted(
        truncated,
        "row",
      )}) are longer than ${maxLength} tokens and lose their end; a greater --max-length keeps it. See <a
        href="#data">the data</a>.
    `,
  }];
}

function list(names: readonly string[]): Html {
  const shown = names.slice(0, MAX_NAMES);
  const rest = names.length - shown.length;
  return html`${
    shown.map((name, i) =>
      html`${
        i === 0 ? "" : rest === 0 && i === shown.length - 1 ? " and " : ", "
      }<bdi>${name}</bdi>`
    )
  }${rest > 0 ? ` and ${rest} more` : ""}`;
}

/** A name within a sentence: abbreviations keep their capitals. */
function inSentence(name: string): string {
  return /^[A-Z][a-z]/.test(name)
    ? name.charAt(0).toLowerCase() + name.slice(1)
    : name;
}
