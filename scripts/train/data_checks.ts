/**
 * Checks of a data set, before anything is computed with it.
 *
 * @module
 */
import type { Dataset, DatasetDict } from "../../mod.ts";

/**
 * Checks that a table has the columns that are needed.
 *
 * @param table The table.
 * @param needed The column names.
 * @param remedy Returns the remedy for a missing column.
 * @throws {RangeError} If it lacks one, or cannot read its type.
 */
export function requireColumns(
  table: Dataset,
  needed: readonly string[],
  remedy: (missing: string) => string,
): void {
  const { source, columnNames, unsupportedColumns } = table;
  const missing = needed.find((name) => !columnNames.includes(name));
  if (missing === undefined) return;
  if (unsupportedColumns.has(missing)) table.column(missing); // throws its reason
  throw new RangeError(
    `${source} has no column "${missing}", only ${columnNames.join(", ")}: ${
      remedy(missing)
    }`,
  );
}

/**
 * Checks that a data set has the columns that a script needs.
 *
 * @param data The data set.
 * @param needed The column names.
 * @throws {RangeError} If a split lacks one.
 */
export function checkColumns(
  data: DatasetDict,
  needed: readonly string[],
): void {
  for (const split of [data.train, data.validation, data.test]) {
    if (!split) continue;
    requireColumns(split, needed, () => pairRemedy(needed, "…"));
  }
}

/**
 * The remedy for a table without the columns of pairs.
 *
 * @param needed The column names.
 * @param path The value of `--data` that trains on other columns.
 * @returns The remedy.
 */
export function pairRemedy(needed: readonly string[], path: string): string {
  return `name its columns as GLUE does, ${
    needed.join(", ")
  }, or train on texts of your own with deno task classify --data ${path}`;
}

/**
 * Checks that the labels of training and validation are 0 or 1.
 *
 * @param data The data set.
 * @param column The label column.
 * @throws {RangeError} If a label is neither.
 */
export function checkLabels(
  { train, validation }: DatasetDict,
  column: string,
): void {
  for (const split of [train, validation]) {
    const labels = split.column(column);
    if (labels.every((label) => label === 0 || label === 1)) continue;
    // One word turns a column of numbers into text: name the word, not row 0.
    const word = labels.findIndex((label) => !/^[01]$/.test(`${label}`));
    const row = Math.max(word, 0);
    throw new RangeError(
      `${split.source} has label ${
        JSON.stringify(labels[row])
      } in row ${row}, and labels must be the numbers 0 or 1: correct it, or train on labels of your own with deno task classify --data … --text-columns sentence1,sentence2`,
    );
  }
}

/**
 * Checks that a model takes every row.
 *
 * @param data The data set, tokenised.
 * @param config The sizes of the model.
 * @throws {RangeError} If a row is too long, or a token id is outside the vocabulary.
 */
export function checkFits(
  data: DatasetDict,
  config: {
    readonly maxSeqLength: number;
    readonly vocabSize: number;
  },
): void {
  const { maxSeqLength, vocabSize } = config;
  for (const split of data.names.map((name) => data.split(name))) {
    (split.column("inputIds") as number[][]).forEach((ids, row) => {
      if (ids.length > maxSeqLength) {
        throw new RangeError(
          `${split.source} has ${ids.length} tokens in row ${row}, and the model takes ${maxSeqLength}: use --max-length ${maxSeqLength}`,
        );
      }
      const unknown = ids.find((id) => id >= vocabSize);
      if (unknown !== undefined) {
        throw new RangeError(
          `${split.source} has token ${unknown} in row ${row}, and the vocabulary of the model has ${vocabSize}: its tokenizer.json belongs to another model`,
        );
      }
    });
  }
}
