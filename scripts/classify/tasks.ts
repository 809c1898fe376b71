/**
 * Everything that differs between the tasks of GLUE: columns, labels, metrics,
 * validation sets, and the format of submissions.
 *
 * Sources: https://huggingface.co/datasets/nyu-mll/glue (columns, label names,
 * splits), https://gluebenchmark.com/faq (the files of a submission).
 *
 * @module
 */
import type { GlueScores } from "../../mod.ts";

/** A task, of GLUE or on the user's own files. */
export interface Task {
  /** The text column, or the two columns of a pair. */
  readonly textColumns: readonly string[];
  /** The label column. */
  readonly labelColumn: string;
  /**
   * The class names in order, `"numbers"` for regression, or `"inferred"` from the
   * data.
   */
  readonly labels: readonly string[] | "numbers" | "inferred";
  /** The task of GLUE with the same metric, or `"inferred"` from the labels. */
  readonly metric: keyof GlueScores | "inferred";
  /** The validation splits; the first decides the best epoch. */
  readonly validation: readonly string[];
  /** File of predictions for each split without labels. */
  readonly submissions: Readonly<Record<string, string>>;
  /** Format of the predictions in these files: class names or numbers. */
  readonly submitted: "names" | "numbers";
}

const COMMON = {
  labelColumn: "label",
  validation: ["validation"],
  submitted: "numbers",
} as const;

const PAIR = ["sentence1", "sentence2"];
const ENTAILMENT = ["entailment", "not_entailment"];

/** The tasks, by their name in GLUE. */
export const TASKS = {
  cola: {
    ...COMMON,
    textColumns: ["sentence"],
    labels: ["unacceptable", "acceptable"],
    metric: "cola",
    submissions: { test: "CoLA.tsv" },
  },
  sst2: {
    ...COMMON,
    textColumns: ["sentence"],
    labels: ["negative", "positive"],
    metric: "sst2",
    submissions: { test: "SST-2.tsv" },
  },
  mrpc: {
    ...COMMON,
    textColumns: PAIR,
    labels: ["not_equivalent", "equivalent"],
    metric: "mrpc",
    submissions: { test: "MRPC.tsv" },
  },
  qqp: {
    ...COMMON,
    textColumns: ["question1", "question2"],
    labels: ["not_duplicate", "duplicate"],
    metric: "qqp",
    submissions: { test: "QQP.tsv" },
  },
  stsb: {
    ...COMMON,
    textColumns: PAIR,
    labels: "numbers",
    metric: "stsb",
    submissions: { test: "STS-B.tsv" },
  },
  mnli: {
    ...COMMON,
    textColumns: ["premise", "hypothesis"],
    labels: ["entailment", "neutral", "contradiction"],
    metric: "mnli",
    validation: ["validation_matched", "validation_mismatched"],
    submissions: {
      "test_matched": "MNLI-m.tsv",
      "test_mismatched": "MNLI-mm.tsv",
    },
    submitted: "names",
  },
  qnli: {
    ...COMMON,
    textColumns: ["question", "sentence"],
    labels: ENTAILMENT,
    metric: "qnli",
    submissions: { test: "QNLI.tsv" },
    submitted: "names",
  },
  rte: {
    ...COMMON,
    textColumns: PAIR,
    labels: ENTAILMENT,
    metric: "rte",
    submissions: { test: "RTE.tsv" },
    submitted: "names",
  },
  wnli: {
    ...COMMON,
    textColumns: PAIR,
    labels: ["not_entailment", "entailment"],
    metric: "wnli",
    submissions: { test: "WNLI.tsv" },
  },
} as const satisfies Readonly<Record<string, Task>>;

/**
 * Makes a task on the user's own files.
 *
 * @param textColumns The text columns, one or two.
 * @param labelColumn The label column.
 * @returns The task.
 */
export function customTask(
  textColumns: readonly string[],
  labelColumn: string,
): Task {
  return {
    textColumns,
    labelColumn,
    labels: "inferred",
    metric: "inferred",
    validation: ["validation"],
    submissions: { test: "test.tsv" },
    submitted: "names",
  };
}
