/**
 * The values of Arrow's columns, by row.
 *
 * @module
 */
import { bitAt, type Bits, type Numbers } from "./arrow_buffers.ts";
import type { NumberType } from "./arrow_types.ts";
import type { Column } from "./row.ts";

/** Values of a column, and the first integer that a JavaScript number cannot hold. */
export interface ArrowColumn extends Column {
  /** Such an integer, if there is one. */
  readonly tooLarge?: bigint | undefined;
}

/** Makes a column whose missing values are `null`. */
export function column(
  length: number,
  valid: Bits,
  at: (index: number) => unknown,
  tooLarge?: bigint,
): ArrowColumn {
  return {
    length,
    at: valid ? (i) => bitAt(valid, i) ? at(i) : null : at,
    tooLarge,
  };
}

/** Makes a column of numbers; 64-bit integers are checked first. */
export function numberColumn(
  numbers: Numbers,
  valid: Bits,
  type: NumberType,
): ArrowColumn {
  const { length } = numbers;
  if (type === "Float16") {
    return column(length, valid, (i) => float16(numbers[i] as number));
  }
  if (
    numbers instanceof BigInt64Array || numbers instanceof BigUint64Array
  ) {
    const values = new Float64Array(length);
    let tooLarge: bigint | undefined;
    for (let i = 0; i < length; i++) {
      values[i] = Number(numbers[i]);
      if (!Number.isSafeInteger(values[i]) && bitAt(valid, i)) {
        tooLarge ??= numbers[i]!;
      }
    }
    return column(length, valid, (i) => values[i], tooLarge);
  }
  return column(length, valid, (i) => numbers[i]);
}

/** Makes a column of lists: list `i` has the items from `start(i)` to before `start(i + 1)`. */
export function listColumn(
  length: number,
  valid: Bits,
  items: ArrowColumn,
  start: (index: number) => number,
): ArrowColumn {
  if (start(length) > items.length) {
    throw new Error(`lists of ${start(length)} items have ${items.length}`);
  }
  const at = (i: number) =>
    Array.from(
      { length: start(i + 1) - start(i) },
      (_, j) => items.at(start(i) + j),
    );
  return column(length, valid, at, items.tooLarge);
}

/** Makes a column of indices into a dictionary. */
export function indexColumn(
  indices: Numbers,
  valid: Bits,
  values: ArrowColumn | undefined,
): ArrowColumn {
  const { length } = indices;
  if (!values) throw new Error("a dictionary is missing");
  for (let i = 0; i < length; i++) {
    const index = indices[i]!;
    if (bitAt(valid, i) && !(index >= 0 && index < values.length)) {
      throw new Error(
        `an index is ${index} in a dictionary of ${values.length} values`,
      );
    }
  }
  const at = (i: number) => values.at(Number(indices[i]));
  return column(length, valid, at, values.tooLarge);
}

/** Decodes a number of 16 bits: sign, 5 bits of exponent, 10 of fraction. */
function float16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = bits >> 10 & 31;
  const fraction = (bits & 0x3ff) / 1024;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  if (exponent === 0) return sign * fraction * 2 ** -14;
  return sign * (1 + fraction) * 2 ** (exponent - 15);
}

/**
 * Concatenates columns.
 *
 * @param parts The columns, one per batch.
 * @returns One column.
 */
export function concatenate(parts: readonly ArrowColumn[]): ArrowColumn {
  if (parts.length === 1) return parts[0]!;
  const starts = [0];
  for (const { length } of parts) starts.push(starts.at(-1)! + length);
  const length = starts.at(-1)!;
  const at = (index: number): unknown => {
    let [low, high] = [0, parts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= index) low = middle;
      else high = middle - 1;
    }
    return parts[low]!.at(index - starts[low]!);
  };
  const tooLarge = parts.find((part) => part.tooLarge !== undefined)?.tooLarge;
  return { length, at, tooLarge };
}
