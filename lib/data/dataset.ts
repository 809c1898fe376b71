/**
 * Tables of examples, stored by column and read by row, as in Hugging Face's
 * datasets. A data set is immutable; each method returns a new one that shares
 * the columns.
 *
 * @module
 */
import { checkOptions, type OptionNames } from "../check_options.ts";
import { INSPECT } from "../inspect.ts";
import { Random } from "../random.ts";
import {
  checkIsSupported,
  rowPrototype,
  type UnsupportedColumns,
} from "./unsupported_columns.ts";
import type { Column, DatasetInfo, Row } from "./row.ts";

export type { Column, DatasetInfo, Row };

/** Options of {@linkcode Dataset.map}. */
export interface MapOptions {
  /**
   * Called after each row with the number of rows done and the total.
   *
   * @default no reporting
   */
  onProgress?: (done: number, total: number) => void;
}

/** Names of the options of `map`. */
export const MAP_OPTIONS: OptionNames<MapOptions> = {
  onProgress: true,
};

/** Options of `map`, for errors. */
export const MAP_EXAMPLE = "{ onProgress: (done, total) => … }";

/** A table of examples, read by row. */
export class Dataset {
  /** Number of rows. */
  readonly length: number;
  #columns: Map<string, Column>;
  #info: DatasetInfo;
  #prototype: object;

  /**
   * Makes a data set from columns, without copying them.
   *
   * @param columns The columns by name, all of one length.
   * @param info Source and class names, if known.
   * @throws {RangeError} If the columns differ in length.
   */
  constructor(columns: Record<string, Column>, info: DatasetInfo = {}) {
    this.#columns = new Map(Object.entries(columns));
    this.#info = info;
    this.#prototype = rowPrototype(this.#name(), this.unsupportedColumns);
    const [first, ...others] = this.#columns;
    this.length = first?.[1].length ?? 0;
    for (const [name, { length }] of others) {
      if (length !== this.length) {
        throw new RangeError(
          `Cannot make a data set: column "${name}" has ${length} rows and column "${
            first![0]
          }" has ${this.length}`,
        );
      }
    }
  }

