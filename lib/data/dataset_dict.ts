/**
 * The splits of one task, changed together.
 *
 * @module
 */
import type { Dataset, MapOptions, Row } from "./dataset.ts";

/**
 * The data sets of a task by the name of their split: `train`, `validation`,
 * `test`, or others such as `validation_mismatched`.
 */
export type Splits = Readonly<Record<string, Dataset | undefined>>;

/** A task's splits: train, validation and perhaps test, or others by their names. */
export class DatasetDict {
  readonly #splits: ReadonlyMap<string, Dataset>;

  /** Puts splits together, in their order. */
  constructor(splits: Splits) {
    this.#splits = new Map(
      Object.entries(splits).flatMap(([name, split]) =>
        split ? [[name, split]] : []
      ),
    );
  }

  /** Names of the splits, in order. */
  get names(): string[] {
    return [...this.#splits.keys()];
  }

  /** What a model is trained on; an error where there is no such split. */
  get train(): Dataset {
    return this.split("train");
  }

  /** What it is evaluated on while it is trained; an error where there is no such split. */
  get validation(): Dataset {
    return this.split("validation");
  }

  /** What it is evaluated on at the end, where there is such data. */
  get test(): Dataset | undefined {
    return this.#splits.get("test");
  }

  /**
   * Gives a split by its name.
   *
   * @param name The split, such as `validation_mismatched`.
   * @returns Its data set.
   * @throws {RangeError} If there is no such split.
   */
  split(name: string): Dataset {
    const split = this.#splits.get(name);
    if (split) return split;
    throw new RangeError(
      `There is no split "${name}": the splits are ${
        this.names.join(", ") || "none"
      }`,
    );
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
    const total = [...this.#splits.values()]
      .reduce((rows, { length }) => rows + length, 0);
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

  /** Changes every split; where that fails and their columns differ, the error says so. */
  #each(change: (split: Dataset) => Dataset): DatasetDict {
    try {
      return new DatasetDict(
        Object.fromEntries(
          Array.from(this.#splits, ([name, split]) => [name, change(split)]),
        ),
      );
    } catch (error) {
      const columns = Array.from(
        this.#splits,
        ([name, split]) => [name, split.columnNames.join(", ")],
      );
      if (
        error instanceof Error &&
        new Set(columns.map(([, all]) => all)).size > 1
      ) {
        error.message += `; the splits differ: ${
          columns.map(([name, all]) => `${name} has ${all}`).join("; ")
        }`;
      }
      throw error;
    }
  }
}
