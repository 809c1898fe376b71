/**
 * Tables of examples: columns underneath, rows to the outside, as in Hugging
 * Face's datasets. A data set never changes; each method gives a new one that
 * shares the columns.
 *
 * @module
 */
import { Random } from "../random.ts";

/** One row: its values by column name. */
// deno-lint-ignore no-explicit-any -- which columns a file has, and of what type, is known only when it is read
export type Row = Record<string, any>;

/** The values of one column, by row. An array is one. */
export interface Column {
  /** Rows. */
  readonly length: number;
  /**
   * Gives the value of a row.
   *
   * @param index The row, from 0 to `length` - 1.
   * @returns The value.
   */
  at(index: number): unknown;
}

/** What a data set knows about itself beside its columns. */
export interface DatasetInfo {
  /** The file that it was read from, for error messages. */
  source?: string;
  /** Names of the classes, by column: a label `i` of column `c` means `labelNames[c][i]`. */
  labelNames?: Record<string, readonly string[]>;
}

/** How {@linkcode Dataset.map} reports on its way. */
export interface MapOptions {
  /**
   * Called after each row with the rows done and the rows in all.
   *
   * @default nothing is called
   */
  onProgress?: (done: number, total: number) => void;
}

/** A table of examples, read by row. */
export class Dataset {
  /** Rows. */
  readonly length: number;
  #columns: Map<string, Column>;
  #info: DatasetInfo;

  /**
   * Makes a data set of columns, without copying them.
   *
   * @param columns The columns by name, all of one length.
   * @param info The source and the class names, where they are known.
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

  /** Names of the columns, in order. */
  get columnNames(): string[] {
    return [...this.#columns.keys()];
  }

  /** The file that the data was read from; `undefined` where it was made. */
  get source(): string | undefined {
    return this.#info.source;
  }

  /**
   * Gives a row.
   *
   * @param index The row; a negative one counts from the end.
   * @returns Its values by column name.
   * @throws {RangeError} If there is no such row.
   */
  at(index: number): Row {
    const row = index < 0 ? index + this.length : index;
    this.#checkRow(row, index);
    return Object.fromEntries(
      Array.from(this.#columns, ([name, column]) => [name, column.at(row)]),
    );
  }

  /** Gives each row in turn. */
  *[Symbol.iterator](): Generator<Row> {
    for (let i = 0; i < this.length; i++) yield this.at(i);
  }

  /**
   * Gives the values of a column.
   *
   * @param name The column.
   * @returns One value a row.
   * @throws {RangeError} If there is no such column.
   */
  column(name: string): unknown[] {
    this.#checkColumn(name, "read");
    const column = this.#columns.get(name)!;
    return Array.from({ length: this.length }, (_, i) => column.at(i));
  }

  /**
   * Gives the names of a column's classes.
   *
   * @param name The column.
   * @returns The name of class `i` at place `i`, or `undefined` where the data does not say.
   * @throws {RangeError} If there is no such column.
   */
  labelNames(name: string): readonly string[] | undefined {
    this.#checkColumn(name, "read");
    return this.#info.labelNames?.[name];
  }

  /**
   * Calls a function on every row, once and at once, and adds the columns that
   * it returns to the row's own; a column of the same name is replaced.
   *
   * @param fn Gets a row and its place; gives an object with the same keys for each row.
   * @param options Whom to tell about the progress.
   * @returns The wider data set.
   * @throws {Error} If `fn` throws: its message, with the row and the columns there are.
   * @throws {TypeError} If `fn` returns something else than an object, a promise included.
   * @throws {RangeError} If the keys that it returns differ from row to row.
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
          `Cannot map ${this.#name()}: row ${i} gives the columns ${
            values.map(([name]) => name).join(", ")
          }, and row 0 gives ${[...added.keys()].join(", ")}`,
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
   * Takes some rows, in the order given.
   *
   * @param indices The rows; one may come more than once.
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
   * Puts the rows in a random order.
   *
   * @param seed The same seed gives the same order.
   * @returns The data set with its rows in that order.
   */
  shuffle(seed: number): Dataset {
    return this.select(new Random(seed).permutation(this.length));
  }

  /**
   * Leaves columns out.
   *
   * @param names The columns.
   * @returns The narrower data set.
   * @throws {RangeError} If there is no such column.
   */
  removeColumns(names: readonly string[]): Dataset {
    for (const name of names) this.#checkColumn(name, "remove");
    return this.#with(
      [...this.#columns].filter(([name]) => !names.includes(name)),
    );
  }

  /**
   * Gives a column another name; it keeps its place.
   *
   * @param name The column.
   * @param newName Its name from now on.
   * @returns The data set with that name.
   * @throws {RangeError} If there is no column `name`, or there is one called `newName`.
   */
  renameColumn(name: string, newName: string): Dataset {
    this.#checkColumn(name, "rename");
    if (this.#columns.has(newName)) {
      throw new RangeError(
        `Cannot rename column "${name}" of ${this.#name()} to "${newName}": there is a column of that name`,
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

  /** A data set of other columns that has this one's source. */
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