  /** Column names, in order. */
  get columnNames(): string[] {
    return [...this.#columns.keys()];
  }

  /** File that the data was read from; `undefined` if it was made in memory. */
  get source(): string | undefined {
    return this.#info.source;
  }

  /** Columns of the file that were left out, with the reason; to read one throws. */
  get unsupportedColumns(): ReadonlyMap<string, string> {
    return this.#info.unsupportedColumns ?? new Map();
  }

  /**
   * Returns a row.
   *
   * @param index The row; a negative index counts from the end.
   * @returns The values by column name.
   * @throws {RangeError} If there is no such row.
   */
  at(index: number): Row {
    const row = index < 0 ? index + this.length : index;
    this.#checkRow(row, index);
    const values = Object.fromEntries(
      Array.from(this.#columns, ([name, column]) => [name, column.at(row)]),
    );
    return this.#prototype === Object.prototype
      ? values
      : Object.setPrototypeOf(values, this.#prototype);
  }

  /** Number of rows and names of columns, for `console.log`. */
  [INSPECT](): string {
    return `Dataset { rows: ${this.length}, columns: [${
      this.columnNames.join(", ")
    }] }`;
  }

  /** Yields each row in turn. */
  *[Symbol.iterator](): Generator<Row> {
    for (let i = 0; i < this.length; i++) yield this.at(i);
  }

  /**
   * Returns the values of a column.
   *
   * @param name The column.
   * @returns One value per row.
   * @throws {RangeError} If there is no such column.
   */
  column(name: string): unknown[] {
    this.#checkColumn(name, "read");
    const column = this.#columns.get(name)!;
    return Array.from({ length: this.length }, (_, i) => column.at(i));
  }

  /**
   * Returns the class names of a column.
   *
   * @param name The column.
   * @returns The class names, index `i` for class `i`; `undefined` if unknown.
   * @throws {RangeError} If there is no such column.
   */
  labelNames(name: string): readonly string[] | undefined {
    this.#checkColumn(name, "read");
    return this.#info.labelNames?.[name];
  }

  /**
   * Applies a function to every row, eagerly, and adds the columns that it
   * returns; an existing column of the same name is replaced.
   *
   * @param fn Takes a row and its index; returns an object with the same keys for every row.
   * @param options Progress reporting.
   * @returns The data set with the added columns.
   * @throws {Error} If `fn` throws: its message, with the row and the column names.
   * @throws {TypeError} If `fn` returns anything but an object of columns; a promise is not one. If an option has an unknown name.
   * @throws {RangeError} If the returned keys differ between rows.
   */
  map(
    fn: (row: Row, index: number) => object,
    options: MapOptions = {},
  ): Dataset {
    checkOptions(`map ${this.#name()}`, options, MAP_OPTIONS, MAP_EXAMPLE);
    const added = new Map<string, unknown[]>();
    for (let i = 0; i < this.length; i++) {
      const values = Object.entries(this.#apply(fn, i));
      if (i === 0) { for (const [name] of values) added.set(name, []); }
      if (
        values.length !== added.size ||
        values.some(([name]) => !added.has(name))
      ) {
        throw new RangeError(
          `Cannot map ${this.#name()}: row ${i} returns the columns ${
            values.map(([name]) => name).join(", ") || "none"
          }, but row 0 returned ${
            [...added.keys()].join(", ") || "none"
          }; return the same keys for every row`,
        );
      }
      for (const [name, value] of values) added.get(name)!.push(value);
      options.onProgress?.(i + 1, this.length);
    }
    const labelNames = Object.entries(this.#info.labelNames ?? {});
    return new Dataset(
      Object.fromEntries(new Map<string, Column>([...this.#columns, ...added])),
      {
        ...this.#info,
        labelNames: Object.fromEntries(
          labelNames.filter(([name]) => !added.has(name)),
        ),
        unsupportedColumns: this.#unsupportedWithout([...added.keys()]),
      },
    );
  }

  /**
   * Selects rows, in the order given.
   *
   * @param indices The rows; repetition is allowed.
   * @returns The data set of these rows.
   * @throws {RangeError} If there is no such row.
   */
  select(indices: Iterable<number>): Dataset {
    const rows = [...indices];
    for (const row of rows) this.#checkRow(row, row);
    return this.#with(
      Array.from(this.#columns, ([name, column]) => [name, {
        length: rows.length,
        at: (i) => column.at(rows[i]!),
      }]),
    );
  }

  /**
   * Shuffles the rows.
   *
   * @param seed Seed of the order.
   * @returns The data set in the shuffled order.
   */
  shuffle(seed: number): Dataset {
    return this.select(new Random(seed).permutation(this.length));
  }

  /**
   * Removes columns.
   *
   * @param names The columns.
   * @returns The data set without these columns.
   * @throws {RangeError} If there is no such column.
   */
  removeColumns(names: readonly string[]): Dataset {
    for (const name of names) {
      if (!this.unsupportedColumns.has(name)) this.#checkColumn(name, "remove");
    }
    return this.#with(
      [...this.#columns].filter(([name]) => !names.includes(name)),
      this.#info.labelNames,
      this.#unsupportedWithout(names),
    );
  }

  /**
   * Renames a column; the order of the columns does not change.
   *
   * @param name The column.
   * @param newName The new name.
   * @returns The data set with the renamed column.
   * @throws {RangeError} If there is no column `name`, or there already is one named `newName`.
   */
  renameColumn(name: string, newName: string): Dataset {
    this.#checkColumn(name, "rename");
    if (this.#columns.has(newName) || this.unsupportedColumns.has(newName)) {
      throw new RangeError(
        `Cannot rename column "${name}" of ${this.#name()} to "${newName}": there already is a column of that name; choose another name, or remove that column first`,
      );
    }
    const rename = (key: string) => key === name ? newName : key;
    return this.#with(
      Array.from(this.#columns, ([key, column]) => [rename(key), column]),
      Object.fromEntries(
        Object.entries(this.#info.labelNames ?? {})
          .map(([key, names]) => [rename(key), names]),
      ),
    );
  }

  /** Makes a data set of other columns with the source of this one. */
  #with(
    columns: [name: string, column: Column][],
    labelNames = this.#info.labelNames ?? {},
    unsupportedColumns: UnsupportedColumns = this.unsupportedColumns,
  ): Dataset {
    return new Dataset(Object.fromEntries(columns), {
      ...this.#info,
      labelNames,
      unsupportedColumns,
    });
  }

  #unsupportedWithout(names: readonly string[]): UnsupportedColumns {
    return new Map(
      [...this.unsupportedColumns].filter(([name]) => !names.includes(name)),
    );
  }

  #apply(fn: (row: Row, index: number) => object, index: number): object {
    let values: unknown;
    try {
      values = fn(this.at(index), index);
    } catch (cause) {
      throw new Error(
        `Cannot map row ${index} of ${this.#name()}: ${
          cause instanceof Error ? cause.message : cause
        }; the columns are ${this.columnNames.join(", ")}`,
        { cause },
      );
    }
    if (
      typeof values !== "object" || values === null || Array.isArray(values) ||
      values instanceof Promise
    ) {
      throw new TypeError(
        `Cannot map row ${index} of ${this.#name()}: the function must return an object of columns, not ${
          values instanceof Promise ? "a promise" : JSON.stringify(values)
        }`,
      );
    }
    return values;
  }

  #name(): string {
    return this.#info.source ?? "the data set";
  }

  #checkRow(row: number, asked: number): void {
    if (!Number.isInteger(row) || row < 0 || row >= this.length) {
      throw new RangeError(
        `Cannot take row ${asked} of ${this.#name()}: it has ${this.length} rows`,
      );
    }
  }

  #checkColumn(name: string, verb: string): void {
    if (!this.#columns.has(name)) {
      checkIsSupported(name, this.#name(), this.unsupportedColumns, verb);
      const letters = (text: string) => text.trim().toLowerCase();
      const alike = this.columnNames
        .find((other) => letters(other) === letters(name));
      throw new RangeError(
        `Cannot ${verb} column "${name}" of ${this.#name()}: there is no such column; the columns are ${
          this.columnNames.join(", ")
        }${alike === undefined ? "" : `; use ${JSON.stringify(alike)}`}`,
      );
    }
  }
}
