/**
 * Flags of `train_classifier.ts`: those of `train_mrpc.ts`, and the task.
 *
 * @module
 */
import type { FlagTable } from "../cli/flag_help.ts";
import { type ParsedFlags, readFlags } from "../cli/flag_table.ts";
import type { CommandLine } from "../cli/run_main.ts";
import { resumeOptions } from "../run_folder/resume.ts";
import { FLAGS, helpText } from "../train/flags.ts";
import { type Options, toOptions } from "../train/options.ts";
import { customTask, type Task, TASKS } from "./tasks.ts";

/** The settings of a run of `train_classifier.ts`. */
export interface ClassifyOptions extends Options {
  /** Folder of the pretrained model. */
  readonly model: string;
  /** Folder of the data set. */
  readonly data: string;
  /** The task. */
  readonly task: Task;
}

const MODEL = "google-bert/bert-base-uncased";
const GLUE = "nyu-mll/glue";

const CLASSIFY_FLAGS: FlagTable = {
  task: {
    value: "NAME",
    help: "a task of GLUE",
    choices: Object.keys(TASKS),
    defaultText: "your own files, with --text-columns",
  },
  textColumns: {
    value: "NAME",
    help: "the text column, or two separated by a comma: question,answer",
    defaultText: "the columns of --task",
  },
  labelColumn: {
    value: "NAME",
    help: "the label column: text, whole numbers, or fractions (regression)",
    defaultText: "label",
  },
  ...FLAGS,
  model: { ...FLAGS.model, defaultText: `${MODEL}, once fetched` },
  data: { ...FLAGS.data, defaultText: `${GLUE}:TASK, once fetched` },
  preset: { ...FLAGS.preset, defaultText: "course" },
};

function parse(args: readonly string[]): ClassifyOptions | "help" {
  const parsed = readFlags(args, CLASSIFY_FLAGS);
  return parsed.help
    ? "help"
    : resumeOptions(parsed, "train_classifier", toClassifyOptions);
}

function toClassifyOptions(parsed: ParsedFlags): ClassifyOptions {
  const { task: name, textColumns, labelColumn, ...values } = parsed.values;
  const { model = MODEL, data = name && `${GLUE}:${name}` } = values;
  if (name !== undefined && (textColumns ?? labelColumn) !== undefined) {
    throw new TypeError(
      `--task ${name} defines its columns: leave out --text-columns and --label-column, or --task`,
    );
  }
  if (name === undefined && (textColumns === undefined || data === undefined)) {
    throw new TypeError(
      `Nothing to train on: give --task ${
        Object.keys(TASKS).join("|")
      }, or --data and --text-columns for your own files`,
    );
  }
  const columns = `${textColumns}`.split(",");
  if (name === undefined && (columns.length > 2 || columns.includes(""))) {
    throw new RangeError(
      `--text-columns must be one column, or two separated by a comma, not "${textColumns}"`,
    );
  }
  const label = `${labelColumn ?? "label"}`;
  if (
    name === undefined && new Set([...columns, label]).size <= columns.length
  ) {
    throw new RangeError(
      `--text-columns ${columns} and --label-column ${label} must be different columns: name each once`,
    );
  }
  const task = name === undefined
    ? customTask(columns, label)
    : TASKS[name as keyof typeof TASKS];
  const all = { ...parsed, values: { ...values, model, data: `${data}` } };
  const options = { ...toOptions(all), task, flags: parsed.values };
  return options as ClassifyOptions;
}

function help(): string {
  return helpText(
    "Fine-tunes a BERT on a task of GLUE or on files of your own, with the loop in\nscripts/train_classifier.ts.",
    "classify",
    CLASSIFY_FLAGS,
  );
}

/** Command line of `train_classifier.ts`. */
export const classifyFlags: CommandLine<ClassifyOptions> = { parse, help };
