/**
 * A seeded random number generator, PCG32 (XSH-RR, 64-bit state), for shuffling and
 * initial weights. The same seed gives the same numbers on every machine.
 *
 * Source: O'Neill 2014, https://www.pcg-random.org/paper.html, and its C code,
 * https://github.com/imneme/pcg-c-basic/blob/master/pcg_basic.c
 *
 * @module
 */

/** State of {@linkcode Random}: four 32-bit words, as plain numbers for JSON. */
export type RandomState = readonly [
  stateHigh: number,
  stateLow: number,
  incrementHigh: number,
  incrementLow: number,
];

const TWO_32 = 2 ** 32;

// 6364136223846793005, the multiplier of the 64-bit generator, in two halves.
const MULTIPLIER_HIGH = 0x5851f42d;
const MULTIPLIER_LOW = 0x4c957f2d;

/**
 * A PCG32 generator with period 2^64 on each of 2^53 streams. Its position in the
 * stream is in the property `state`.
 */
export class Random {
  /** State and increment, each 64 bits, high half first. */
  #words = new Uint32Array(4);

  /**
   * Makes a generator.
   *
   * @param seed Start position in the stream, a whole number in [0, 2^53).
   * @param stream Number of the stream, a whole number in [0, 2^53); streams of one seed differ.
   * @throws {RangeError} If `seed` or `stream` is not a whole number in [0, 2^53).
   */
  constructor(seed: number, stream = 0) {
    for (const [name, value] of Object.entries({ seed, stream })) {
      if (!Number.isSafeInteger(value) || value < 0) {
        throw new RangeError(
          `Cannot seed a generator: ${name} must be a whole number from 0, not ${value}`,
        );
      }
    }
    this.#words[2] = Math.floor(stream / 2 ** 31);
    this.#words[3] = 2 * (stream % 2 ** 31) + 1;
    this.#step();
    this.#add(Math.floor(seed / TWO_32), seed % TWO_32);
    this.#step();
  }

  /**
   * Position in the stream. Assign a saved state to continue from it.
   *
   * @throws {RangeError} If the assigned state is not valid.
   */
  get state(): RandomState {
    return [...this.#words] as unknown as RandomState;
  }

  set state(words: RandomState) {
    if (
      words.length !== 4 || words[3] % 2 !== 1 ||
      words.some((w) => w !== w >>> 0)
    ) {
      throw new RangeError(
        `Cannot restore a generator: its state is four 32-bit words, the last one odd, not [${words}]`,
      );
    }
    this.#words.set(words);
  }

  /**
   * Draws 32 random bits.
   *
   * @returns A whole number in [0, 2^32).
   */
  nextUint32(): number {
    const high = this.#words[0]!;
    const low = this.#words[1]!;
    this.#step();
    // XSH-RR: xorshift the high bits, then rotate by the upper 5 bits.
    const xorHigh = high ^ (high >>> 18);
    const xorLow = low ^ ((low >>> 18) | (high << 14));
    const word = (xorLow >>> 27) | (xorHigh << 5);
    const rotation = high >>> 27;
    return ((word >>> rotation) | (word << (-rotation & 31))) >>> 0;
  }

  /**
   * Draws from the uniform distribution, in multiples of 2^-32.
   *
   * @returns A number in [0, 1).
   */
  nextFloat(): number {
    return this.nextUint32() / TWO_32;
  }

  /**
   * Draws a whole number below `n`, uniformly.
   *
   * @param n Exclusive upper bound, a whole number from 1 to 2^32.
   * @returns A whole number in [0, n).
   * @throws {RangeError} If `n` is not a whole number from 1 to 2^32.
   */
  below(n: number): number {
    if (!Number.isInteger(n) || n < 1 || n > TWO_32) {
      throw new RangeError(
        `Cannot draw a number below ${n}: the bound must be a whole number from 1 to 2^32`,
      );
    }
    // Rejection sampling: words below 2^32 mod n would make some results more likely.
    const threshold = TWO_32 % n;
    let word = this.nextUint32();
    while (word < threshold) word = this.nextUint32();
    return word % n;
  }

  /**
   * Draws from the standard normal distribution, by the Box-Muller transform (1958):
   * `sqrt(-2 ln u) · cos(2πv)`. The second value, with the sine, is not cached, so
   * that `state` is complete.
   *
   * @returns A number with mean 0 and variance 1.
   */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.nextFloat())); // ln of (0, 1]
    return radius * Math.cos(2 * Math.PI * this.nextFloat());
  }

  /**
   * Draws a random permutation, by a Fisher-Yates shuffle from the last element to the
   * first.
   *
   * @param n Number of elements.
   * @returns 0 to n - 1 in random order, each permutation equally likely.
   */
  permutation(n: number): Uint32Array {
    const order = Uint32Array.from({ length: n }, (_, i) => i);
    for (let i = n; i > 1; i--) {
      const chosen = this.below(i);
      [order[i - 1], order[chosen]] = [order[chosen]!, order[i - 1]!];
    }
    return order;
  }

  /** `state = state · multiplier + increment` in 64 bits. */
  #step(): void {
    const high = this.#words[0]!;
    const low = this.#words[1]!;
    // Products of a 16-bit half and a 32-bit word are exact in a double.
    const upper = (low >>> 16) * MULTIPLIER_LOW;
    const lower = (low & 0xffff) * MULTIPLIER_LOW + (upper % 0x10000) * 0x10000;
    const carry = Math.floor(upper / 0x10000) + Math.floor(lower / TWO_32);
    this.#words[0] = carry + Math.imul(high, MULTIPLIER_LOW) +
      Math.imul(low, MULTIPLIER_HIGH);
    this.#words[1] = lower;
    this.#add(this.#words[2]!, this.#words[3]!);
  }

  /** Adds 64 bits to the state. */
  #add(high: number, low: number): void {
    const sum = this.#words[1]! + low;
    this.#words[0]! += high + (sum >= TWO_32 ? 1 : 0);
    this.#words[1] = sum;
  }
}
