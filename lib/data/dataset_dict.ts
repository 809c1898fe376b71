/**
 * The splits of one task, transformed together.
 *
 * @module
 */
import { checkOptions } from "../check_options.ts";
import { INSPECT } from "../inspect.ts";
import {
  type Dataset,
  MAP_EXAMPLE,
  MAP_OPTIONS,
  type MapOptions,
  type Row,
} from "./dataset.ts";

/**
 * The data sets of a task by split: `train`, `validation`, `test`, or others
 * such as `validation_mismatched`.
 */
export type Splits = Readonly<Record<string, Dataset | undefined>>;

/** The splits of a task: usually train, validation and test. */
export class DatasetDict {
  readonly #splits: ReadonlyMap<string, Dataset>;

  /** Makes a dictionary of splits, keeping their order; undefined ones are skipped. */
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

  /** The training split; throws a `RangeError` if there is none. */
  get train(): Dataset {
    return this.split("train");
  }

  /** The validation split; throws a `RangeError` if there is none. */
  get validation(): Dataset {
    return this.split("validation");
  }

  /** The test split; `undefined` if there is none. */
  get test(): Dataset | undefined {
    return this.#splits.get("test");
  }

  /**
   * Returns a split by name.
   *
   * @param name The split, such as `validation_mismatched`.
   * @returns The data set of the split.
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
   * Applies a function to every row of every split: see {@linkcode Dataset.map}.
   *
   * @param fn Takes a row and its index in its split; returns the columns to add.
   * @param options Progress reporting, counted over all splits.
   * @returns The splits with the added columns.
   * @throws {Error} As `Dataset.map`.
   */
  map(
    fn: (row: Row, index: number) => object,
    options: MapOptions = {},
  ): DatasetDict {
    checkOptions("map the splits", options, MAP_OPTIONS, MAP_EXAMPLE);
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
   * Removes columns from every split.
   *
   * @param names The columns.
   * @returns The splits without these columns.
   * @throws {RangeError} If a split has no such column.
   */
  removeColumns(names: readonly string[]): DatasetDict {
    return this.#each((split) => split.removeColumns(names));
  }

  /**
   * Renames a column in every split.
   *
   * @param name The column.
   * @param newName The new name.
   * @returns The splits with the renamed column.
   * @throws {RangeError} If a split has no column `name`, or already has one named `newName`.
   */
  renameColumn(name: string, newName: string): DatasetDict {
    return this.#each((split) => split.renameColumn(name, newName));
  }

  /** Rows of each split, and the columns, for `console.log`. */
  [INSPECT](): string {
    const columns = new Set<string>();
    const rows = Array.from(this.#splits, ([name, split]) => {
      for (const column of split.columnNames) columns.add(column);
      return `${name}: ${split.length} rows`;
    });
    return `DatasetDict { ${rows.join(", ")}; columns ${
      [...columns].join(", ")
    } }`;
  }

  /** Transforms every split; if that fails and their columns differ, the error lists them. */
  #each(transform: (split: Dataset) => Dataset): DatasetDict {
    try {
      return new DatasetDict(
        Object.fromEntries(
          Array.from(this.#splits, ([name, split]) => [name, transform(split)]),
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
