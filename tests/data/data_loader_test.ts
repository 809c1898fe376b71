import {
  assert,
  assertEquals,
  assertNotEquals,
  assertRejects,
  assertThrows,
} from "@std/assert";
import {
  DataLoader,
  type DataLoaderOptions,
} from "../../lib/data/data_loader.ts";
import { SequentialSampler } from "../../lib/data/sampler.ts";

type Loader = DataLoader<number, number[]>;

/** A loader of the numbers from 0 to 9 in batches of 4. */
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

/** The batches of one pass, or the first few of them. */
async function pass(loader: Loader, most = Infinity): Promise<number[][]> {
  const batches: number[][] = [];
  for await (const batch of loader) {
    batches.push(batch);
    if (batches.length === most) break;
  }
  return batches;
}

Deno.test("DataLoader gives every row once, the last batch short or left out", async () => {
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

Deno.test("DataLoader takes one row a batch where no batchSize is given", () => {
  assertEquals(
    new DataLoader([1, 2, 3], { collateFn: (rows) => rows }).length,
    3,
  );
});

Deno.test("DataLoader shuffles anew each epoch, by the seed", async () => {
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

Deno.test("DataLoader.setEpoch() takes the order of that epoch", async () => {
  const shuffled = loader({ shuffle: true });
  const epochs = [
    await pass(shuffled),
    await pass(shuffled),
    await pass(shuffled),
  ];
  shuffled.setEpoch(1);
  assertEquals([await pass(shuffled), await pass(shuffled)], epochs.slice(1));
});

Deno.test("DataLoader.first() gives the batch that comes next and moves nothing", async () => {
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
    "Cannot give a first batch: 0 of 0 batches were already given",
  );
});

Deno.test("DataLoader goes on from a saved state with the very next batch", async () => {
  const whole = loader({ shuffle: true });
  const expected = [...await pass(whole), ...await pass(whole)];
  // Stop after each of the batches, in the loop and after a break.
  for (let given = 1; given <= 6; given++) {
    const first = loader({ shuffle: true });
    let saved: string | undefined;
    let count = 0;
    for (let epoch = 0; epoch < 2 && count < given; epoch++) {
      for await (const _ of first) {
        if (++count === given) {
          saved = JSON.stringify(first.state);
          break;
        }
      }
    }
    assertEquals(JSON.stringify(first.state), saved, "a break changes nothing");
    const resumed = loader({ shuffle: true });
    resumed.state = JSON.parse(saved!);
    const rest: number[][] = [];
    while (rest.length < 6 - given) rest.push(...await pass(resumed));
    assertEquals(rest, expected.slice(given), `after ${given} batches`);
  }
});

Deno.test("DataLoader.state names the epoch to come once a pass is through", async () => {
  const plain = loader();
  assertEquals(plain.state, { epoch: 0, batch: 0 });
  for await (const _ of plain) {
    assert(plain.state.epoch === 0 && plain.state.batch > 0);
  }
  assertEquals(plain.state, { epoch: 1, batch: 0 });

  // Saved within the last turn of the loop: the rest of that epoch is empty.
  plain.state = { epoch: 0, batch: 3 };
  assertEquals(await pass(plain), []);
  assertEquals(plain.state, { epoch: 1, batch: 0 });
});

Deno.test("DataLoader begins the next epoch after a break", async () => {
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
    while (performance.now() - start < 4); // a step that never waits
  }
  clearInterval(interval);
  assert(timers >= 8, `${timers} timers in 10 steps of 4 ms`);
});

Deno.test({
  name: "DataLoader leaves nothing open that would keep the process alive",
  sanitizeResources: true,
  sanitizeOps: true,
  fn: async () => {
    await pass(loader(), 1);
    await loader()[Symbol.asyncIterator]().next();
  },
});

Deno.test("DataLoader tells the sampler the epoch and follows its order", async () => {
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

Deno.test("DataLoader rejects options that exclude each other or mean nothing", () => {
  const sampler = new SequentialSampler({ length: 10 });
  assertThrows(
    () => loader({ sampler, shuffle: true }),
    TypeError,
    "Cannot load batches: sampler and shuffle exclude each other",
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
      `Cannot go on at batch ${state.batch} of epoch ${state.epoch}: an epoch has 3 batches`,
    );
  }
});
