/**
 * Logits on the host, row by row.
 *
 * @module
 */

/**
 * Divides logits into rows.
 *
 * @param logits Logits, `[N, C]`.
 * @param numLabels Number of labels, C.
 * @returns One array per row.
 */
export function rowsOf(logits: Float32Array, numLabels: number): number[][] {
  return Array.from(
    { length: logits.length / numLabels },
    (_, row) => [...logits.subarray(row * numLabels, (row + 1) * numLabels)],
  );
}

/**
 * Computes `1 / (1 + exp(-x))`.
 *
 * @param logit The logit of a label.
 * @returns Its probability.
 */
export function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}

/**
 * Computes `exp(x_i) / Σ_j exp(x_j)`.
 *
 * @param logits One logit per label.
 * @returns One probability per label.
 */
export function softmax(logits: readonly number[]): number[] {
  const largest = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - largest));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
}

/**
 * Finds the largest number, the first one if there are several.
 *
 * @param values The numbers.
 * @returns Its index.
 */
export function indexOfMax(values: readonly number[]): number {
  return values.indexOf(Math.max(...values));
}

/**
 * Computes `max(x, 0) - xy + ln(1 + exp(-|x|))`, the binary cross-entropy of a label.
 *
 * @param logit The logit x of the label.
 * @param target Whether the row has the label, y: 1 or 0.
 * @returns The loss.
 */
export function bceWithLogit(logit: number, target: number): number {
  return Math.max(logit, 0) - logit * target +
    Math.log1p(Math.exp(-Math.abs(logit)));
}
