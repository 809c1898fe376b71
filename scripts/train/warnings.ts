/**
 * Warnings of a run: settings, rows and predictions that no error refuses, and
 * that make a result worth less than it looks.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import type { Dataset, DatasetDict, Tokenizer } from "../../mod.ts";
import { listNames } from "./class_names.ts";

/** Settings of a schedule. */
export interface ScheduleSettings {
  /** Peak learning rate. */
  readonly learningRate: number;
  /** Name of the schedule. */
  readonly lrSchedulerType: string;
}

/**
 * Warns of a learning rate of 0, and of a warm-up that does not end.
 *
 * @param options The settings.
 * @param numWarmupSteps Optimizer steps of warm-up.
 * @param numTrainingSteps All optimizer steps.
 */
export function warnAboutSchedule(
  { learningRate, lrSchedulerType }: ScheduleSettings,
  numWarmupSteps: number,
  numTrainingSteps: number,
): void {
  if (learningRate === 0) {
    console.warn("Warning: --learning-rate 0 changes no weight");
  }
  if (numWarmupSteps >= numTrainingSteps && lrSchedulerType !== "constant") {
    console.warn(
      `Warning: the run has ${numTrainingSteps} steps, and its warm-up ${numWarmupSteps}: it ends before the learning rate is --learning-rate ${learningRate}`,
    );
  }
}

/**
 * Warns of class names that look alike, and are classes of their own, and of names
 * that are numbers or lists to a reader.
 *
 * @param names The names.
 */
export function warnAboutNames(names: readonly string[]): void {
  if (names.every((name) => /^[+-]?\d+,\d+$/.test(name.trim()))) {
    console.warn(
      `Warning: the labels ${
        listNames(names)
      } are text, each a class of its own: numbers have a point, as 0.5, and several labels a row need --label-separator ,`,
    );
  }
  const groups = Map.groupBy(
    names,
    (name) =>
      name.normalize("NFKC").replaceAll(/\s|\p{Cf}/gu, "").toLowerCase(),
  );
  for (const group of groups.values()) {
    if (group.length === 1) continue;
    console.warn(
      `Warning: the labels ${
        listNames(group)
      } are classes of their own, and differ only in case, white space or invisible characters`,
    );
  }
}

/**
 * Warns of splits with one label, and of validation rows that are training rows too.
 *
 * @param data The splits, before tokenisation.
 * @param validation Names of the validation splits.
 * @param textColumns The text columns.
 * @param labelColumn The label column.
 * @param names Names of the classes that its numbers are, if they have names.
 */
export function warnAboutRows(
  data: DatasetDict,
  validation: readonly string[],
  textColumns: readonly string[],
  labelColumn: string,
  names?: readonly string[],
): void {
  const { train } = data;
  const known = new Set(textsOf(train, textColumns));
  for (const name of ["train", ...validation]) {
    const split = data.split(name);
    const labels = new Set(split.column(labelColumn));
    if (labels.size === 1) {
      console.warn(
        `Warning: ${split.source} has only the label ${
          [...labels].map((label) => names?.[label as number] ?? label)
        }: ${
          name === "train"
            ? "there is nothing to learn"
            : "scores on it say nothing about the others"
        }`,
      );
    }
    if (name === "train") continue;
    const copies = textsOf(split, textColumns)
      .filter((texts) => known.has(texts)).length;
    if (copies > 0) {
      console.warn(
        `Warning: ${copies} of ${split.length} rows of ${split.source} are training rows too: scores on them are too good`,
      );
    }
  }
}

/** The texts of each row, as one text. */
function textsOf(split: Dataset, columns: readonly string[]): string[] {
  const texts = columns.map((name) => split.column(name));
  return Array.from(
    { length: split.length },
    (_, row) => JSON.stringify(texts.map((column) => column[row])),
  );
}

/**
 * Warns of rows that were truncated.
 *
 * @param data The splits, before tokenisation.
 * @param tokenized The same splits with `inputIds`.
 * @param tokenizer The tokenizer.
 * @param maxLength Tokens after which a row was truncated.
 * @param textColumns The text columns, one or two.
 */
export function warnAboutTruncation(
  data: DatasetDict,
  tokenized: DatasetDict,
  tokenizer: Tokenizer,
  maxLength: number,
  [first, second]: readonly string[],
): void {
  const isTruncated = (split: Dataset, row: number) => {
    const texts = split.at(row);
    const whole = tokenizer.encode(texts[first!], second && texts[second]);
    return whole.inputIds.length > maxLength;
  };
  const counts = data.names.map((name) => {
    const split = data.split(name);
    const lengths = tokenized.split(name).column("inputIds") as number[][];
    // Only a row of just as many tokens may have had more.
    const truncated = lengths.filter(({ length }, row) =>
      length === maxLength && isTruncated(split, row)
    ).length;
    return { name, truncated, rows: split.length };
  }).filter(({ truncated }) => truncated > 0);
  if (counts.length === 0) return;
  console.warn(
    `Warning: ${
      counts.map(({ name, truncated, rows }) =>
        `${truncated} of ${rows} rows of ${name}`
      ).join(", ")
    } have more than ${maxLength} tokens and were truncated`,
  );
}

/**
 * Warns of predictions that are all the same.
 *
 * @param predicted The distinct predictions of an epoch.
 */
export function warnAboutConstant(
  predicted: ReadonlySet<string | number>,
): void {
  if (predicted.size !== 1) return;
  console.warn(
    `Warning: every prediction is ${[
      ...predicted,
    ]}: so far the model is no better than a constant`,
  );
}
