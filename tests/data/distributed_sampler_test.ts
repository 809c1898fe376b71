import { assertEquals, assertThrows } from "@std/assert";
import { DataLoader, DistributedSampler } from "../../mod.ts";
import { randperm } from "../../lib/data/torch_random.ts";
import fixture from "./fixtures/distributed_sampler.json" with { type: "json" };

Deno.test("randperm() is that of PyTorch", () => {
  for (const { length, seed, first, last, sum } of fixture.permutations) {
    const order = randperm(length, seed);
    assertEquals(order.slice(0, first.length), first);
    assertEquals(order.slice(-last.length), last);
    assertEquals(order.reduce((sum, value, i) => sum + i * value, 0), sum);
  }
});

Deno.test("DistributedSampler takes the rows of PyTorch's", () => {
  for (const { rows, size, epoch, indices, ...options } of fixture.samplers) {
    indices.forEach((expected, rank) => {
      const sampler = new DistributedSampler({ length: rows }, {
        ...options,
        communicator: { rank, size },
      });
      sampler.setEpoch(epoch);
      assertEquals([...sampler], expected);
      assertEquals(sampler.length, expected.length);
    });
  }
});

Deno.test("DistributedSampler gives each epoch of a DataLoader another order", async () => {
  const rows = Array.from({ length: 9 }, (_, i) => i);
  const communicator = { rank: 1, size: 2 };
  const sampler = new DistributedSampler(rows, { communicator });
  const loader = new DataLoader(rows, {
    batchSize: 5,
    sampler,
    collateFn: (rows) => ({ rows }),
  });
  const epochs: number[][] = [];
  for (let epoch = 0; epoch < 2; epoch++) {
    for await (const { rows } of loader) epochs.push(rows);
  }
  assertEquals(
    epochs,
    [0, 1].map((epoch) => {
      const order = randperm(9, epoch);
      return [1, 3, 5, 7, 9].map((i) => order[i % 9]!);
    }),
  );
});

Deno.test("a DataLoader refuses to divide the rows of a DistributedSampler again", () => {
  const communicator = { rank: 0, size: 2 };
  const sampler = new DistributedSampler([1, 2], { communicator });
  assertThrows(
    () => new DataLoader([1, 2], { sampler, communicator, collateFn: String }),
    TypeError,
    "Cannot load batches: a DistributedSampler has divided the rows already; leave out the communicator",
  );
});

Deno.test("DistributedSampler refuses to divide no rows", () => {
  assertThrows(
    () => new DistributedSampler([], { communicator: { rank: 0, size: 2 } }),
    RangeError,
    "Cannot divide rows among processes: there are none",
  );
});
