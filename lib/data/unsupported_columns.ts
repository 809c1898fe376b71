/**
 * Columns of a file that no reader here understands, such as timestamps. They
 * do not refuse the file: a data set leaves them out and names the reason when
 * one is asked for.
 *
 * @module
 */

/** Reasons by column, as in "its type is timestamp[us]; write it as text or numbers". */
export type UnsupportedColumns = ReadonlyMap<string, string>;

/**
 * Returns the reason for a column whose type is not supported.
 *
 * @param type The type, as the format names it.
 * @returns The reason, with the remedy.
 */
export function unsupportedType(type: string): string {
  return `its type is ${type}, and columns of text, numbers, booleans and lists of these can be read; write it as one of them`;
}

/**
 * Returns the reason for a column of integers that a JavaScript number cannot hold.
 *
 * @param value The first such integer.
 * @returns The reason, with the remedy.
 */
export function unsupportedInteger(value: bigint): string {
  return `${value} is beyond ±2^53, and numbers that large lose digits; write it as text`;
}

/**
 * Throws if a column was left out.
 *
 * @param name The column.
 * @param file The file, or another name of the data set.
 * @param columns The columns that were left out.
 * @param verb The operation, for the error.
 * @throws {RangeError} If the column is among them.
 */
export function checkIsSupported(
  name: string,
  file: string,
  columns: UnsupportedColumns,
  verb = "read",
): void {
  const reason = columns.get(name);
  if (reason !== undefined) {
    throw new RangeError(
      `Cannot ${verb} column "${name}" of ${file}: ${reason}`,
    );
  }
}

/**
 * Throws if any column was left out; for a file that has no others.
 *
 * @param file The file.
 * @param columns The columns that were left out.
 * @throws {RangeError} If there are any, with the reason of the first.
 */
export function checkAreSupported(
  file: string,
  columns: UnsupportedColumns,
): void {
  for (const name of columns.keys()) checkIsSupported(name, file, columns);
}

/**
 * Makes the prototype of a row: to read a column that was left out throws, where
 * it would be `undefined`. Neither spreading a row nor listing its keys shows it.
 *
 * @param file The file, or another name of the data set.
 * @param columns The columns that were left out.
 * @returns The prototype; that of any object if there are no such columns.
 */
export function rowPrototype(
  file: string,
  columns: UnsupportedColumns,
): object {
  if (columns.size === 0) return Object.prototype;
  const prototype = {};
  for (const name of columns.keys()) {
    Object.defineProperty(prototype, name, {
      get: () => checkIsSupported(name, file, columns),
      set(value) {
        Object.defineProperty(this, name, {
          value,
          configurable: true,
          enumerable: true,
          writable: true,
        });
      },
    });
  }
  return prototype;
}
