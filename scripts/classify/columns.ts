/**
 * The columns of the user's own files: those of the flags, or the only ones that
 * can be meant.
 *
 * @module
 */
import type { Dataset } from "../../mod.ts";
import { requireColumns } from "../train/data_checks.ts";
import { TASKS } from "./tasks.ts";

/** Columns of texts and labels. */
export interface Columns {
  /** The text column, or the two columns of a pair. */
  readonly text: readonly string[];
  /** The label column, or a column of 0 and 1 for each label. */
  readonly label: readonly string[];
}

/** The flags that name columns. */
export interface ColumnFlags {
  /** `--text-columns`, one name or two. */
  readonly textColumns: string | undefined;
  /** `--label-column`, one name or several. */
  readonly labelColumn: string | undefined;
}

/** Names of label columns; those of a later line count where none of an earlier one is there. */
const LABEL_NAMES: readonly (readonly string[])[] = [
  ["label", "labels"],
  "class category intent target sentiment topic emotion tag tags categories rating stars score"
    .split(" "),
];

/** Names of the two columns of a pair. */
const PAIRS: readonly (readonly string[])[] = [
  ...Object.values(TASKS).map(({ textColumns }): readonly string[] =>
    textColumns
  ).filter(({ length }) => length === 2),
  ["text", "text_pair"],
  ["text1", "text2"],
  ["text_a", "text_b"],
  ["question", "answer"],
  ["query", "passage"],
];

/** Names of a text column. */
const TEXT_NAMES =
  "text texts sentence message content body review comment tweet utterance document question query description headline"
    .split(" ");

/** Two words, or two letters of a script without spaces. */
const PROSE =
  /\p{L}\S*\s+\S*\p{L}|[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}]{2}/u;

/** Distinct values of a label column whose name is not known, at most. */
const MAX_CLASSES = 100;

/**
 * Finds the columns of texts and labels. Without a flag a column counts if it alone
 * has a known name, or, where none has one, if it alone has texts or few values.
 *
 * @param table The rows.
 * @param flags The columns that are named.
 * @returns The columns.
 * @throws {RangeError} If a named column is missing, or several or none can be meant.
 */
export function findColumns(table: Dataset, flags: ColumnFlags): Columns {
  const given = {
    text: flags.textColumns?.split(","),
    label: flags.labelColumn?.split(","),
  };
  for (const kind of ["text", "label"] as const) {
    requireColumns(
      table,
      given[kind] ?? [],
      () => `name one of these with ${flagOf(kind)}`,
    );
  }
  const named = given.label ?? namedLabel(table, given.text ?? []);
  const text = given.text ?? guessText(table, named ?? []);
  const label = named ?? guessLabel(table, text);
  const same = text.find((name) => label.includes(name));
  if (same !== undefined) {
    throw new RangeError(
      `${table.source} has its texts and its labels in column "${same}": name different columns with --text-columns and --label-column`,
    );
  }
  return { text, label };
}

/**
 * Finds the only columns that can be those of the texts, where labels do not matter.
 *
 * @param table The rows.
 * @returns The column, or the two of a pair.
 * @throws {RangeError} If several or none can be meant.
 */
export function guessTextColumns(table: Dataset): readonly string[] {
  const names = LABEL_NAMES.flat();
  return guessText(
    table,
    table.columnNames.filter((name) => hasName(name, names)),
  );
}

/**
 * Tells whether a name is that of a column of texts or labels.
 *
 * @param name The name.
 * @returns Whether it is known.
 */
export function isColumnName(name: string): boolean {
  return hasName(name, [TEXT_NAMES, ...PAIRS, ...LABEL_NAMES].flat());
}

/**
 * Names columns for the user.
 *
 * @param columns The columns; no label where it does not matter.
 * @returns "Text column: a; label column: b".
 */
export function describeColumns(
  { text, label = [] }: Pick<Columns, "text"> & Partial<Columns>,
): string {
  const describe = (kind: string, names: readonly string[]) =>
    `${kind} ${names.length > 1 ? "columns" : "column"}: ${names.join(", ")}`;
  return [
    describe("Text", text),
    ...label.length > 0 ? [describe("label", label)] : [],
  ].join("; ");
}

function flagOf(kind: keyof Columns): string {
  return kind === "text" ? "--text-columns" : "--label-column";
}

function namedLabel(
  table: Dataset,
  text: readonly string[],
): readonly string[] | undefined {
  for (const names of LABEL_NAMES) {
    const found = table.columnNames
      .filter((name) => hasName(name, names) && !text.includes(name));
    if (found.length > 1) throw ambiguous(table, "label", found);
    if (found.length === 1) return found;
  }
  return undefined;
}

function guessLabel(
  table: Dataset,
  text: readonly string[],
): readonly string[] {
  const found = table.columnNames
    .filter((name) => !text.includes(name) && hasFewValues(table, name));
  if (found.length === 1) return found;
  throw ambiguous(table, "label", found);
}

function guessText(
  table: Dataset,
  label: readonly string[],
): readonly string[] {
  const columns = table.columnNames
    .filter((name) =>
      !label.includes(name) && stringsOf(table, name).length > 0
    );
  const pair = PAIRS.find((names) =>
    names.every((name) => columns.includes(name))
  );
  if (pair) return pair;
  const named = columns.filter((name) => hasName(name, TEXT_NAMES));
  const found = named.length > 0
    ? named
    : columns.filter((name) => isProse(stringsOf(table, name)));
  if (found.length === 1) return found;
  throw ambiguous(table, "text", found);
}

function hasName(column: string, names: readonly string[]): boolean {
  return names.includes(column.trim().toLowerCase());
}

/** Values that are text, and not empty. */
function stringsOf(table: Dataset, column: string): string[] {
  return table.column(column).filter((value): value is string =>
    typeof value === "string" && value.trim() !== ""
  );
}

/** Whether most values are words, and different. */
function isProse(texts: readonly string[]): boolean {
  const words = texts.filter((text) => PROSE.test(text)).length;
  return 2 * words > texts.length && 2 * new Set(texts).size > texts.length;
}

/** Whether each value stands for several rows. */
function hasFewValues(table: Dataset, column: string): boolean {
  const values = table.column(column).filter((value) =>
    /^(string|number|boolean)$/.test(typeof value) && `${value}`.trim() !== ""
  );
  const { size } = new Set(values);
  return size >= 2 && size <= MAX_CLASSES && 2 * size <= values.length;
}

function ambiguous(
  { source, columnNames }: Dataset,
  kind: keyof Columns,
  found: readonly string[],
): RangeError {
  const which = found.length > 0
    ? `${found.join(" or ")} may be that of the ${kind}s`
    : `none can be told to be that of the ${kind}s`;
  const several = kind === "text"
    ? "two for pairs"
    : "several of 0 and 1 for several labels a row";
  return new RangeError(
    `${source} has the columns ${
      columnNames.join(", ")
    }, and ${which}: name it with ${
      flagOf(kind)
    }, or ${several}, separated by commas`,
  );
}
