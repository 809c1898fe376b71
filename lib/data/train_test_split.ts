/**
 * Divides a data set at random into rows to train and rows to test: in the
 * proportions of the classes, and with equal rows on one side.
 *
 * The number of test rows of each class is its share, rounded by the method of
 * largest remainders: https://en.wikipedia.org/wiki/Largest_remainder_method
 *
 * @module
 */
import { checkOptions, type OptionNames } from "../check_options.ts";
import { Random } from "../random.ts";
import type { Dataset } from "./dataset.ts";
import { DatasetDict } from "./dataset_dict.ts";
import { rowKeys } from "./duplicates.ts";

/** Options of {@linkcode trainTestSplit}. */
export interface TrainTestSplitOptions {
  /**
   * Rows to test: a share of all between 0 and 1, rounded up to whole rows, or a
   * number of rows from 1.
   */
  testSize: number;
  /**
   * A column of classes: each has its share of the test rows.
   *
   * @default none: the classes are not regarded
   */
  stratifyBy?: string;
  /**
   * A column, such as that of the text, or several: rows that have the same values
   * in them, as {@linkcode findDuplicates} compares them, are all to train or all
   * to test.
   *
   * @default none: rows are independent of each other
   */
  groupBy?: string | readonly string[];
  /** Seed of the choice, a whole number from 0. */
  seed: number;
}

const OPTIONS: OptionNames<TrainTestSplitOptions> = {
  testSize: true,
  stratifyBy: true,
  groupBy: true,
  seed: true,
};

/** The splits `train` and `test`, which both have rows. */
export type TrainTestSplit = DatasetDict & { readonly test: Dataset };

/** Rows that stay together. */
type Group = number[];

/**
 * Divides a data set at random into `train` and `test`, as `train_test_split` of
 * scikit-learn and datasets. Both parts keep the order of the rows. The same
 * data, options and seed give the same parts.
 *
 * With `stratifyBy`, the test rows of each class are its share, rounded up or
 * down to a whole row. Each class keeps a row to train, so that of a class of one
 * row is never to test, and the test part is smaller where many classes are so small.
 *
 * With `groupBy`, groups are taken in random order as long as they fit. Where
 * those that are left are too large, one more is taken if that brings the sizes
 * closer to the request.
 *
 * @param dataset The rows.
 * @param options Size of the test part, classes, groups, and seed.
 * @returns The two splits.
 * @throws {RangeError} If `testSize` leaves no rows to train or to test, if the
 * classes or groups do, if a column is missing, or if `stratifyBy` has lists.
 * @throws {TypeError} If an option has an unknown name.
 */
export function trainTestSplit(
  dataset: Dataset,
  options: TrainTestSplitOptions,
): TrainTestSplit {
  const name = dataset.source ?? "the data set";
  checkOptions(`split ${name}`, options, OPTIONS);
  const { testSize, stratifyBy, groupBy, seed } = options;
  const size = testRows(testSize, dataset.length, name);
  const classes = stratifyBy === undefined
    ? new Array<number>(dataset.length).fill(0)
    : classesOf(dataset, stratifyBy, name);
  const columns = typeof groupBy === "string" ? [groupBy] : groupBy;
  const groups = groupsOf(classes, columns && rowKeys(dataset, columns));
  const random = new Random(seed);
  const targets = shares(classes, size, random);
  const order = Array.from(random.permutation(groups.length));
  const chosen = choose(order.map((i) => groups[i]!), targets, classes);
  if (chosen.length === 0) {
    throw new RangeError(
      `Cannot split ${name} into rows to train and ${size} to test: ${
        stratifyBy === undefined
          ? "all rows are the same by groupBy"
          : `no class of "${stratifyBy}" has a row to spare`
      }; leave out ${stratifyBy === undefined ? "groupBy" : "stratifyBy"}`,
    );
  }
  const test = new Set(chosen.flat());
  const rows = Array.from({ length: dataset.length }, (_, row) => row);
  return new DatasetDict({
    train: dataset.select(rows.filter((row) => !test.has(row))),
    test: dataset.select(rows.filter((row) => test.has(row))),
  }) as TrainTestSplit;
}

