/**
 * The parts of a data set: rows, columns, and what is known of them.
 *
 * @module
 */

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
  /** Columns of the file that were left out, with the reason: `its type is …; …`. */
  unsupportedColumns?: ReadonlyMap<string, string>;
}
