import { assertEquals, assertThrows } from "@std/assert";
import { DataLoader, type DataLoaderOptions } from "../../mod.ts";
import { xxHash32 } from "../../lib/data/xx_hash32.ts";

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

Deno.test("DataLoader.stateDict() resumes with the next batch after each batch", async () => {
  const uninterrupted = loader({ shuffle: true });
  const expected = [
    ...await pass(uninterrupted),
    ...await pass(uninterrupted),
  ];
  const saving = loader({ shuffle: true });
  const states = [JSON.stringify(saving.stateDict())];
  for (let epoch = 0; epoch < 2; epoch++) {
    for await (const _ of saving) {
      states.push(JSON.stringify(saving.stateDict()));
    }
  }
  for (const [taken, state] of states.entries()) {
    const resumed = loader({ shuffle: true });
    await pass(resumed, 2);
    resumed.loadStateDict(JSON.parse(state));
    assertEquals(JSON.stringify(resumed.stateDict()), state);
    const { epoch, batch } = resumed.state;
    assertEquals(3 * epoch + batch, taken);
    // After the last batch of an epoch, its rest is empty.
    const rest = await pass(resumed);
    assertEquals(rest.length, 3 - batch);
    rest.push(...await pass(resumed));
    assertEquals(
      rest.slice(0, 6 - taken),
      expected.slice(taken, taken + rest.length),
    );
  }
});

Deno.test("DataLoader.stateDict() has the position and the order of the epoch", () => {
  const plain = loader({ dropLast: true, sampler: [3, 1, 2, 0, 9] });
  plain.state = { epoch: 2, batch: 1 };
  // XXH32 of the indices as u32, little-endian
  const bytes = new Uint8Array(Uint32Array.of(3, 1, 2, 0, 9).buffer);
  assertEquals(plain.stateDict(), {
    ...{ epoch: 2, batch: 1, batchSize: 4, rows: 4 },
    orderHash: xxHash32(bytes),
  });
});

Deno.test("DataLoader asks its sampler once in an epoch, also where it is saved", async () => {
  let asked = 0;
  const sampler = {
    length: 3,
    *[Symbol.iterator]() {
      asked++;
      yield* [asked, 0, 1];
    },
  };
  const saving = loader({ sampler, batchSize: 1 });
  const seen: number[] = [];
  await saving.first();
  for await (const [row] of saving) {
    seen.push(row!);
    saving.stateDict();
  }
  assertEquals([seen, asked], [[1, 0, 1], 1]);
  assertEquals((await pass(saving))[0], [2]);
});

Deno.test("DataLoader.loadStateDict() refuses another order, batch size or number of rows", () => {
  const saved = loader({ shuffle: true, seed: 1 }).stateDict();
  const rows = Array.from({ length: 9 }, (_, i) => i);
  const collateFn = (rows: number[]) => rows;
  const order =
    "Cannot resume a DataLoader in epoch 0: the order of its rows differs from the saved one; use the same data, sampler and seed";
  const cases: [Loader, message: string][] = [
    [loader({ shuffle: true, seed: 2 }), order],
    [loader(), order],
    [loader({ sampler: [9, 8, 7, 6, 5, 4, 3, 2, 1, 0] }), order],
    [
      loader({ shuffle: true, seed: 1, batchSize: 5 }),
      "Cannot resume a DataLoader of 10 rows in batches of 5: the saved one has 10 rows in batches of 4; use the same data and batchSize",
    ],
    [
      loader({ shuffle: true, seed: 1, dropLast: true }),
      "Cannot resume a DataLoader of 8 rows in batches of 4: the saved one has 10 rows in batches of 4",
    ],
    [
      new DataLoader(rows, { batchSize: 4, collateFn }),
      "Cannot resume a DataLoader of 9 rows in batches of 4: the saved one has 10 rows in batches of 4",
    ],
  ];
  for (const [other, message] of cases) {
    other.state = { epoch: 1, batch: 1 };
    assertThrows(() => other.loadStateDict(saved), RangeError, message);
    assertEquals(other.state, { epoch: 1, batch: 1 });
  }
  for (const change of [{ epoch: -1 }, { epoch: 0.5 }, { batch: 4 }]) {
    assertThrows(
      () =>
        loader({ shuffle: true, seed: 1 }).loadStateDict({
          ...saved,
          ...change,
        }),
      RangeError,
      "an epoch has 3 batches",
    );
  }
});
