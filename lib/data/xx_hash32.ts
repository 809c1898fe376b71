/**
 * The checksum of LZ4 frames.
 *
 * Source: https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md#xxh32-algorithm-description
 *
 * @module
 */
const PRIMES = [
  0x9e3779b1,
  0x85ebca77,
  0xc2b2ae3d,
  0x27d4eb2f,
  0x165667b1,
] as const;

/**
 * Computes XXH32 with seed 0.
 *
 * @param bytes The bytes.
 * @returns The checksum, an unsigned 32-bit integer.
 */
export function xxHash32(bytes: Uint8Array): number {
  const [p1, p2, p3, p4, p5] = PRIMES;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  let hash = p5 as number;
  if (bytes.length >= 16) {
    const lanes = [p1 + p2, p2, 0, -p1];
    for (; at + 16 <= bytes.length; at += 16) {
      for (let i = 0; i < 4; i++) {
        const word = view.getUint32(at + 4 * i, true);
        const mixed = rotate(lanes[i]! + Math.imul(word, p2), 13);
        lanes[i] = Math.imul(mixed, p1);
      }
    }
    hash = [1, 7, 12, 18].reduce(
      (sum, bits, i) => sum + rotate(lanes[i]!, bits),
      0,
    );
  }
  hash += bytes.length;
  for (; at + 4 <= bytes.length; at += 4) {
    hash += Math.imul(view.getUint32(at, true), p3);
    hash = Math.imul(rotate(hash, 17), p4);
  }
  for (; at < bytes.length; at++) {
    hash = Math.imul(rotate(hash + Math.imul(bytes[at]!, p5), 11), p1);
  }
  hash = Math.imul(hash ^ hash >>> 15, p2);
  hash = Math.imul(hash ^ hash >>> 13, p3);
  return (hash ^ hash >>> 16) >>> 0;
}

/** Rotates the low 32 bits to the left. */
function rotate(value: number, bits: number): number {
  const word = value | 0;
  return word << bits | word >>> 32 - bits;
}
