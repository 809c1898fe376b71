/** Weights by a formula, and digests of tensors: see `fixtures/golden.py`. */
import { assertAllClose, type Tolerance } from "../helpers/all_close.ts";

/** Some elements of a tensor, and its sums with random signs. */
export interface Digest {
  readonly norm: number;
  readonly samples: readonly number[];
  readonly sums: readonly number[];
}

/** Random 32-bit words of a name: MurmurHash3's finalizer of a multiple of the index. */
function words(name: string, count: number): Uint32Array {
  let seed = 0x811c9dc5; // FNV-1a
  for (let i = 0; i < name.length; i++) {
    seed = Math.imul(seed ^ name.charCodeAt(i), 0x01000193);
  }
  return Uint32Array.from({ length: count }, (_, i) => {
    let x = Math.imul(i, 0x9e3779b1) + seed;
    x = Math.imul(x ^ x >>> 16, 0x85ebca6b);
    x = Math.imul(x ^ x >>> 13, 0xc2b2ae35);
    return x ^ x >>> 16;
  });
}

/**
 * A parameter with which every term matters.
 *
 * @param name Its name in transformers.
 * @param shape Its shape.
 * @returns The values.
 */
export function goldenWeight(
  name: string,
  shape: readonly number[],
): Float32Array<ArrayBuffer> {
  const size = shape.reduce((a, b) => a * b, 1);
  let [deviation, mean] = [0.2, name.endsWith("bias") ? 0 : 1];
  if (shape.length > 1) {
    const isTable = name.endsWith("embeddings.weight");
    [deviation, mean] = [isTable ? 0.5 : 1.5 / Math.sqrt(shape[1]!), 0];
  }
  const scale = deviation * Math.sqrt(3);
  return Float32Array.from(
    words(name, size),
    (word) => mean + scale * ((word + 0.5) / 2 ** 31 - 1),
  );
}

/**
 * Fails unless a tensor has the sampled elements of a digest, and its sums with
 * random signs: any element that is off shows in these.
 *
 * @param name Name of the tensor, from which places and signs are drawn.
 * @param values Its values.
 * @param expected The digest.
 * @param tolerance Of each element.
 */
export function assertDigest(
  name: string,
  values: Float32Array,
  { norm, samples, sums }: Digest,
  tolerance: Tolerance,
): void {
  const places = words(`${name} samples`, samples.length);
  assertAllClose(
    Array.from(places, (place) => values[place % values.length]!),
    samples,
    tolerance,
    `samples of ${name}`,
  );
  const totals = sums.map(() => 0);
  words(`${name} signs`, values.length).forEach((word, i) => {
    for (let k = 0; k < totals.length; k++) {
      totals[k]! += word >>> k & 1 ? -values[i]! : values[i]!;
    }
  });
  const { atol, rtol } = tolerance;
  // Of independent errors, each as large as the tolerance.
  const ofSum = {
    atol: atol * Math.sqrt(values.length) + rtol * norm,
    rtol: 0,
  };
  assertAllClose(totals, sums, ofSum, `sums of ${name}`);
}
