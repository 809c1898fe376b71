/**
 * The splits of one task, changed together.
 *
 * @module
 */
import type { Dataset, MapOptions, Row } from "./dataset.ts";

/** The data sets of a task, by the name of their split. */
export interface Splits {
  /** What a model is trained on. */
  train: Dataset;
  /** What it is evaluated on while it is trained. */
  validation: Dataset;
  /** What it is evaluated on at the end, where there is such data. */
  test?: Dataset;
}

/** A task's splits: train, validation and perhaps test. */
export class DatasetDict implements Splits {
  /** What a model is trained on. */
  readonly train: Dataset;
  /** What it is evaluated on while it is trained. */
  readonly validation: Dataset;
  /** What it is evaluated on at the end, where there is such data. */
  readonly test?: Dataset;

  /** Puts splits together. */
  constructor({ train, validation, test }: Splits) {
    this.train = train;
    this.validation = validation;
    if (test) this.test = test;
  }

  /**
   * Calls a function on every row of every split: see {@linkcode Dataset.map}.
   *
   * @param fn Gets a row and its place in its split; gives the columns to add.
   * @param options Whom to tell about the progress, counted over all splits.
   * @returns The wider splits.
   * @throws {Error} As `Dataset.map`.
   */
  map(
    fn: (row: Row, index: number) => object,
    options: MapOptions = {},
  ): DatasetDict {
    const { onProgress } = options;
    const total = this.#splits()
      .reduce((rows, [, { length }]) => rows + length, 0);
    let before = 0;
    return this.#each((split) => {
      const mapped = split.map(
        fn,
        onProgress
          ? { onProgress: (done) => onProgress(before + done, total) }
          : {},
      );
      before += split.length;
      return mapped;
    });
  }

  /**
   * Leaves columns out of every split.
   *
   * @param names The columns.
   * @returns The narrower splits.
   * @throws {RangeError} If a split has no such column.
   */
  removeColumns(names: readonly string[]): DatasetDict {
    return this.#each((split) => split.removeColumns(names));
  }

  /**
   * Gives a column of every split another name.
   *
   * @param name The column.
   * @param newName Its name from now on.
   * @returns The splits with that name.
   * @throws {RangeError} If a split has no column `name`, or has one called `newName`.
   */
  renameColumn(name: string, newName: string): DatasetDict {
    return this.#each((split) => split.renameColumn(name, newName));
  }

  #splits(): [name: string, split: Dataset][] {
    const { train, validation, test } = this;
    const splits: [string, Dataset][] = [
      ["train", train],
      ["validation", validation],
    ];
    return test ? [...splits, ["test", test]] : splits;
  }

  /** Changes every split; where that fails and their columns differ, the error says so. */
  #each(change: (split: Dataset) => Dataset): DatasetDict {
    const columns = this.#splits()
      .map(([name, split]) => `${name} has ${split.columnNames.join(", ")}`);
    try {
      return new DatasetDict(
        Object.fromEntries(
          this.#splits().map(([name, split]) => [name, change(split)]),
        ) as unknown as Splits,
      );
    } catch (error) {
      const names = this.#splits().map(([, split]) => `${split.columnNames}`);
      if (error instanceof Error && new Set(names).size > 1) {
        error.message += `; the splits differ: ${columns.join("; ")}`;
      }
      throw error;
    }
  }
}
