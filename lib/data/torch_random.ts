/**
 * The random permutation of PyTorch, for the order in which its samplers take rows.
 *
 * @module
 */

const SIZE = 624;
const SHIFT = 397;

/**
 * Generates the 32-bit numbers of MT19937. Source: Matsumoto and Nishimura 1998,
 * "Mersenne Twister".
 *
 * @param seed The seed; its low 32 bits count.
 * @returns The generator: each call returns the next number.
 */
function mersenneTwister(seed: number): () => number {
  const state = new Uint32Array(SIZE);
  state[0] = Number(BigInt.asUintN(32, BigInt(seed)));
  for (let i = 1; i < SIZE; i++) {
    const previous = state[i - 1]!;
    state[i] = Math.imul(1812433253, previous ^ (previous >>> 30)) + i;
  }
  let next = SIZE;
  const renew = () => {
    for (let i = 0; i < SIZE; i++) {
      const bits = (state[i]! & 0x80000000) |
        (state[(i + 1) % SIZE]! & 0x7fffffff);
      state[i] = state[(i + SHIFT) % SIZE]! ^ (bits >>> 1) ^
        (bits & 1 ? 0x9908b0df : 0);
    }
    next = 0;
  };
  return () => {
    if (next === SIZE) renew();
    let bits = state[next++]!;
    bits ^= bits >>> 11;
    bits ^= (bits << 7) & 0x9d2c5680;
    bits ^= (bits << 15) & 0xefc60000;
    return (bits ^ (bits >>> 18)) >>> 0;
  };
}

/**
 * Permutes whole numbers as `torch.randperm(length, generator=g)` on the CPU, with
 * `g.manual_seed(seed)`.
 *
 * @param length Number of values, below 2³² / 20.
 * @param seed The seed.
 * @returns The numbers 0 to `length` - 1 in random order.
 */
export function randperm(length: number, seed: number): number[] {
  const random = mersenneTwister(seed);
  const order = Array.from({ length }, (_, i) => i);
  for (let i = 0; i < length - 1; i++) {
    const other = i + random() % (length - i);
    [order[i], order[other]] = [order[other]!, order[i]!];
  }
  return order;
}
