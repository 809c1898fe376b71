/**
 * Divides the rows of one file into splits.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import {
  Dataset,
  DatasetDict,
  findDuplicates,
  trainTestSplit,
} from "../../mod.ts";

/** Share of the rows for validation, unless `--validation-split` is given. */
const VALIDATION_SPLIT = 0.1;

/** Column with the number of each row in its file, from 0. */
export const ROW = "__row__";

/** Sizes and columns of {@linkcode divide}. */
export interface DivideOptions {
  /** Share of the rows for validation; undefined for a tenth. */
  readonly validationSplit?: number | undefined;
  /** Share of the rows to test; none by default. */
  readonly testSplit?: number | undefined;
  /** Seed of the choice. */
  readonly seed: number;
  /** The text columns: rows that have the same texts are in one split. */
  readonly textColumns: readonly string[];
  /** A column of classes, which have the same shares of each split; none if the labels are no classes. */
  readonly stratifyBy?: string | undefined;
}

/**
 * Adds the number of each row in its file, if it has none yet.
 *
 * @param rows The rows of a file.
 * @returns The rows with a column {@linkcode ROW}.
 */
export function withRowNumbers(rows: Dataset): Dataset {
  if (rows.columnNames.includes(ROW)) return rows;
  return rows.map((_, row) => ({ [ROW]: row }));
}

/**
 * Divides one file at random, by a seed, into rows to train, for validation and,
 * if asked for, to test. Prints their numbers, and how many rows share a text.
 *
 * @param file The rows.
 * @param path The path of the file, for messages.
 * @param options Sizes and columns.
 * @returns The splits, with the row numbers of the file.
 * @throws {RangeError} If the file has too few rows, or they all have the same text.
 */
export function divide(
  file: Dataset,
  path: string,
  options: DivideOptions,
): DatasetDict {
  const { validationSplit = VALIDATION_SPLIT, testSplit = 0 } = options;
  const { seed, textColumns, stratifyBy } = options;
  const rows = withRowNumbers(file);
  const { length } = rows;
  // 0.07 · 100 is 7.000000000000001.
  const held = (share: number) => Math.ceil(share * length - 1e-9);
  const [forValidation, forTest] = [held(validationSplit), held(testSplit)];
  if (forValidation === 0 || forValidation + forTest >= length) {
    const test = testSplit > 0
      ? ` and --test-split ${testSplit} ${forTest}`
      : "";
    throw new RangeError(
      `--data ${path} is one file of ${length} rows, and --validation-split ${validationSplit} of them is ${forValidation}${test}: it needs rows for training and for validation`,
    );
  }
  const take = (from: Dataset, testSize: number) => {
    try {
      return trainTestSplit(from, {
        ...{ testSize, groupBy: textColumns, seed },
        ...stratifyBy !== undefined && { stratifyBy },
      });
    } catch (cause) { // it names options, not flags
      throw new RangeError(
        `--data ${path} cannot be divided, and rows with the same text stay together: ${
          stratifyBy === undefined
            ? "all rows have the same text"
            : `without those of any one text, a label of column "${stratifyBy}" has no row left to train`
        }; add other texts, or give a folder with train and validation`,
        { cause },
      );
    }
  };
  const whole = forTest > 0 ? take(rows, forTest) : undefined;
  const { train, test: validation } = take(whole?.train ?? rows, forValidation);
  const splits = [
    ["train", "training", train],
    ["validation", "validation", validation],
    ...whole ? [["test", "testing", whole.test] as const] : [],
  ] as const;
  const counts = splits.map(([, name, { length }], i) =>
    i === 0 ? `${length} rows for ${name}` : `${length} for ${name}`
  );
  console.log(`${path}: ${counts.join(", ")}`);
  const alike = findDuplicates(new DatasetDict({ file: rows }), textColumns)
    .reduce((sum, { rows }) => sum + rows.length, 0);
  if (alike > 0) {
    console.log(
      `${alike} of the rows have the text of another: rows with the same text are in one split`,
    );
  }
  return new DatasetDict(Object.fromEntries(
    splits.map(([split, name, rows]) => [
      split,
      withSource(rows, `${path}, ${name} rows,`),
    ]),
  ));
}

/** The same rows with another source, for errors. */
function withSource(rows: Dataset, source: string): Dataset {
  const columns = rows.columnNames
    .map((name) => [name, rows.column(name)] as const);
  const labelNames = rows.columnNames.flatMap((name) => {
    const names = rows.labelNames(name);
    return names ? [[name, names] as const] : [];
  });
  return new Dataset(Object.fromEntries(columns), {
    source,
    labelNames: Object.fromEntries(labelNames),
    unsupportedColumns: rows.unsupportedColumns,
  });
}
