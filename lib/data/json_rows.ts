/**
 * The rows of JSON objects, which all have the same keys.
 *
 * @module
 */
import { Dataset } from "./dataset.ts";
import { findBigInt } from "./json.ts";
import {
  checkAreSupported,
  unsupportedInteger,
} from "./unsupported_columns.ts";

/** Collects the rows of a file, by column. */
export class JsonRows {
  readonly #source: string;
  readonly #unit: "line" | "object";
  readonly #columns = new Map<string, unknown[]>();
  readonly #unsupported = new Map<string, string>();
  #isFirst = true;

  /**
   * Begins without rows.
   *
   * @param source The file's name, for errors.
   * @param unit What a row is in the file.
   */
  constructor(source: string, unit: "line" | "object") {
    this.#source = source;
    this.#unit = unit;
  }

  /**
   * Adds a row.
   *
   * @param row The object; integers that a number does not hold are of type `BigInt`.
   * @param number Its line, or its place in the array, from 1.
   * @throws {SyntaxError} If its keys differ from those of the first.
   */
  add(row: Record<string, unknown>, number: number): void {
    const keys = Object.keys(row);
    if (this.#isFirst) { for (const key of keys) this.#columns.set(key, []); }
    this.#isFirst = false;
    const missing = [...this.#columns.keys()].find((name) =>
      !Object.hasOwn(row, name)
    );
    if (missing !== undefined) this.#refuse(number, `no "${missing}"`);
    const extra = keys.find((key) => !this.#columns.has(key));
    if (extra !== undefined) this.#refuse(number, `"${extra}"`);
    for (const [name, values] of this.#columns) {
      values.push(row[name]);
      const tooLarge = findBigInt(row[name]);
      if (tooLarge === undefined || this.#unsupported.has(name)) continue;
      const reason = `in ${this.#unit} ${number}, ${
        unsupportedInteger(tooLarge)
      }`;
      this.#unsupported.set(name, reason);
    }
  }

  /**
   * Makes the table.
   *
   * @returns The rows, without columns of integers that a number does not hold.
   * @throws {RangeError} If there are no other columns.
   */
  toDataset(): Dataset {
    const unsupportedColumns = this.#unsupported;
    for (const name of unsupportedColumns.keys()) this.#columns.delete(name);
    if (this.#columns.size === 0) {
      checkAreSupported(this.#source, unsupportedColumns);
    }
    return new Dataset(Object.fromEntries(this.#columns), {
      source: this.#source,
      unsupportedColumns,
    });
  }

  #refuse(number: number, difference: string): never {
    throw new SyntaxError(
      `Cannot read ${this.#source}, ${this.#unit} ${number}: it has ${difference}; every ${this.#unit} must have the keys of the first`,
    );
  }
}
