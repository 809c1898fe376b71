/**
 * Scores, probabilities and labels of several columns per row.
 *
 * @module
 */
import {
  checkCounts,
  checkFinite,
  checkNotEmpty,
  checkNumbers,
} from "./check.ts";

/**
 * Numbers of several columns per row, `[N, L]`: an array of rows, or flat numbers
 * with their shape, such as a host tensor or
 * `{ data: await logits.toArray(), shape: logits.shape }`.
 */
export type MetricMatrix = ArrayLike<ArrayLike<number>> | {
  /** The numbers, row-major. */
  readonly data: ArrayLike<number>;
  /** Number of rows and of columns. */
  readonly shape: readonly number[];
};

/** A matrix in one flat array. */
export interface Matrix {
  /** The numbers, row-major. */
  readonly data: ArrayLike<number>;
  /** Number of rows, N. */
  readonly rows: number;
  /** Number of columns, L. */
  readonly columns: number;
}

/**
 * Tells a matrix from an array of numbers.
 *
 * @param values An array of numbers or a matrix.
 * @returns Whether it has rows or a shape.
 */
export function isMatrix(
  values: ArrayLike<number> | MetricMatrix,
): values is MetricMatrix {
  if (typeof values !== "object" || values === null) return false;
  return "shape" in values || typeof values[0] === "object";
}

/**
 * Copies rows into one flat array.
 *
 * @param name Name of the matrix, `predictions` or `references`.
 * @param values The rows.
 * @returns The matrix.
 * @throws {RangeError} If it has no rows, the rows differ in length, the shape is
 * not of two sizes, or a number is NaN or infinite.
 * @throws {TypeError} If it is neither rows nor numbers with their shape.
 */
export function toMatrix(name: string, values: MetricMatrix): Matrix {
  const matrix = "shape" in values
    ? ofShape(name, values.data, values.shape)
    : ofRows(name, values);
  checkNotEmpty(matrix.rows);
  checkFinite(name, matrix.data);
  return matrix;
}

/**
 * Flattens predictions and references of several labels per row.
 *
 * @param predictions Predictions, `[N, L]`.
 * @param references References, `[N, L]`.
 * @returns Both matrices.
 * @throws {RangeError} If there are no rows, or the shapes differ.
 * @throws {TypeError} If one of the two is not a matrix.
 */
export function toMatrices(
  predictions: ArrayLike<number> | MetricMatrix,
  references: ArrayLike<number> | MetricMatrix,
): [predictions: Matrix, references: Matrix] {
  const [p, r] = Object.entries({ predictions, references }).map(
    ([name, values]) => {
      checkColumns(name, values);
      return toMatrix(name, values);
    },
  ) as [Matrix, Matrix];
  checkCounts(p.rows, r.rows);
  if (p.columns !== r.columns) {
    throw new RangeError(
      `Cannot compare predictions of ${p.columns} labels with references of ${r.columns}: both need one column per label`,
    );
  }
  return [p, r];
}

/**
 * Flattens predicted and true labels, zeros and ones.
 *
 * @param predictions Predicted labels, `[N, L]`.
 * @param references True labels, `[N, L]`.
 * @returns Both matrices.
 * @throws {RangeError} If there are no rows, the shapes differ, or a number is
 * neither 0 nor 1.
 * @throws {TypeError} If one of the two is not a matrix.
 */
export function toIndicators(
  predictions: ArrayLike<number> | MetricMatrix,
  references: ArrayLike<number> | MetricMatrix,
): [predictions: Matrix, references: Matrix] {
  const [p, r] = toMatrices(predictions, references);
  checkIndicators("predictions", p.data);
  checkIndicators("references", r.data);
  return [p, r];
}

/**
 * Checks that a matrix is of zeros and ones, which say whether a row has a label.
 *
 * @param name Name of the matrix, `predictions` or `references`.
 * @param values Its numbers.
 * @throws {RangeError} If a number is neither 0 nor 1.
 */
export function checkIndicators(name: string, values: ArrayLike<number>): void {
  for (let i = 0; i < values.length; i++) {
    if (values[i] !== 0 && values[i] !== 1) {
      throw new RangeError(
        `Cannot use ${
          values[i]
        } in the ${name}: a label is 1 where it is present, else 0${
          name === "predictions"
            ? "; compare the probabilities with a threshold first"
            : ""
        }`,
      );
    }
  }
}

/**
 * Copies a column.
 *
 * @param matrix The matrix.
 * @param column Number of the column.
 * @returns Its numbers, `[N]`.
 */
export function columnOf(matrix: Matrix, column: number): Float64Array {
  return Float64Array.from(
    { length: matrix.rows },
    (_, row) => matrix.data[row * matrix.columns + column]!,
  );
}

function checkColumns(
  name: string,
  values: ArrayLike<number> | MetricMatrix,
): asserts values is MetricMatrix {
  if (isMatrix(values)) return;
  checkNumbers(name, values);
  checkNotEmpty(values.length);
  throw new TypeError(
    `Cannot score the ${name}: they have one number per row, but several labels are scored; pass rows, [[0, 1], …]`,
  );
}

function ofShape(
  name: string,
  data: ArrayLike<number>,
  shape: readonly number[],
): Matrix {
  const [rows = 0, columns = 0] = shape;
  checkNumbers(name, data);
  if (shape.length !== 2 || data.length !== rows * columns) {
    throw new RangeError(
      `Cannot score the ${name}: ${data.length} numbers of shape [${shape}] are no matrix; the shape must be [rows, columns]`,
    );
  }
  return { data, rows, columns };
}

function ofRows(name: string, values: ArrayLike<ArrayLike<number>>): Matrix {
  const rows = values.length;
  const columns = values[0]?.length ?? 0;
  const data = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const numbers = values[row]!;
    checkNumbers(name, numbers);
    if (numbers.length !== columns) {
      throw new RangeError(
        `Cannot score the ${name}: row ${row} has ${numbers.length} numbers, but row 0 has ${columns}`,
      );
    }
    data.set(numbers, row * columns);
  }
  return { data, rows, columns };
}
