/**
 * The report of an evaluation, the page that a run has too.
 *
 * @module
 */
import {
  type Dataset,
  DatasetDict,
  findDuplicates,
  type ProblemType,
  type TextPair,
} from "../../mod.ts";
import { scoreMean } from "../classify/baselines.ts";
import type { Columns } from "../classify/columns.ts";
import { probabilitiesOf, THRESHOLD } from "../classify/predictions.ts";
import type { ReportData, Scores } from "../report/report_data.ts";
import { reportHtml } from "../report/report_page.ts";
import { ROW } from "../train/divide.ts";
import type { Classifier } from "./classifier.ts";
import { isMultiLabel, type Outputs, type PreparedScoring } from "./scoring.ts";

/** An evaluation that a report shows. */
export interface ReportedEvaluation
  extends Pick<PreparedScoring, "references" | "positiveLabel"> {
  /** The classifier. */
  readonly classifier: Classifier;
  /** Name of the page. */
  readonly title: string;
  /** Name of the split, or of the file. */
  readonly split: string;
  /** The rows. */
  readonly rows: Dataset;
  /** Their columns. */
  readonly columns: Columns;
  /** Their texts. */
  readonly texts: readonly TextPair[];
  /** The logits of each row. */
  readonly outputs: Outputs;
  /** Scores of the majority-class baseline, if there is one. */
  readonly baseline: Scores | undefined;
  /** Settings, versions, adapter, digests. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Command that repeats the evaluation. */
  readonly command: string;
}

/**
 * Makes the report of an evaluation.
 *
 * @param evaluation The evaluation.
 * @returns The text of the page.
 */
export async function evaluationReport(
  evaluation: ReportedEvaluation,
): Promise<string> {
  return await reportHtml(reportData(evaluation));
}

/**
 * Collects the data of the report.
 *
 * @param evaluation The evaluation.
 * @returns The data.
 */
export function reportData(
  {
    classifier,
    title,
    split,
    rows,
    columns,
    texts,
    references,
    positiveLabel,
    outputs,
    baseline,
    config,
    command,
  }: ReportedEvaluation,
): ReportData {
  const { labels } = classifier;
  const problemType = problemTypeOf(classifier);
  const thresholds = thresholdsOf(classifier);
  const rowNumbers = rows.columnNames.includes(ROW)
    ? rows.column(ROW) as number[]
    : [...references.keys()];
  return {
    title,
    problemType,
    labelNames: problemType === "regression" ? columns.label : labels,
    positiveLabel,
    events: [],
    baselines: problemType === "regression"
      ? { mean: scoreMean(references as number[]) }
      : baseline
      ? { majority: baseline }
      : {},
    evaluation: {
      split,
      rows: outputs.map((row, i) => {
        const { text, textPair } = texts[i]!;
        return {
          row: rowNumbers[i]!,
          texts: textPair === undefined ? [text] : [text, textPair],
          label: references[i]!,
          predictions: probabilitiesOf(
            row.map(({ score }) => score),
            problemType,
          ),
        };
      }),
      ...thresholds && { thresholds },
    },
    labels: { [split]: references },
    rowNumbers: { [split]: rowNumbers },
    duplicates: findDuplicates(
      new DatasetDict({ [split]: rows }),
      columns.text,
    ),
    config,
    command,
  };
}

function problemTypeOf(classifier: Classifier): ProblemType {
  if (isMultiLabel(classifier)) return "multi_label_classification";
  return classifier.labels.length === 1
    ? "regression"
    : "single_label_classification";
}

/** The thresholds of `config.json`, which were checked with the model. */
function thresholdsOf({ model, labels }: Classifier): number[] | undefined {
  const thresholds = model.config.other("thresholds") as
    | Readonly<Record<string, number>>
    | undefined;
  return thresholds && labels.map((label) => thresholds[label] ?? THRESHOLD);
}
