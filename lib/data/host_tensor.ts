/**
 * Numeric arrays in host memory, and the batches that a collator makes of them.
 *
 * @module
 */

import { INSPECT } from "../inspect.ts";

/** A number or nested arrays of numbers, all of one length at each level. */
export type NestedNumbers = number | ArrayLike<NestedNumbers>;

/** An n-dimensional array in host memory. */
export class HostTensor {
  /** The elements, row-major. */
  readonly data: Int32Array | Float32Array;
  /** Sizes of the dimensions, outermost first; `[]` for a scalar. */
  readonly shape: readonly number[];

  /**
   * Makes a tensor from a flat array, without copying it.
   *
   * @param data The elements, row-major.
   * @param shape Sizes of the dimensions.
   * @throws {RangeError} If the size of the shape is not the length of `data`.
   */
  constructor(data: Int32Array | Float32Array, shape: readonly number[]) {
    const size = shape.reduce((product, length) => product * length, 1);
    if (size !== data.length) {
      throw new RangeError(
        `Cannot make a host tensor of shape [${shape}] from ${data.length} values: it needs ${size}`,
      );
    }
    this.data = data;
    this.shape = shape;
  }

  /** Element type: 32-bit integers or 32-bit floats. */
  get dtype(): "i32" | "f32" {
    return this.data instanceof Int32Array ? "i32" : "f32";
  }

  /**
   * Refuses to move a tensor: a batch stays on the host.
   *
   * @throws {TypeError} Always; the message says that a model takes it as it is.
   */
  to(_device: unknown): never {
    throw new TypeError(
      "Cannot move a host tensor: a batch stays on the host, and forward uploads its real tokens; pass the batch as it is",
    );
  }

  /** Shape, element type and first values, for `console.log`. */
  [INSPECT](): string {
    const { data, dtype, shape } = this;
    const values = Array.from(data.subarray(0, PRINTED_VALUES), String);
    if (data.length > PRINTED_VALUES) values.push("…");
    return `HostTensor [${shape.join(", ")}] ${dtype}: ${values.join(", ")}`;
  }

  /**
   * Copies nested arrays into a tensor.
   *
   * @param nested A number, or arrays of one length at each level.
   * @param dtype Element type. Default: i32 if every number is whole, else f32.
   * @returns The tensor.
   * @throws {RangeError} If the arrays are ragged, or a number does not fit i32.
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
        `Cannot make an i32 host tensor: ${misfit} is not a 32-bit integer; pass the dtype "f32" for other numbers`,
      );
    }
    return new HostTensor(Int32Array.from(values), shape);
  }
}

/** Values of a host tensor that `console.log` prints. */
const PRINTED_VALUES = 8;

/** A batch of `B` rows of `S` positions; shorter rows are padded on the right. */
export interface Batch {
  /** Token ids, `[B, S]` i32. */
  inputIds: HostTensor;
  /** Token types: 0 for the first text of a pair, 1 for the second, `[B, S]` i32. */
  tokenTypeIds: HostTensor;
  /** 1 for tokens and 0 for padding, `[B, S]` i32. */
  attentionMask: HostTensor;
  /**
   * Labels; absent if the data has none.
   *
   * - single-label classification: the class of each row, `[B]` i32;
   * - multi-label classification: 1 for each class that a row has, else 0,
   *   `[B, N]` f32 or i32;
   * - regression: one target per row, `[B]`, or several, `[B, N]`; f32, or i32
   *   if all are whole numbers;
   * - masked language modeling: the original id of each position to predict, and
   *   the ignore index -100 everywhere else, `[B, S]` i32.
   */
  labels?: HostTensor;
  /**
   * Next-sentence labels, `[B]` i32: 0 if the second text of the row continues
   * the first, else 1.
   */
  nextSentenceLabel?: HostTensor;
  /**
   * Rows and tokens before these, where several processes divide the rows of a batch:
   * dropout draws the masks of the whole batch.
   *
   * @default None.
   */
  before?: { readonly rows: number; readonly tokens: number };
  /**
   * Rows and tokens of the batch that these are a part of; a part may wrap around its
   * end.
   *
   * @default These alone.
   */
  whole?: { readonly rows: number; readonly tokens: number };
}

/** A batch with labels: training and evaluation need them, prediction does not. */
export type LabelledBatch = Batch & {
  /** Labels, as in {@linkcode Batch}. */
  labels: HostTensor;
};

/** Infers the shape from the first element at each level. */
function shapeOf(nested: NestedNumbers): number[] {
  const shape: number[] = [];
  let level: NestedNumbers | undefined = nested;
  while (isArrayLike(level)) {
    shape.push(level.length);
    level = level[0];
  }
  return shape;
}

/** Appends the numbers of `nested` to `values`; `nested` must have the sizes `shape[depth…]`. */
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
        } in one array and ${length ?? "a number"} in another`,
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
      `Cannot make a host tensor of a ragged array: dimension ${depth} is a number in one array and ${nested.length} in another`,
    );
  }
  if (typeof nested !== "number") {
    throw new TypeError(
      `Cannot make a host tensor: ${
        String(nested)
      } is a ${typeof nested}, not a number`,
    );
  }
  values.push(nested);
}

function isArrayLike(
  value: NestedNumbers | undefined,
): value is ArrayLike<NestedNumbers> {
  return Array.isArray(value) || ArrayBuffer.isView(value);
}
