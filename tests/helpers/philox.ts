import type { DropoutKey } from "../../lib/ops/dropout_key.ts";

type Words = [number, number, number, number];

/**
 * Philox4x32-10 (Salmon et al. 2011) over BigInt, as in the paper.
 *
 * @param counter Four 32-bit words.
 * @param key Two 32-bit words.
 * @returns Four random 32-bit words.
 */
export function philox(
  counter: Words,
  [k0, k1]: [number, number],
): Words {
  let [c0, c1, c2, c3] = counter.map(BigInt) as [
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  const low = (v: bigint) => v & 0xffffffffn;
  for (let round = 0n; round < 10n; round++) {
    const p0 = 0xD2511F53n * c0;
    const p1 = 0xCD9E8D57n * c2;
    const r0 = low(BigInt(k0) + round * 0x9E3779B9n);
    const r1 = low(BigInt(k1) + round * 0xBB67AE85n);
    [c0, c1, c2, c3] = [
      (p1 >> 32n) ^ c1 ^ r0,
      low(p1),
      (p0 >> 32n) ^ c3 ^ r1,
      low(p0),
    ];
  }
  return [Number(c0), Number(c1), Number(c2), Number(c3)];
}

/**
 * The dropout mask of an element: 0 if the upper 24 bits of its random word are
 * below p · 2²⁴, else 1 / (1 - p).
 *
 * @param key Key of the dropout.
 * @param element Index of the element in its row.
 * @param row Index of the row; 0 if the tensor is a single row.
 * @returns The mask, in f32.
 */
export function dropoutScale(
  { p, seed, step, site }: DropoutKey,
  element: number,
  row = 0,
): number {
  const counter: Words = [Math.floor(element / 4), row, site, step];
  const word = philox(counter, [seed, 0])[element % 4]!;
  return word >>> 8 < Math.round(p * 2 ** 24) ? 0 : Math.fround(1 / (1 - p));
}
