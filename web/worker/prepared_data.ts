/**
 * From a table to rows with a class each, to train and to hold out.
 *
 * @module
 */
import {
  Dataset,
  DatasetDict,
  findDuplicates,
  trainTestSplit,
} from "../../mod.ts";
import { missingLabels } from "../../scripts/classify/missing_rows.ts";
import type { DataChoice, DataSummary, Texts } from "../messages.ts";
import { type Table, textOf } from "./table.ts";

/** A row that is used. */
export interface LabelledRow {
  /** Number of the row in the table, from 0. */
  readonly row: number;
  readonly texts: Texts;
  /** Number of its class. */
  readonly label: number;
}

/** Rows to train, rows that are held out, and their classes. */
export interface PreparedData {
  readonly name: string;
  readonly classes: readonly string[];
  readonly train: readonly LabelledRow[];
  readonly heldOut: readonly LabelledRow[];
  readonly summary: DataSummary;
}

/** Seed of all choices by chance. */
export const SEED = 42;

const MAX_CLASSES = 100;

/** Rows that are used: more take hours in a browser, and teach little more. */
const MAX_ROWS = 50_000;

/** A row before its class has a number. */
interface NamedRow extends Omit<LabelledRow, "label"> {
  readonly name: string;
}

/**
 * Selects the rows with text and class, and holds some out: of each class its
 * share, and rows with the same text on one side.
 *
 * @param table The table.
 * @param choice The columns, and the share that is held out.
 * @returns The rows.
 * @throws {Error} If they are no classes, in words for the user.
 */
export function prepare(table: Table, choice: DataChoice): PreparedData {
  const used = usedRows(table, choice);
  const { classes, rows, withoutText, withoutLabel, undrawn } = used;
  const keys = choice.text.map((_, i) => `text${i}`);
  const dataset = new Dataset({
    row: rows.map((_, i) => i),
    label: rows.map(({ label }) => label),
    ...Object.fromEntries(
      keys.map((key, i) => [key, rows.map(({ texts }) => texts[i])]),
    ),
  });
  const { train, test } = trainTestSplit(dataset, {
    testSize: choice.heldOut,
    stratifyBy: "label",
    groupBy: keys,
    seed: SEED,
  });
  const pick = (part: Dataset) =>
    (part.column("row") as number[]).map((i) => rows[i]!);
  const alike = findDuplicates(new DatasetDict({ rows: dataset }), keys)
    .map(({ rows }) => rows.map(({ row }) => row));
  const counts = countsOf(rows, classes);
  const contradictory = alike.filter((group) =>
    new Set(group.map((row) => rows[row]!.label)).size > 1
  );
  return {
    name: table.name,
    classes,
    train: pick(train),
    heldOut: pick(test),
    summary: {
      choice,
      classes: classes.map((name, i) => ({ name, count: counts[i]! })),
      trainRows: train.length,
      heldOutRows: test.length,
      withoutText,
      withoutLabel,
      undrawn,
      duplicates: alike.flat().length,
      contradictions: contradictory.flat().length,
      words: countWords(rows),
    },
  };
}

/**
 * Counts the rows of each class.
 *
 * @param rows The rows.
 * @param classes Names of the classes.
 * @returns A number for each.
 */
export function countsOf(
  rows: readonly LabelledRow[],
  classes: readonly string[],
): number[] {
  const counts = classes.map(() => 0);
  for (const { label } of rows) counts[label]!++;
  return counts;
}

function usedRows({ rows: table }: Table, { text, label }: DataChoice) {
  const isMissing = missingLabels([table], label);
  const names = table.labelNames(label);
  const texts = text.map((name) => table.column(name).map(textOf));
  const labels = table.column(label);
  const found: NamedRow[] = [];
  let [withoutText, withoutLabel] = [0, 0];
  for (let i = 0; i < table.length; i++) {
    const own = texts.map((column) => column[i]!);
    if (own.every((value) => value.trim() === "")) withoutText++;
    else if (isMissing(labels[i], table)) withoutLabel++;
    else {
      const name = names?.[labels[i] as number] ?? textOf(labels[i]).trim();
      found.push({ row: i, texts: own, name });
    }
  }
  checkClasses(classesOf(found, names), found.length, label);
  const drawn = draw(found);
  const classes = classesOf(drawn, names);
  const numbers = new Map(classes.map((name, i) => [name, i]));
  const rows = drawn.map(({ name, ...row }): LabelledRow => ({
    ...row,
    label: numbers.get(name)!,
  }));
  const undrawn = found.length - drawn.length;
  return { classes, rows, withoutText, withoutLabel, undrawn };
}

/** Draws rows of each class by its share, where there are too many. */
function draw(rows: readonly NamedRow[]): readonly NamedRow[] {
  if (rows.length <= MAX_ROWS) return rows;
  const { test } = trainTestSplit(
    new Dataset({
      row: rows.map((_, i) => i),
      name: rows.map(({ name }) => name),
    }),
    { testSize: MAX_ROWS, stratifyBy: "name", seed: SEED },
  );
  return (test.column("row") as number[]).map((i) => rows[i]!);
}

/** In the order of the file, if it names its classes; else of numbers, or of letters. */
function classesOf(
  rows: readonly NamedRow[],
  stored: readonly string[] | undefined,
): string[] {
  const classes = new Set(rows.map(({ name }) => name));
  if (stored) return stored.filter((name) => classes.has(name));
  const collator = new Intl.Collator("en", { numeric: true });
  return [...classes].sort(collator.compare);
}

function checkClasses(
  classes: readonly string[],
  rows: number,
  column: string,
): void {
  if (rows === 0) {
    throw new Error(
      `No row has both a text and a value in “${column}”: choose other columns`,
    );
  }
  if (classes.length === 1) {
    throw new Error(
      `All rows have the same value in “${column}”, ${
        classes[0]
      }: there is nothing to tell apart, so choose another column or add rows of other classes`,
    );
  }
  if (classes.length > MAX_CLASSES || 2 * classes.length > rows) {
    throw new Error(
      `“${column}” has ${classes.length} different values in ${rows} rows: a column of classes has a few values that come again and again, so choose another`,
    );
  }
}

function countWords(rows: readonly LabelledRow[]): DataSummary["words"] {
  const counts = rows.map(({ texts }) =>
    texts.join(" ").split(/\s+/).filter((word) => word !== "").length
  ).sort((a, b) => a - b);
  return { median: counts[counts.length >> 1]!, longest: counts.at(-1)! };
}
