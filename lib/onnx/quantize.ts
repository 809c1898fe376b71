/**
 * Weights in 8 bits.
 *
 * @module
 */

/** A matrix quantized row by row: `values · scales`. */
export interface QuantizedRows {
  /** Quantized values, from -127 to 127, `[R, C]`. */
  readonly values: Int8Array<ArrayBuffer>;
  /** Scale of each row, `[R]`. */
  readonly scales: Float32Array<ArrayBuffer>;
}

/**
 * Quantizes each row separately, symmetrically: `scale = max|w| / 127` and
 * `q = round(w / scale)`, as `quantize_dynamic` of onnxruntime does per channel.
 *
 * @param weights The matrix, `[R, C]`.
 * @param rows Number of rows R.
 * @param name Tensor name, for errors.
 * @returns The quantized matrix.
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
        `Cannot export ${name} as q8: row ${r} has a value that is not finite: train the model again`,
      );
    }
    const scale = max / 127 || 1; // any scale serves a row of zeros
    scales[r] = scale;
    for (let c = 0; c < cols; c++) {
      values[r * cols + c] = Math.round(row[c]! / scale);
    }
  }
  return { values, scales };
}
