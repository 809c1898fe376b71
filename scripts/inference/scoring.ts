/**
 * Scores of a classifier on labelled rows, as `evaluate.ts` prints them.
 *
 * @module
 */
import {
  type Dataset,
  multilabelReport,
  type TextClassificationOutput,
} from "../../mod.ts";
import { labelFlags, type LabelSetOptions } from "../classify/label_sets.ts";
import type { Label } from "../classify/labels.ts";
import { table } from "../cli/table.ts";
import { checkIsScored, type Classifier } from "./classifier.ts";
import { bceWithLogit, indexOfMax } from "./logits.ts";
import { evaluation, evaluationTables } from "./evaluation.ts";
import { positiveLabel, readLabels } from "./references.ts";

/** Scores of all rows. */
export interface Scoring {
  /** Scores of the baseline, if there is one. */
  readonly baseline: Readonly<Record<string, number>> | undefined;
  /** Tables for a terminal. */
  readonly tables: string[];
  /** The same for the line of JSON. */
  readonly json: Readonly<Record<string, unknown>>;
  /** Whether each row has its true label, or all of its labels and no others; `undefined` for regression. */
  readonly isRight: readonly boolean[] | undefined;
}

/** The logit of each label, in the order of the model, of each row. */
export type Outputs = readonly (readonly TextClassificationOutput[])[];

/** The true labels of rows, and the scores of predictions. */
export interface PreparedScoring {
  /** The true label of each row, or a 0 or 1 for each of its labels. */
  readonly references: readonly Label[];
  /** The label whose F1 counts, of two. */
  readonly positiveLabel: number;
  /** Scores the logits of all rows. */
  score(outputs: Outputs): Scoring;
}

/**
 * Reads the true labels of a table, and makes a function that scores predictions.
 *
 * @param classifier The classifier.
 * @param rows The table; where there are several labels a row, none without any.
 * @param options Place of the labels.
 * @param path The folder of the model, for errors.
 * @returns The labels, and the function.
 * @throws {RangeError} If the model does not have a label.
 * @throws {TypeError} If the model gives several numbers a row, or one label where several columns are named.
 */
export function prepareScoring(
  classifier: Classifier,
  rows: Dataset,
  options: LabelSetOptions,
  path: string,
): PreparedScoring {
  const { labels } = classifier;
  const { labelColumns, labelSeparator } = options;
  const [labelColumn] = labelColumns;
  if (isMultiLabel(classifier)) {
    const references = labelFlags(rows, options, labels);
    return {
      references,
      positiveLabel: 1,
      score: (outputs) => scoreLabelSets(outputs, references, labels),
    };
  }
  checkIsScored(classifier, path);
  const several = labelSeparator !== undefined
    ? `--label-separator ${labelSeparator}`
    : labelColumns.length > 1
    ? `--label-column ${labelColumns}`
    : undefined;
  if (several !== undefined) {
    throw new TypeError(
      `${several} is for models that give several labels a row: ${
        labelColumns.length > 1 ? "name one column" : "leave it out"
      }`,
    );
  }
  const references = readLabels(rows, labelColumn!, labels);
  const positive = positiveLabel(rows, labelColumn!, labels);
  return {
    references,
    positiveLabel: positive,
    score: (outputs) => scoreLabels(outputs, references, positive, labels),
  };
}

/**
 * Tells whether a model gives several labels a row.
 *
 * @param classifier The classifier.
 * @returns Whether it does.
 */
export function isMultiLabel({ model }: Classifier): boolean {
  return model.config.problemType === "multi_label_classification";
}

function scoreLabels(
  outputs: Outputs,
  references: readonly number[],
  positive: number,
  labels: readonly string[],
): Scoring {
  const logits = logitsOf(outputs);
  const result = evaluation(logits, references, positive);
  const { scores, loss, baseline, confusionMatrix } = result;
  const isRegression = labels.length === 1;
  return {
    baseline: baseline?.scores,
    tables: evaluationTables(result, labels),
    json: {
      ...scores,
      loss,
      ...baseline && {
        baseline: { label: labels[baseline.label], ...baseline.scores },
        labels,
        confusionMatrix,
      },
    },
    isRight: isRegression
      ? undefined
      : logits.map((row, i) => indexOfMax(row) === references[i]),
  };
}

function scoreLabelSets(
  outputs: Outputs,
  references: readonly number[][],
  labels: readonly string[],
): Scoring {
  const predictions = outputs.map((row) =>
    row.map(({ predicted }) => Number(predicted))
  );
  const report = multilabelReport(predictions, references);
  const scores = {
    f1Micro: report.micro.f1,
    f1Macro: report.macro.f1,
    subsetAccuracy: report.subsetAccuracy,
  };
  const loss = bceLoss(logitsOf(outputs), references);
  const perClass = report.perLabel.map(({ label, ...scores }) => ({
    name: labels[label]!,
    scores,
  }));
  const columns = ["precision", "recall", "f1", "support"] as const;
  return {
    baseline: undefined,
    tables: [
      table(["", ...Object.keys(scores), "loss"], [
        ["model", ...Object.values(scores), loss],
      ]),
      table(
        ["label", ...columns],
        perClass.map(({ name, scores }) => [
          name,
          ...columns.map((column) => scores[column]),
        ]),
      ),
    ],
    json: {
      ...scores,
      loss,
      labels,
      perClass: Object.fromEntries(
        perClass.map(({ name, scores }) => [name, scores]),
      ),
    },
    isRight: predictions.map((row, i) =>
      row.every((flag, label) => flag === references[i]![label])
    ),
  };
}

function logitsOf(outputs: Outputs): number[][] {
  return outputs.map((row) => row.map(({ score }) => score));
}

/** Mean binary cross-entropy of all labels. */
function bceLoss(
  logits: readonly number[][],
  references: readonly number[][],
): number {
  const terms = logits.flatMap((row, i) =>
    row.map((x, label) => bceWithLogit(x, references[i]![label]!))
  );
  return terms.reduce((sum, term) => sum + term) / terms.length;
}
