import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import {
  LengthGroupedSampler,
  RandomSampler,
  type Sampler,
  SequentialSampler,
} from "../../lib/data/sampler.ts";

const rowsOf = (lengths: number[]) =>
  lengths.map((length) => ({ inputIds: Array(length).fill(0) }));

/** Returns the order of an epoch. */
function order(sampler: Sampler, epoch: number): number[] {
  sampler.setEpoch?.(epoch);
  return [...sampler];
}

/** Lists 0 to n - 1. */
const range = (n: number) => Array.from({ length: n }, (_, i) => i);
const sorted = (values: number[]) => values.toSorted((a, b) => a - b);

Deno.test("SequentialSampler keeps the order of the rows", () => {
  const sampler = new SequentialSampler({ length: 4 });
  assertEquals([...sampler], [0, 1, 2, 3]);
  assertEquals([...sampler], [0, 1, 2, 3]);
  assertEquals(sampler.length, 4);
});

Deno.test("RandomSampler's order depends only on the seed and the epoch", () => {
  const make = (seed: number) => new RandomSampler({ length: 100 }, { seed });
  const sampler = make(42);
  const epochs = [0, 1, 2].map((epoch) => order(sampler, epoch));
  for (const epoch of epochs) assertEquals(sorted(epoch), range(100));
  assertNotEquals(epochs[0], epochs[1]);
  assertNotEquals(epochs[1], epochs[2]);
  assertEquals(order(sampler, 1), epochs[1], "again, after epoch 2");
  assertEquals(order(make(42), 2), epochs[2], "without earlier epochs");
  assertNotEquals(order(make(43), 0), epochs[0]);
  assertEquals([...new RandomSampler({ length: 100 })], order(make(0), 0));
});

Deno.test("LengthGroupedSampler sorts megabatches and puts the longest row first", () => {
  // Distinct lengths 1 to 64, so that the sorted order is unique.
  const lengths = range(64).map((i) => (i * 37) % 64 + 1);
  const sampler = new LengthGroupedSampler(rowsOf(lengths), {
    batchSize: 4,
    seed: 1,
  });
  assertEquals(sampler.length, 64);
  const indices = order(sampler, 0);
  assertEquals(sorted(indices), range(64));
  assertEquals(lengths[indices[0]!], 64);

  // 64 rows, batches of 4: megabatches of min(64 / 16, 50) = 4 batches, 16 rows.
  for (let start = 0; start < 64; start += 16) {
    const megabatch = indices.slice(start, start + 16).map((i) => lengths[i]!);
    // The head of one megabatch was swapped with that of the first.
    const tail = megabatch.slice(1);
    assertEquals(tail, sorted(tail).reverse());
  }
  assertEquals(order(sampler, 0), indices);
  assertNotEquals(order(sampler, 1), indices);
});

Deno.test("LengthGroupedSampler swaps the heads of two megabatches only", () => {
  const lengths = range(64).map((i) => (i * 37) % 64 + 1);
  const rows = rowsOf(lengths);
  for (let seed = 0; seed < 8; seed++) {
    const shuffled = [...new RandomSampler(rows, { seed })];
    // get_length_grouped_indices of transformers, transcribed
    const megabatches = range(4).map((i) =>
      shuffled.slice(16 * i, 16 * i + 16)
        .sort((a, b) => lengths[b]! - lengths[a]!)
    );
    const heads = megabatches.map((megabatch) => lengths[megabatch[0]!]!);
    const longest = heads.indexOf(Math.max(...heads));
    const head = megabatches[0]![0]!;
    megabatches[0]![0] = megabatches[longest]![0]!;
    megabatches[longest]![0] = head;
    assertEquals(
      [...new LengthGroupedSampler(rows, { batchSize: 4, seed })],
      megabatches.flat(),
    );
  }
});

Deno.test("LengthGroupedSampler limits megabatches to 50 batches, and accepts small data sets", () => {
  const lengths = range(1000).map((i) => (i * 7) % 1000 + 1);
  const indices = [
    ...new LengthGroupedSampler(rowsOf(lengths), { batchSize: 2 }),
  ];
  // min(1000 / 8, 50) = 50 batches of 2: the second megabatch begins at row 100.
  const boundary = indices.slice(98, 102).map((i) => lengths[i]!);
  assertEquals(boundary[1]! < boundary[2]!, true, `${boundary}`);

  const few = [
    ...new LengthGroupedSampler(rowsOf([3, 9, 5]), { batchSize: 8 }),
  ];
  assertEquals(few, [1, 2, 0]);
});

Deno.test("samplers reject data sets and batch sizes that they cannot sample", () => {
  assertThrows(
    () => new RandomSampler({ length: 0 }),
    RangeError,
    "Cannot sample at random: there are no rows",
  );
  assertThrows(
    () => new LengthGroupedSampler([{ text: "a" }], { batchSize: 1 }),
    TypeError,
    "Cannot group by length: row 0 has no inputIds; map the data set through tokenizer.encode",
  );
  assertThrows(
    () => new LengthGroupedSampler(rowsOf([1]), { batchSize: 0 }),
    RangeError,
    "Cannot group by length: batchSize must be a whole number from 1, not 0",
  );
});
