/**
 * Weights in 8 bits.
 *
 * @module
 */

/** Rows of numbers, each as whole numbers times a scale of its own. */
export interface QuantizedRows {
  /** The whole numbers, from -127 to 127. */
  readonly values: Int8Array<ArrayBuffer>;
  /** What each row is to be multiplied with. */
  readonly scales: Float32Array<ArrayBuffer>;
}

/**
 * Quantises each row by itself, symmetrically: `scale = max|w| / 127` and
 * `q = round(w / scale)`, as `quantize_dynamic` of onnxruntime does per channel.
 *
 * @param weights The numbers, `[R, C]`.
 * @param rows Number of rows R.
 * @param name The tensor's name, for errors.
 * @returns The rows.
 * @throws {RangeError} If a number is not finite.
 */
export function quantizeRows(
  weights: Float32Array,
  rows: number,
  name: string,
): QuantizedRows {
  const cols = weights.length / rows;
  const values = new Int8Array(weights.length);
  const scales = new Float32Array(rows);
  for (let r = 0; r < rows; r++) {
    const row = weights.subarray(r * cols, (r + 1) * cols);
    const max = row.reduce((max, weight) => Math.max(max, Math.abs(weight)), 0);
    if (!Number.isFinite(max)) {
      throw new RangeError(
        `Cannot export ${name} as q8: row ${r} of it has a value that is not finite: train the model again`,
      );
    }
    const scale = max / 127 || 1; // a row of zeros has no scale of its own
    scales[r] = scale;
    for (let c = 0; c < cols; c++) {
      values[r * cols + c] = Math.round(row[c]! / scale);
    }
  }
  return { values, scales };
}
