/**
 * Flags of `train_classifier.ts`: those of `train_mrpc.ts`, the data, and the loss.
 *
 * @module
 */
import type { ProblemType } from "../../mod.ts";
import type { FlagTable } from "../cli/flag_help.ts";
import { type ParsedFlags, readFlags } from "../cli/flag_table.ts";
import type { CommandLine } from "../cli/run_main.ts";
import { resumeOptions } from "../run_folder/resume.ts";
import { FLAGS, helpText } from "../train/flags.ts";
import { type Options, toOptions } from "../train/options.ts";
import { TASKS } from "./tasks.ts";

/** The settings of a run of `train_classifier.ts`, as the flags have them. */
export interface ClassifyOptions extends Options {
  /** The data: a file, or a folder. */
  readonly data: string;
  /** A task of GLUE; undefined for the user's own data. */
  readonly task: keyof typeof TASKS | undefined;
  /** The text column, or two separated by a comma; undefined to find it. */
  readonly textColumns: string | undefined;
  /** The label column, or several separated by commas; undefined to find it. */
  readonly labelColumn: string | undefined;
  /** The character between two labels of a row. */
  readonly labelSeparator: string | undefined;
  /** Kind of the labels; undefined to tell it from them. */
  readonly problemType: ProblemType | undefined;
  /** Share of the rows to test, where the data is one file. */
  readonly testSplit: number | undefined;
  /** `balanced`, or a weight for each label, separated by commas. */
  readonly classWeights: string | undefined;
  /** Label smoothing of the loss. */
  readonly labelSmoothingFactor: number | undefined;
  /** Whether the thresholds of several labels a row are tuned. */
  readonly tuneThresholds: boolean | undefined;
}

const MODEL = "google-bert/bert-base-uncased";
const GLUE = "nyu-mll/glue";

/** Flags of the data, before those of `train_mrpc.ts`. */
const DATA_FLAGS = {
  task: {
    value: "NAME",
    help: "a task of GLUE",
    choices: Object.keys(TASKS),
    defaultText: "your own data, with --data",
  },
  textColumns: {
    value: "NAME",
    help: "the text column, or two separated by a comma: question,answer",
    defaultText: "the only one that can be meant",
  },
  labelColumn: {
    value: "NAME",
    help:
      "the label column: text, whole numbers, fractions (regression) or lists; or a column of 0 and 1 for each label: a,b,c",
    defaultText: "the only one that can be meant",
  },
  labelSeparator: {
    value: "C",
    help: "the character between two labels of a row: ','",
    defaultText: "none: a row with several labels has a list",
  },
  problemType: {
    value: "NAME",
    help: "kind of the labels",
    choices: [
      "single_label_classification",
      "multi_label_classification",
      "regression",
    ],
    defaultText: "that of the label column",
  },
} satisfies FlagTable;

const TEST_SPLIT = {
  value: "X",
  min: 0,
  below: 1,
  help:
    "share of the rows to evaluate the final model on, where --data is one file",
  defaultText: "0",
} as const;

/** Flags of the loss, and of the labels that follow from it. */
const LOSS_FLAGS = {
  classWeights: {
    value: "NAME",
    help:
      "weights of the labels in the loss: balanced, or a number for each: 0.5,2",
    defaultText: "1 for each label",
  },
  labelSmoothingFactor: {
    value: "X",
    min: 0,
    below: 1,
    help: "label smoothing of the loss of classes",
    defaultText: "0",
  },
  tuneThresholds: {
    help:
      "choose the threshold of each of several labels a row by its F1 on the validation rows",
    defaultText: "0.5 for each label",
  },
} satisfies FlagTable;

/** Every flag except `--help`, in the order of `--help`. */
export const CLASSIFY_FLAGS: FlagTable = flagTable();

function flagTable(): FlagTable {
  const { model, noPretrained, data, validationSplit, preset, ...others } =
    FLAGS;
  const { metricForBestModel } = FLAGS;
  return {
    data: {
      ...data,
      help:
        "one file, .csv, .tsv, .jsonl, .json, .arrow or .parquet; or a folder with train, validation and optionally test, each one of these",
      defaultText: `none; with --task ${GLUE}:TASK, once fetched`,
    },
    ...DATA_FLAGS,
    ...{ validationSplit, testSplit: TEST_SPLIT },
    model: {
      ...model,
      defaultText: `the embedded model; with --task ${MODEL}, once fetched`,
    },
    ...{ noPretrained },
    preset: {
      ...preset,
      defaultText: "course, or embedded where the model is the embedded one",
    },
    ...others,
    metricForBestModel: {
      ...metricForBestModel,
      defaultText:
        "f1 (of more than two classes their mean, macro), f1Macro of several labels a row, pearson of numbers; with --task the first score of that task",
    },
    ...LOSS_FLAGS,
  };
}

