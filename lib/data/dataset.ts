/**
 * Tables of examples, stored by column and read by row, as in Hugging Face's
 * datasets. A data set is immutable; each method returns a new one that shares
 * the columns.
 *
 * @module
 */
import { Random } from "../random.ts";

/** One row: its values by column name. */
// deno-lint-ignore no-explicit-any -- the columns of a file and their types are known only at run time
export type Row = Record<string, any>;

/** The values of one column, by row; an array, for instance. */
export interface Column {
  /** Number of rows. */
  readonly length: number;
  /**
   * Returns the value of a row.
   *
   * @param index The row, from 0 to `length` - 1.
   * @returns The value.
   */
  at(index: number): unknown;
}

/** Metadata of a data set. */
export interface DatasetInfo {
  /** File that the data was read from, for error messages. */
  source?: string;
  /** Class names by column: label `i` of column `c` is `labelNames[c][i]`. */
  labelNames?: Record<string, readonly string[]>;
}

/** Options of {@linkcode Dataset.map}. */
export interface MapOptions {
  /**
   * Called after each row with the number of rows done and the total.
   *
   * @default no reporting
   */
  onProgress?: (done: number, total: number) => void;
}

/** A table of examples, read by row. */
export class Dataset {
  /** Number of rows. */
  readonly length: number;
  #columns: Map<string, Column>;
  #info: DatasetInfo;

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
    return Object.fromEntries(
      Array.from(this.#columns, ([name, column]) => [name, column.at(row)]),
    );
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
   * @throws {TypeError} If `fn` returns anything but an object of columns; a promise is not one.
   * @throws {RangeError} If the returned keys differ between rows.
   */
  map(
    fn: (row: Row, index: number) => object,
    options: MapOptions = {},
  ): Dataset {
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
    for (const name of names) this.#checkColumn(name, "remove");
    return this.#with(
      [...this.#columns].filter(([name]) => !names.includes(name)),
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
    if (this.#columns.has(newName)) {
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
  ): Dataset {
    return new Dataset(Object.fromEntries(columns), {
      ...this.#info,
      labelNames,
    });
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
      throw new RangeError(
        `Cannot ${verb} column "${name}" of ${this.#name()}: there is no such column; the columns are ${
          this.columnNames.join(", ")
        }`,
      );
    }
  }
}
