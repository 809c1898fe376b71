/**
 * All that differs between the tasks of GLUE: the columns, the labels, the
 * metrics, the validation sets, and how predictions are handed in.
 *
 * Sources: https://huggingface.co/datasets/nyu-mll/glue (columns, names of the
 * labels, splits), https://gluebenchmark.com/faq (the files of a submission).
 *
 * @module
 */
import type { GlueScores } from "../../mod.ts";

/** A task, of GLUE or of one's own. */
export interface Task {
  /** The columns with the text, or with the first and the second of a pair. */
  readonly textColumns: readonly string[];
  /** The column with the label. */
  readonly labelColumn: string;
  /**
   * What the labels are: the names of the classes in order, numbers to be
   * predicted as they are, or whatever is found in the data.
   */
  readonly labels: readonly string[] | "numbers" | "found";
  /** Which task's metric scores it. */
  readonly metric: keyof GlueScores | "found";
  /** The splits that it is evaluated on; the first decides which epoch is best. */
  readonly validation: readonly string[];
  /** The file of predictions for each split without labels. */
  readonly submissions: Readonly<Record<string, string>>;
  /** Whether predictions are handed in as names of classes or as numbers. */
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
 * A task on one's own files.
 *
 * @param textColumns The columns with the text, one or two.
 * @param labelColumn The column with the label.
 */
export function ownTask(
  textColumns: readonly string[],
  labelColumn: string,
): Task {
  return {
    textColumns,
    labelColumn,
    labels: "found",
    metric: "found",
    validation: ["validation"],
    submissions: { test: "test.tsv" },
    submitted: "names",
  };
}
