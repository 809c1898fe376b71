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

/**
 * Labels of the user's own files: `"classes"`; `"numbers"` for regression; `"sets"`,
 * several a row, as lists; or `"inferred"`: numbers if there are fractions, else classes.
 */
export type OwnLabels = "classes" | "numbers" | "sets" | "inferred";

/** A task, of GLUE or on the user's own files. */
export interface Task {
  /** The text column, or the two columns of a pair. */
  readonly textColumns: readonly string[];
  /** The label column. */
  readonly labelColumn: string;
  /** The class names in order, or the kind of the labels. */
  readonly labels: readonly string[] | OwnLabels;
  /** The task of GLUE, with its metric; undefined for the user's own files. */
  readonly metric: keyof GlueScores | undefined;
  /** The validation splits; the first decides the best epoch. */
  readonly validation: readonly string[];
  /** Whether the split `test` has labels, on which the final model is evaluated. */
  readonly isTested: boolean;
  /** File of predictions for each split without labels. */
  readonly submissions: Readonly<Record<string, string>>;
  /** Format of the predictions in these files: class names or numbers. */
  readonly submitted: "names" | "numbers";
}

const COMMON = {
  labelColumn: "label",
  validation: ["validation"],
  isTested: false,
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
 * Lists the splits of a task that have labels.
 *
 * @param task The task.
 * @returns Their names: train, the validation splits, and test if it is evaluated.
 */
export function labelledSplits({ validation, isTested }: Task): string[] {
  return ["train", ...validation, ...isTested ? ["test"] : []];
}

/**
 * Makes a task on the user's own files.
 *
 * @param textColumns The text columns, one or two.
 * @param labelColumn The label column.
 * @param labels The kind of the labels.
 * @param isTested Whether the split `test` has labels.
 * @returns The task.
 */
export function customTask(
  textColumns: readonly string[],
  labelColumn: string,
  labels: OwnLabels = "inferred",
  isTested = false,
): Task {
  return {
    textColumns,
    labelColumn,
    labels,
    metric: undefined,
    validation: ["validation"],
    isTested,
    submissions: isTested ? {} : { test: "test.tsv" },
    submitted: "names",
  };
}
