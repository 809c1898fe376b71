import { assertEquals } from "@std/assert";
import { DataLoader } from "../../mod.ts";

const ROWS = Array.from({ length: 10 }, (_, i) => i);
const collateFn = (rows: number[]) => rows;

/** The batches of an epoch, which are their own row indices, and the indices reported. */
async function epoch(loader: DataLoader<number, number[]>, limit = Infinity) {
  const batches: number[][] = [];
  const indices: (readonly number[])[] = [];
  for await (const batch of loader) {
    batches.push(batch);
    indices.push(loader.batchIndices);
    if (batches.length === limit) break;
  }
  return { batches, indices };
}

Deno.test("DataLoader.batchIndices are the rows of the batch yielded last", async () => {
  const options = { batchSize: 4, shuffle: true, seed: 3, collateFn };
  const loader = new DataLoader(ROWS, options);
  assertEquals(loader.batchIndices, []);
  const [first, second] = [await epoch(loader), await epoch(loader)];
  assertEquals(first.batches.map(({ length }) => length), [4, 4, 2]);
  assertEquals(first.indices, first.batches);
  assertEquals(second.indices, second.batches);
  assertEquals(loader.batchIndices, []); // the next epoch has yielded none
});

Deno.test("DataLoader.batchIndices go on where an epoch was left", async () => {
  const options = { batchSize: 3, shuffle: true, seed: 1, collateFn };
  const [loader, resumed] = [1, 2].map(() => new DataLoader(ROWS, options));
  const { batches } = await epoch(loader!, 2);
  assertEquals(loader!.batchIndices, batches[1]);
  resumed!.loadStateDict(loader!.stateDict());
  assertEquals(resumed!.batchIndices, batches[1]);
  const rest = await epoch(resumed!);
  assertEquals(rest.indices, rest.batches);
});

Deno.test("DataLoader.batchIndices have no row that dropLast drops", async () => {
  const options = { batchSize: 4, dropLast: true, collateFn };
  const { indices } = await epoch(new DataLoader(ROWS, options));
  assertEquals(indices, [[0, 1, 2, 3], [4, 5, 6, 7]]);
});