function parse(args: readonly string[]): ClassifyOptions | "help" {
  const parsed = readFlags(args, CLASSIFY_FLAGS);
  return parsed.help
    ? "help"
    : resumeOptions(parsed, "train_classifier", toClassifyOptions);
}

function toClassifyOptions(parsed: ParsedFlags): ClassifyOptions {
  const { values } = parsed;
  const { task } = values;
  const { data = task && `${GLUE}:${task}` } = values;
  const { model = task && MODEL } = values;
  if (data === undefined) {
    throw new TypeError(
      `Nothing to train on: give --data with a file of texts and labels, or --task ${
        Object.keys(TASKS).join("|")
      }`,
    );
  }
  if (task !== undefined) refuseBesideTask(parsed);
  else checkColumns(parsed);
  checkClassWeights(values.classWeights);
  const preset = values.preset ?? (model === undefined ? "embedded" : "course");
  const settings = { ...values, data, preset };
  const options = toOptions({
    ...parsed,
    values: model === undefined ? settings : { ...settings, model },
  });
  const own = [
    ...Object.keys(DATA_FLAGS),
    "testSplit",
    ...Object.keys(LOSS_FLAGS),
  ];
  const unset = Object.fromEntries(own.map((key) => [key, undefined]));
  return { ...unset, ...options, flags: values } as unknown as ClassifyOptions;
}

/** Refuses flags of the user's own data beside a task of GLUE. */
function refuseBesideTask({ values }: ParsedFlags): void {
  const { task, textColumns, labelColumn } = values;
  if ((textColumns ?? labelColumn) !== undefined) {
    throw new TypeError(
      `--task ${task} defines its columns: leave out --text-columns and --label-column, or --task`,
    );
  }
  const others = [
    ["label-separator", values.labelSeparator],
    ["problem-type", values.problemType],
    ["test-split", values.testSplit],
  ] as const;
  const other = others.find(([, value]) => value !== undefined);
  if (other === undefined) return;
  throw new TypeError(
    `--task ${task} defines its labels and splits: leave out --${other[0]} ${
      other[1]
    }, or --task`,
  );
}

function checkColumns({ values }: ParsedFlags): void {
  const { textColumns, labelColumn } = values;
  const listOf = (names: typeof textColumns) =>
    names === undefined ? [] : `${names}`.split(",");
  const [texts, labels] = [listOf(textColumns), listOf(labelColumn)];
  if (texts.length > 2 || texts.includes("")) {
    throw new RangeError(
      `--text-columns must be one column, or two separated by a comma, not "${textColumns}"`,
    );
  }
  if (labels.includes("")) {
    throw new RangeError(
      `--label-column must be one column, or several separated by commas, not "${labelColumn}"`,
    );
  }
  const all = [...texts, ...labels];
  if (new Set(all).size < all.length) {
    throw new RangeError(
      `--text-columns ${texts} and --label-column ${labels} must be different columns: name each once`,
    );
  }
}

function checkClassWeights(weights: unknown): void {
  if (weights === undefined || weights === "balanced") return;
  if (
    `${weights}`.split(",").every((text) =>
      Number(text) > 0 && Number(text) < Infinity
    )
  ) {
    return;
  }
  throw new RangeError(
    `--class-weights must be balanced, or a number greater than 0 for each label, separated by commas, not "${weights}"`,
  );
}

function help(): string {
  return helpText(
    "Fine-tunes a BERT on texts and labels of your own, or on a task of GLUE, with the\nloop in scripts/train_classifier.ts. One file is enough:\n\n./denow task classify --data messages.csv",
    "classify",
    CLASSIFY_FLAGS,
  );
}

/** Command line of `train_classifier.ts`. */
export const classifyFlags: CommandLine<ClassifyOptions> = { parse, help };
