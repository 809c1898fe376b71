import {
  assert,
  assertEquals,
  assertNotEquals,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { DataLoader, type DataLoaderOptions } from "../../mod.ts";
import { DatasetDict } from "../../lib/data/dataset_dict.ts";
import { SequentialSampler } from "../../lib/data/sampler.ts";

type Loader = DataLoader<number, number[]>;

/** Makes a loader of the numbers from 0 to 9 in batches of 4. */
function loader(
  options: Partial<DataLoaderOptions<number, number[]>> = {},
): Loader {
  const rows = Array.from({ length: 10 }, (_, i) => i);
  return new DataLoader(rows, {
    batchSize: 4,
    collateFn: (rows) => rows,
    ...options,
  });
}

/** Iterates once; returns the batches, or the first `limit` of them. */
async function pass(loader: Loader, limit = Infinity): Promise<number[][]> {
  const batches: number[][] = [];
  for await (const batch of loader) {
    batches.push(batch);
    if (batches.length === limit) break;
  }
  return batches;
}

Deno.test("DataLoader yields every row once, and a short last batch or none", async () => {
  assertEquals(await pass(loader()), [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]);
  assertEquals(loader().length, 3);
  assertEquals(await pass(loader({ dropLast: true })), [[0, 1, 2, 3], [
    4,
    5,
    6,
    7,
  ]]);
  assertEquals(loader({ dropLast: true }).length, 2);
  assertEquals(loader({ batchSize: 5 }).length, 2);
  assertEquals(loader({ batchSize: 11, dropLast: true }).length, 0);
  assertEquals(await pass(loader({ batchSize: 11, dropLast: true })), []);
  assertEquals(loader({ sampler: [7, 7, 1] }).length, 1);
});

Deno.test("DataLoader counts the rows of an epoch, without those that dropLast drops", () => {
  assertEquals([loader().batchSize, loader().rows], [4, 10]);
  assertEquals(loader({ dropLast: true }).rows, 8);
  assertEquals(loader({ batchSize: 5, dropLast: true }).rows, 10);
  assertEquals(loader({ batchSize: 11 }).rows, 10);
  assertEquals(loader({ batchSize: 11, dropLast: true }).rows, 0);
  assertEquals(loader({ sampler: [7, 7, 1] }).rows, 3);
  assertEquals(
    loader({ sampler: [7, 7, 1], batchSize: 2, dropLast: true }).rows,
    2,
  );
});

Deno.test("DataLoader has one row per batch by default", () => {
  assertEquals(
    new DataLoader([1, 2, 3], { collateFn: (rows) => rows }).length,
    3,
  );
});

Deno.test("DataLoader reshuffles in each epoch, by the seed", async () => {
  const shuffled = loader({ shuffle: true, seed: 42 });
  const epochs = [
    await pass(shuffled),
    await pass(shuffled),
    await pass(shuffled),
  ];
  for (const epoch of epochs) {
    assertEquals(epoch.flat().toSorted((a, b) => a - b), [
      0,
      1,
      2,
      3,
      4,
      5,
      6,
      7,
      8,
      9,
    ]);
  }
  assertNotEquals(epochs[0], epochs[1]);
  assertNotEquals(epochs[1], epochs[2]);
  const again = loader({ shuffle: true, seed: 42 });
  assertEquals([await pass(again), await pass(again)], epochs.slice(0, 2));
  assertNotEquals(await pass(loader({ shuffle: true, seed: 43 })), epochs[0]);
});

Deno.test("DataLoader.setEpoch() sets the order of that epoch", async () => {
  const shuffled = loader({ shuffle: true });
  const epochs = [
    await pass(shuffled),
    await pass(shuffled),
    await pass(shuffled),
  ];
  shuffled.setEpoch(1);
  assertEquals([await pass(shuffled), await pass(shuffled)], epochs.slice(1));
});

Deno.test("DataLoader.first() returns the next batch without advancing", async () => {
  const shuffled = loader({ shuffle: true });
  const before = shuffled.state;
  const first = await shuffled.first();
  assertEquals(await shuffled.first(), first);
  assertEquals(shuffled.state, before);
  const epoch = await pass(shuffled);
  assertEquals(epoch[0], first);
  assertEquals(await shuffled.first(), (await pass(shuffled))[0]);
  await assertRejects(
    () => loader({ sampler: [] }).first(),
    RangeError,
    "Cannot take the first batch: 0 of 0 batches were already taken",
  );
});

Deno.test("DataLoader resumes from a saved state with the next batch", async () => {
  const uninterrupted = loader({ shuffle: true });
  const expected = [
    ...await pass(uninterrupted),
    ...await pass(uninterrupted),
  ];
  // Stop after each of the batches, in the loop and after a break.
  for (let taken = 1; taken <= 6; taken++) {
    const first = loader({ shuffle: true });
    let saved: string | undefined;
    let count = 0;
    for (let epoch = 0; epoch < 2 && count < taken; epoch++) {
      for await (const _ of first) {
        if (++count === taken) {
          saved = JSON.stringify(first.state);
          break;
        }
      }
    }
    assertEquals(JSON.stringify(first.state), saved, "a break changes nothing");
    const resumed = loader({ shuffle: true });
    resumed.state = JSON.parse(saved!);
    const rest: number[][] = [];
    while (rest.length < 6 - taken) rest.push(...await pass(resumed));
    assertEquals(rest, expected.slice(taken), `after ${taken} batches`);
  }
});

Deno.test("DataLoader.state moves to the next epoch at the end of an iteration", async () => {
  const plain = loader();
  assertEquals(plain.state, { epoch: 0, batch: 0 });
  for await (const _ of plain) {
    assert(plain.state.epoch === 0 && plain.state.batch > 0);
  }
  assertEquals(plain.state, { epoch: 1, batch: 0 });

  // Saved in the last iteration of the loop: the rest of that epoch is empty.
  plain.state = { epoch: 0, batch: 3 };
  assertEquals(await pass(plain), []);
  assertEquals(plain.state, { epoch: 1, batch: 0 });
});

Deno.test("DataLoader starts the next epoch after a break", async () => {
  const shuffled = loader({ shuffle: true });
  const epochs = [await pass(shuffled), await pass(shuffled)];
  shuffled.setEpoch(0);
  assertEquals(await pass(shuffled, 1), epochs[0]!.slice(0, 1));
  assertEquals(await pass(shuffled), epochs[1]);
});

Deno.test("DataLoader lets timers run between batches", async () => {
  let timers = 0;
  const interval = setInterval(() => timers++, 1);
  for await (const _ of loader({ batchSize: 1 })) {
    const start = performance.now();
    while (performance.now() - start < 4); // a step that never awaits
  }
  clearInterval(interval);
  assert(timers >= 8, `${timers} timers in 10 steps of 4 ms`);
});

Deno.test({
  name: "DataLoader leaves no resource open that would keep the process alive",
  sanitizeResources: true,
  sanitizeOps: true,
  fn: async () => {
    await pass(loader(), 1);
    await loader()[Symbol.asyncIterator]().next();
  },
});

Deno.test("DataLoader sets the epoch of the sampler and follows its order", async () => {
  const epochs: number[] = [];
  const sampler = {
    length: 3,
    setEpoch: (epoch: number) => epochs.push(epoch),
    *[Symbol.iterator]() {
      yield* [9, 0, 5];
    },
  };
  const sampled = loader({ sampler, batchSize: 2 });
  assertEquals(await pass(sampled), [[9, 0], [5]]);
  await pass(sampled);
  assertEquals(epochs, [0, 1]);
});

Deno.test("DataLoader rejects conflicting options, and values out of range", () => {
  const sampler = new SequentialSampler({ length: 10 });
  assertThrows(
    () => loader({ sampler, shuffle: true }),
    TypeError,
    "Cannot load batches: sampler and shuffle exclude each other; give one of them",
  );
  for (const batchSize of [0, -1, 1.5, NaN]) {
    assertThrows(
      () => loader({ batchSize }),
      RangeError,
      `Cannot load batches: batchSize must be a whole number from 1, not ${batchSize}`,
    );
  }
  for (
    const state of [{ epoch: 0, batch: 4 }, { epoch: -1, batch: 0 }, {
      epoch: 0,
      batch: 0.5,
    }]
  ) {
    assertThrows(
      () => loader().state = state,
      RangeError,
      `Cannot resume at batch ${state.batch} of epoch ${state.epoch}: an epoch has 3 batches`,
    );
  }
});

Deno.test("DataLoader says how to make its collateFn", () => {
  for (const options of [{}, { collateFn: 1 }, undefined]) {
    assertThrows(
      () => new DataLoader([1], options as DataLoaderOptions<number, number>),
      TypeError,
      `; pass { collateFn: dataCollatorWithPadding(tokenizer) }`,
    );
  }
  const batchSize: unknown = 8;
  assertThrows(
    () => new DataLoader([1], batchSize as DataLoaderOptions<number, number>),
    TypeError,
    "its options are the number 8, not an object; pass { batchSize: 8, collateFn }",
  );
});

Deno.test("DataLoader refuses what has no rows", () => {
  const collateFn = (rows: number[]) => rows;
  const cases: [rows: unknown, name: string][] = [
    [Promise.resolve([1]), "a promise"],
    [new DatasetDict({}), "a DatasetDict"],
    [undefined, "undefined"],
  ];
  for (const [rows, name] of cases) {
    assertThrows(
      () => new DataLoader(rows as number[], { collateFn }),
      TypeError,
      `Cannot make a DataLoader: its rows are ${name}, not a data set; pass one split, such as (await loadDataset(folder)).train`,
    );
  }
});
