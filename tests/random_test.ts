import {
  assert,
  assertEquals,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import { Random } from "../lib/random.ts";

// Output of `pcg32-demo` (round 1) from PCG's C code, to check ports against:
// seed 42, stream 54.
// https://github.com/imneme/pcg-c-basic/blob/master/pcg32-demo.c
const DEMO = {
  words: [
    0xa15c02b7,
    0x7b47f409,
    0xba1d3330,
    0x83d2f293,
    0xbfa4784b,
    0xcbed606e,
  ],
  coins: "HHTTTHTHHHTHTTTHHHHHTTTHHHTHTHTHTTHTTTHHHHHHTTTTHHTTTTTHTTTTTTTHT",
  rolls: "3 4 1 1 2 2 3 2 4 3 2 4 3 3 5 2 3 1 3 1 5 1 4 1 5 6 4 6 6 2 6 3 3",
  cards: "Qd Ks 6d 3s 3d 4c 3h Td Kc 5c Jh Kd Jd As 4s 4h Ad Th Ac Jc 7s Qs " +
    "2s 7h Kh 2d 6c Ah 4d Qh 9h 6s 5s 2c 9c Ts 8d 9s 3c 8c Js 5d 2h 6h " +
    "7d 8s 9d 5h 8h Qc 7c Tc",
};

Deno.test("Random matches the published output of PCG32", () => {
  const random = new Random(42, 54);
  assertEquals(DEMO.words.map(() => random.nextUint32()), DEMO.words);
  const coins = Array.from({ length: 65 }, () => random.below(2) ? "H" : "T");
  assertEquals(coins.join(""), DEMO.coins);
  const rolls = Array.from({ length: 33 }, () => random.below(6) + 1);
  assertEquals(rolls.join(" "), DEMO.rolls);
  const cards = Array.from(
    random.permutation(52),
    (card) => "A23456789TJQK"[card >> 2]! + "hcds"[card % 4]!,
  );
  assertEquals(cards.join(" "), DEMO.cards);
});

Deno.test("Random matches the 64-bit formula for seeds beyond 32 bits", () => {
  // The C code, transcribed to BigInt.
  function* reference(seed: bigint, stream: bigint): Generator<number> {
    const wrap = (x: bigint) => BigInt.asUintN(64, x);
    const increment = wrap(stream << 1n) | 1n;
    const step = (s: bigint) => wrap(s * 6364136223846793005n + increment);
    let state = step(wrap(step(0n) + seed));
    while (true) {
      const word = BigInt.asUintN(32, ((state >> 18n) ^ state) >> 27n);
      const rotation = state >> 59n;
      yield Number(
        BigInt.asUintN(32, (word >> rotation) | (word << (-rotation & 31n))),
      );
      state = step(state);
    }
  }
  for (const seed of [0, 1, 42, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1]) {
    for (const stream of [0, 1, 2 ** 31, 2 ** 53 - 1]) {
      const random = new Random(seed, stream);
      const expected = reference(BigInt(seed), BigInt(stream));
      for (let i = 0; i < 200; i++) {
        assertEquals(random.nextUint32(), expected.next().value);
      }
    }
  }
});

Deno.test("Random continues from a saved state", () => {
  const random = new Random(7, 3);
  for (let i = 0; i < 10; i++) random.normal();
  const saved = JSON.parse(JSON.stringify(random.state));
  const expected = Array.from({ length: 5 }, () => random.nextFloat());

  const restored = new Random(0);
  restored.state = saved;
  assertEquals(Array.from({ length: 5 }, () => restored.nextFloat()), expected);
});

Deno.test("Random.below() is uniform if the bound does not divide 2^32", () => {
  const random = new Random(1);
  // Words below 2^32 mod n are rejected; a plain `word % n` would draw the lower
  // third of this range twice as often as the rest.
  const n = 3 * 2 ** 30;
  let lower = 0;
  for (let i = 0; i < 30_000; i++) if (random.below(n) < n / 3) lower++;
  assert(Math.abs(lower / 30_000 - 1 / 3) < 0.015, `${lower} of 30000`);
});

Deno.test("Random.nextFloat() is uniform in [0, 1)", () => {
  const random = new Random(2);
  const values = Array.from({ length: 20_000 }, () => random.nextFloat());
  assert(values.every((v) => v >= 0 && v < 1));
  const mean = values.reduce((a, b) => a + b) / values.length;
  assert(Math.abs(mean - 0.5) < 0.01, `mean ${mean}`);
});

Deno.test("Random.normal() has the moments of the normal distribution", () => {
  const random = new Random(3);
  const values = Array.from({ length: 50_000 }, () => random.normal());
  const moment = (k: number) =>
    values.reduce((sum, v) => sum + v ** k, 0) / values.length;
  // Four standard errors: sqrt(var(x^k) / 50000) of the standard normal.
  assert(Math.abs(moment(1)) < 0.018, `mean ${moment(1)}`);
  assert(Math.abs(moment(2) - 1) < 0.026, `variance ${moment(2)}`);
  assert(Math.abs(moment(3)) < 0.07, `skewness ${moment(3)}`);
  assert(Math.abs(moment(4) - 3) < 0.18, `kurtosis ${moment(4)}`);
});

Deno.test("Random.normal() is finite if the first word is 0", () => {
  const random = new Random(0);
  random.state = [0, 0, 0, 1];
  assertEquals(random.nextUint32(), 0);
  random.state = [0, 0, 0, 1];
  assert(Number.isFinite(random.normal()));
});

Deno.test("Random.permutation() has each number once and depends on the seed and the stream", () => {
  const order = new Random(5, 1).permutation(100);
  assertEquals(
    [...order].sort((a, b) => a - b),
    Array.from({ length: 100 }, (_, i) => i),
  );
  assertEquals(new Random(5, 1).permutation(100), order);
  assertNotEquals(new Random(6, 1).permutation(100), order);
  assertNotEquals(new Random(5, 2).permutation(100), order);
  assertEquals(new Random(5).permutation(0).length, 0);
});

Deno.test("Random.permutation() draws every permutation equally often", () => {
  const random = new Random(3);
  const orders = Array.from({ length: 6000 }, () => random.permutation(3));
  const counts = Map.groupBy(orders, String);
  assertEquals(counts.size, 6);
  for (const [order, { length }] of counts) {
    // 1000 expected; 5 standard deviations are 144.
    assert(Math.abs(length - 1000) < 144, `${length} times ${order}`);
  }
});

Deno.test("Random rejects invalid arguments", () => {
  assertThrows(
    () => new Random(-1),
    RangeError,
    "Cannot seed a generator: seed must be a whole number from 0, not -1",
  );
  assertThrows(() => new Random(1, 0.5), RangeError, "stream must be");
  assertThrows(
    () => new Random(1).below(0),
    RangeError,
    "Cannot draw a number below 0",
  );
  assertThrows(
    () => new Random(1).state = [1, 2, 3, 4],
    RangeError,
    "Cannot restore a generator",
  );
});
