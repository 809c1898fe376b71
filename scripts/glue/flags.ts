/**
 * The flags of `train_glue.ts`: those of `train_mrpc.ts`, and the task.
 *
 * @module
 */
import { type FlagTable, readFlags } from "../cli/flag_table.ts";
import { helpText, toOptions } from "../train/flags.ts";
import { ownTask, type Task, TASKS } from "./tasks.ts";
import { FLAGS, type Options } from "../train/options.ts";

/** The settings of a run of `train_glue.ts`. */
export interface GlueOptions extends Options {
  /** Folder of the pretrained model, or its name on the Hub. */
  readonly model: string;
  /** Folder of the data set, or its name on the Hub. */
  readonly data: string;
  /** What is learned. */
  readonly task: Task;
}

const MODEL = "google-bert/bert-base-uncased";
const GLUE = "nyu-mll/glue";

const GLUE_FLAGS: FlagTable = {
  task: {
    value: "NAME",
    help: "a task of GLUE",
    names: Object.keys(TASKS),
    otherwise: "your own files, with --text-columns",
  },
  textColumns: {
    value: "NAME",
    help: "one column with text, or two with a comma, as in question,answer",
    otherwise: "as --task says",
  },
  labelColumn: {
    value: "NAME",
    help: "the column with labels: text, whole numbers, or fractions",
    otherwise: "label",
  },
  ...FLAGS,
  model: { ...FLAGS.model, otherwise: `${MODEL}, once it is fetched` },
  data: { ...FLAGS.data, otherwise: `${GLUE}:TASK, once it is fetched` },
  preset: { ...FLAGS.preset, otherwise: "course" },
};

/**
 * Reads the arguments of `train_glue.ts`.
 *
 * @param args The arguments, as in `Deno.args`.
 * @returns The settings, or `"help"` where `--help` is among the arguments.
 * @throws {TypeError} If a flag is unknown, has no value, or excludes another, or one is missing.
 * @throws {RangeError} If a value is not one that the flag takes.
 */
export function parseGlueFlags(
  args: readonly string[],
): GlueOptions | "help" {
  const given = readFlags(args, GLUE_FLAGS);
  if (given.help) return "help";
  const { task: name, textColumns, labelColumn, ...values } = given.values;
  const { model = MODEL, data = name && `${GLUE}:${name}` } = values;
  if (name !== undefined && (textColumns ?? labelColumn) !== undefined) {
    throw new TypeError(
      `--task ${name} says what its columns are: leave out --text-columns and --label-column, or --task`,
    );
  }
  if (name === undefined && (textColumns === undefined || data === undefined)) {
    throw new TypeError(
      `Nothing to learn: give --task ${
        Object.keys(TASKS).join("|")
      }, or --data and --text-columns for your own files`,
    );
  }
  const columns = `${textColumns}`.split(",");
  if (name === undefined && (columns.length > 2 || columns.includes(""))) {
    throw new RangeError(
      `--text-columns must be one column, or two with a comma between them, not "${textColumns}"`,
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
    ? ownTask(columns, label)
    : TASKS[name as keyof typeof TASKS];
  const all = { ...given, values: { ...values, model, data: `${data}` } };
  return { ...toOptions(all), model: `${model}`, data: `${data}`, task };
}

/** `--help`: every flag, its default, and each preset. */
export function glueHelp(): string {
  return helpText(
    "Fine-tunes a BERT on a task of GLUE or on files of your own, with the loop in\nscripts/train_glue.ts.",
    "glue",
    GLUE_FLAGS,
  );
}
