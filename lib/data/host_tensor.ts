/**
 * Arrays of numbers on the host: what a collator makes and a model takes.
 *
 * @module
 */

/** Numbers, or arrays of arrays of numbers, of one length at each level. */
export type NestedNumbers = number | ArrayLike<NestedNumbers>;

/** An n-dimensional array in host memory. */
export class HostTensor {
  /** The elements, row-major. */
  readonly data: Int32Array | Float32Array;
  /** Sizes of the dimensions, outermost first; `[]` is a single number. */
  readonly shape: readonly number[];

  /**
   * Gives a flat array a shape, without copying it.
   *
   * @param data The elements, row-major.
   * @param shape Sizes of the dimensions.
   * @throws {RangeError} If the shape does not hold as many elements as `data`.
   */
  constructor(data: Int32Array | Float32Array, shape: readonly number[]) {
    const size = shape.reduce((product, length) => product * length, 1);
    if (size !== data.length) {
      throw new RangeError(
        `Cannot make a host tensor of shape [${shape}] from ${data.length} values: it holds ${size}`,
      );
    }
    this.data = data;
    this.shape = shape;
  }

  /** The element type: whole numbers of 32 bits, or 32-bit floats. */
  get dtype(): "i32" | "f32" {
    return this.data instanceof Int32Array ? "i32" : "f32";
  }

  /**
   * Copies nested arrays.
   *
   * @param nested A number, or arrays of one length at each level.
   * @param dtype The element type; without it i32 where every number is whole, else f32.
   * @returns The tensor.
   * @throws {RangeError} If the arrays are ragged, or a number does not fit `i32`.
   * @throws {TypeError} If an element is neither a number nor an array of numbers.
   */
  static from(nested: NestedNumbers, dtype?: "i32" | "f32"): HostTensor {
    const shape = shapeOf(nested);
    const values: number[] = [];
    flatten(nested, shape, 0, values);
    dtype ??= values.every(Number.isInteger) ? "i32" : "f32";
    if (dtype === "f32") {
      return new HostTensor(Float32Array.from(values), shape);
    }
    const misfit = values.find((value) => value !== (value | 0));
    if (misfit !== undefined) {
      throw new RangeError(
        `Cannot make an i32 host tensor: ${misfit} is not a whole number of 32 bits; give the dtype "f32" for other numbers`,
      );
    }
    return new HostTensor(Int32Array.from(values), shape);
  }
}

/** One batch: `B` rows of `S` positions, the shorter rows padded at the end. */
export interface Batch {
  /** Token ids, `[B, S]` i32. */
  inputIds: HostTensor;
  /** 0 for the first text of a pair and 1 for the second, `[B, S]` i32. */
  tokenTypeIds: HostTensor;
  /** 1 for a token and 0 for padding, `[B, S]` i32. */
  attentionMask: HostTensor;
  /**
   * One label a row, `[B]`: i32 for classes, f32 for numbers that are not whole.
   * For masked language modelling one a position, `[B, S]` i32: the id that stood
   * there, or -100 where none is to be found. Absent where the data has none.
   */
  labels?: HostTensor;
  /** One label a row for the pair of its texts, `[B]` i32: 0 where they belong together, else 1. */
  nextSentenceLabel?: HostTensor;
}

/** The shape that the first element at each level gives. */
function shapeOf(nested: NestedNumbers): number[] {
  const shape: number[] = [];
  let level: NestedNumbers | undefined = nested;
  while (isArrayLike(level)) {
    shape.push(level.length);
    level = level[0];
  }
  return shape;
}

/** Appends the numbers of `nested`, which must have `shape` from `depth` on. */
function flatten(
  nested: NestedNumbers,
  shape: readonly number[],
  depth: number,
  values: number[],
): void {
  if (depth < shape.length) {
    const length = isArrayLike(nested) ? nested.length : undefined;
    if (length !== shape[depth]) {
      throw new RangeError(
        `Cannot make a host tensor of a ragged array: dimension ${depth} is ${
          shape[depth]
        } in one place and ${length ?? "a number"} in another`,
      );
    }
    for (let i = 0; i < length!; i++) {
      flatten(
        (nested as ArrayLike<NestedNumbers>)[i]!,
        shape,
        depth + 1,
        values,
      );
    }
    return;
  }
  if (isArrayLike(nested)) {
    throw new RangeError(
      `Cannot make a host tensor of a ragged array: dimension ${depth} is a number in one place and ${nested.length} in another`,
    );
  }
  if (typeof nested !== "number") {
    throw new TypeError(
      `Cannot make a host tensor: ${
        String(nested)
      } is no number but of type ${typeof nested}`,
    );
  }
  values.push(nested);
}

function isArrayLike(
  value: NestedNumbers | undefined,
): value is ArrayLike<NestedNumbers> {
  return Array.isArray(value) || ArrayBuffer.isView(value);
}
