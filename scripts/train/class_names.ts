/**
 * Class names of data and of models: which of them are names, and which class of
 * the one is which of the other.
 *
 * Source: https://github.com/huggingface/transformers/blob/main/examples/pytorch/text-classification/run_glue.py
 *
 * @module
 */
import { type Dataset, numericLabels } from "../../mod.ts";

/** Names that a message lists; the rest is counted. */
const LISTED = 12;

/**
 * Leaves out names that only number the classes: LABEL_0, LABEL_1, … or 0, 1, …
 *
 * @param names Names by number.
 * @returns The names; `undefined` if there are none.
 */
export function realNames(
  names: readonly string[] | undefined,
): readonly string[] | undefined {
  const isNumbered = names?.every((name, i) =>
    name.toLowerCase() === `label_${i}` || name === `${i}`
  );
  return isNumbered ? undefined : names;
}

/**
 * Finds the classes of data among those of a model: names that are the same set,
 * in upper or lower case.
 *
 * @param data Names of the data by number.
 * @param model Names of the model by number.
 * @returns The model's number of each class of the data; `undefined` if the sets differ.
 */
export function matchNames(
  data: readonly string[],
  model: readonly string[],
): readonly number[] | undefined {
  if (data.length !== model.length) return undefined;
  const find = nameFinder(model);
  const numbers = data.map((name) => find(name) ?? -1);
  const isSameSet = new Set(numbers).size === model.length &&
    !numbers.includes(-1);
  return isSameSet ? numbers : undefined;
}

/**
 * Makes a function that finds the number of a name: the same name, else the only
 * one that is the same but for upper and lower case.
 *
 * @param names Names by number.
 * @returns The function; it returns `undefined` if there is no such name.
 */
export function nameFinder(
  names: readonly string[],
): (name: string) => number | undefined {
  const exact = new Map(names.map((name, i) => [name, i]));
  const folded = Map.groupBy(names.keys(), (i) => names[i]!.toLowerCase());
  return (name) => {
    const similar = folded.get(name.toLowerCase()) ?? [];
    return exact.get(name) ?? (similar.length === 1 ? similar[0] : undefined);
  };
}

/**
 * Lists names for a message.
 *
 * @param names The names.
 * @returns The first of them, and how many more there are.
 */
export function listNames(names: readonly unknown[]): string {
  const more = names.length - LISTED;
  const list = names.slice(0, LISTED).map(display).join(", ");
  return more > 0 ? `${list} and ${more} more` : list;
}

/** A name as a message shows it: in quotes if some of its characters cannot be seen. */
function display(name: unknown): string {
  const isPlain = !/^\s|\s$|^$|[^\S ]|[\p{Cc}\p{Cf}]/u.test(`${name}`);
  return isPlain ? `${name}` : escape(`${name}`);
}

function escape(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[^\S ]|[\p{Cc}\p{Cf}]/gu,
    (c) => `\\u${c.codePointAt(0)!.toString(16).padStart(4, "0")}`,
  );
}

/**
 * Makes a function that reads the labels of a table. Text is read as numbers if it
 * holds only numbers, in all tables of the task: else a split with the codes 01
 * and 02 alone would differ from one with 01, 02 and x.
 *
 * @param tables The tables of the task.
 * @param column The label column.
 * @returns The function; it returns one label per row of one of the tables.
 */
export function labelReader(
  tables: readonly Dataset[],
  column: string,
): (table: Dataset) => readonly unknown[] {
  const texts = tables
    .map((table) => table.column(column))
    .filter((values) => values.every((value) => typeof value === "string"));
  const areNumbers = numericLabels(texts.flat()) !== undefined;
  return (table) => {
    const values = table.column(column);
    if (!areNumbers || table.labelNames(column)) return values;
    return numericLabels(values) ?? values;
  };
}

/** Class names, and where they are from. */
export interface NameSource {
  /** A file, or GLUE. */
  readonly source: string | undefined;
  /** Names by number. */
  readonly names: readonly string[];
}

/**
 * Reads the class names that are stored in files, which must be the same
 * everywhere, and those of a task if it has any.
 *
 * @param splits The splits.
 * @param column The label column.
 * @param others Names that those of the files must equal.
 * @returns The names; `undefined` if no file has any.
 * @throws {RangeError} If the names differ.
 */
export function namesInFiles(
  splits: readonly Dataset[],
  column: string,
  others: readonly NameSource[] = [],
): readonly string[] | undefined {
  const inFiles = splits.flatMap((split): NameSource[] => {
    const names = split.labelNames(column);
    return names ? [{ source: split.source, names }] : [];
  });
  const [first, ...rest] = [...inFiles, ...others];
  for (const other of rest) {
    if (`${other.names}` === `${first!.names}`) continue;
    throw new RangeError(
      `The labels of ${first!.source} are ${
        listNames(first!.names)
      }, those of ${other.source} are ${
        listNames(other.names)
      }: they must be the same, in the same order`,
    );
  }
  return first?.names;
}