/** Returns the number of rows to test. */
function testRows(testSize: number, length: number, name: string): number {
  const isShare = testSize > 0 && testSize < 1;
  // 0.07 · 100 is 7.000000000000001.
  const size = isShare ? Math.ceil(testSize * length - 1e-9) : testSize;
  if (Number.isInteger(size) && size >= 1 && size < length) return size;
  throw new RangeError(
    `Cannot split ${name} of ${length} rows with testSize ${testSize}: it must be a share between 0 and 1, or a number of rows from 1, and leave rows to train`,
  );
}

/** Numbers the classes of a column, by row, in the order of their first rows. */
function classesOf(dataset: Dataset, column: string, name: string): number[] {
  const numbers = new Map<unknown, number>();
  return dataset.column(column).map((value, row) => {
    if (typeof value === "object" && value !== null) {
      throw new RangeError(
        `Cannot split ${name} by column "${column}": row ${row} has ${
          JSON.stringify(value)
        }, and each row must have one class; leave out stratifyBy`,
      );
    }
    if (!numbers.has(value)) numbers.set(value, numbers.size);
    return numbers.get(value)!;
  });
}

/** Groups rows by their keys; without keys each row is a group. */
function groupsOf(
  classes: readonly number[],
  keys: readonly string[] | undefined,
): Group[] {
  if (!keys) return classes.map((_, row) => [row]);
  const groups = new Map<string, Group>();
  keys.forEach((key, row) => {
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  });
  return [...groups.values()];
}

/** Returns the number of rows to test of each class, by the method of largest remainders. */
function shares(
  classes: readonly number[],
  size: number,
  random: Random,
): number[] {
  const counts = countsOf(classes);
  const { length } = classes;
  const remainders = counts.map((count) => count * size % length);
  const targets = counts.map((count, of) =>
    (count * size - remainders[of]!) / length
  );
  let left = size - targets.reduce((sum, target) => sum + target, 0);
  // Of equal remainders the seed chooses: the sort is stable.
  const byRemainder = Array.from(random.permutation(counts.length))
    .sort((a, b) => remainders[b]! - remainders[a]!);
  for (const of of byRemainder) {
    const canSpare = targets[of]! + 1 < counts[of]!;
    if (left === 0 || !canSpare) continue;
    targets[of]!++;
    left--;
  }
  return targets;
}

function countsOf(classes: readonly number[]): number[] {
  const counts: number[] = [];
  for (const of of classes) counts[of] = (counts[of] ?? 0) + 1;
  return counts;
}

/** Chooses groups, in the order given, whose rows by class come close to the targets. */
function choose(
  groups: readonly Group[],
  targets: readonly number[],
  classes: readonly number[],
): Group[] {
  const counts = countsOf(classes);
  const missing = [...targets];
  const chosen: Group[] = [];
  const rest: Group[] = [];
  for (const group of groups) {
    let fitting = 0;
    while (fitting < group.length && missing[classes[group[fitting]!]!]! > 0) {
      missing[classes[group[fitting++]!]!]!--;
    }
    if (fitting === group.length) chosen.push(group);
    else {
      rest.push(group);
      while (fitting > 0) missing[classes[group[--fitting]!]!]!++;
    }
  }
  rest.sort((a, b) => a.length - b.length);
  for (const group of rest) {
    if (chosen.length > 0 && missing.every((count) => count <= 0)) break;
    const after = [...missing];
    for (const row of group) after[classes[row]!]!--;
    const distance = (left: number[]) =>
      left.reduce((sum, count) => sum + Math.abs(count), 0);
    const isCloser = distance(after) < distance(missing);
    const leavesRows = after.every((count, of) =>
      targets[of]! - count < counts[of]!
    );
    if (!leavesRows || (chosen.length > 0 && !isCloser)) continue;
    chosen.push(group);
    missing.splice(0, missing.length, ...after);
  }
  return chosen;
}
