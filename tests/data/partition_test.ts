import { assert, assertEquals } from "@std/assert";
import {
  type Batch,
  DataLoader,
  GradientAccumulation,
  type Row,
} from "../../mod.ts";
import { partitionRows, partOf, tokensOf } from "../../lib/data/partition.ts";

const places = (size: number) =>
  Array.from({ length: size }, (_, rank) => ({ rank, size }));

Deno.test("partitionRows() puts each row in one part, in order", () => {
  // Where no part is shorter for it, the first part begins with row 0.
  for (
    const [lengths, expected] of [
      [[3, 3, 3, 3], [[0, 2], [2, 4]]],
      [[9, 1, 1, 1], [[0, 1], [1, 4]]],
      [[1, 1, 1, 9], [[0, 3], [3, 4]]],
      [[4, 4, 4, 4, 4, 4], [[0, 2], [2, 4], [4, 6]]],
      [[5], [[0, 0], [0, 1]]],
      [[5, 5], [[0, 0], [0, 1], [1, 1], [1, 2]]],
      [[1, 50, 1], [[0, 1], [1, 2], [2, 3]]],
    ] as const
  ) {
    const parts = places(expected.length)
      .map((place) => partitionRows(lengths, place))
      .map(({ start, end }) => [start, end]);
    assertEquals(parts.flat().toSorted((a, b) => a - b), parts.flat());
    assertEquals([parts[0]![0], parts.at(-1)![1]], [0, lengths.length]);
    assertEquals(parts, expected.map((part) => [...part]));
  }
});

Deno.test("partitionRows() begins where the longest part is the shortest", () => {
  const lengths = [5, 1, 1, 9, 4, 2]; // from row 0 on, 7 and 15
  const ranges = places(2).map((place) => partitionRows(lengths, place));
  assertEquals(ranges, [{ start: 1, end: 4 }, { start: 4, end: 7 }]);
  assertEquals(
    places(3).map((place) => partitionRows([6, 3, 8, 2], place)),
    [{ start: 3, end: 5 }, { start: 1, end: 2 }, { start: 2, end: 3 }],
  );
  const three = places(3).map((place) => partitionRows([1, 6, 1, 5], place));
  assertEquals(three, [
    { start: 1, end: 2 },
    { start: 2, end: 3 },
    { start: 3, end: 5 },
  ]);
});

Deno.test("tokensOf() counts the ones of the mask, or the ids", () => {
  assertEquals(tokensOf({ inputIds: [1, 2, 3] }), 3);
  assertEquals(tokensOf({ inputIds: [1, 2, 3], attentionMask: [1, 1, 0] }), 2);
  assertEquals(tokensOf({ text: "a" }), 1);
  assertEquals(tokensOf(7), 1);
});

Deno.test("partOf() says what comes before, and gives row 0 to those without rows", () => {
  const rows = [[1, 2, 3], [4], [5, 6]].map((inputIds) => ({ inputIds }));
  const whole = { rows: 3, tokens: 6 };
  const partsOf = (batch: typeof rows) =>
    places(2).map((place) => partOf(batch, place))
      .map(({ rows, place }) => [rows.map((row) => row.inputIds), place]);
  assertEquals(partsOf(rows), [
    [[[1, 2, 3]], { before: { rows: 0, tokens: 0 }, whole }],
    [[[4], [5, 6]], { before: { rows: 1, tokens: 3 }, whole }],
  ]);
  assertEquals(partsOf([rows[1]!, rows[0]!, rows[2]!]), [
    [[[1, 2, 3]], { before: { rows: 1, tokens: 1 }, whole }],
    [[[5, 6], [4]], { before: { rows: 2, tokens: 4 }, whole }],
  ]);
  const [first, second] = places(2).map((place) =>
    partOf(rows.slice(2), place)
  );
  assertEquals(first!.range, { start: 0, end: 0 });
  assertEquals(first!.rows, second!.rows);
});

Deno.test("a DataLoader divides the batches of a single process", async () => {
  const rows: Row[] = Array.from({ length: 11 }, (_, i) => ({
    inputIds: new Array(1 + i % 4).fill(i),
  }));
  const options = {
    ...{ batchSize: 4, shuffle: true, seed: 2 },
    collateFn: (rows: Row[]): { ids: unknown[] } & Pick<Batch, "before"> => ({
      ids: rows.map((row) => row.inputIds[0]),
    }),
  };
  const whole: unknown[] = [];
  for await (const batch of new DataLoader(rows, options)) {
    whole.push(batch.ids);
  }
  const size = 4;
  const divided: unknown[][] = whole.map(() => []);
  const shares = whole.map(() => 0);
  const weights = whole.map(() => 0);
  for (const communicator of places(size)) {
    const loader = new DataLoader(rows, { ...options, communicator });
    const accumulation = new GradientAccumulation(loader, 1);
    assertEquals((await loader.first()).ids, whole[0]);
    for await (const { ids, before } of loader) {
      const batch = loader.state.batch - 1;
      const { start, end } = loader.part!;
      const { rows, share, weight } = accumulation.current;
      assertEquals(share, (end - start) / rows);
      shares[batch]! += share;
      weights[batch]! += 1 / weight * (end - start);
      assertEquals(loader.batchIndices.length, rows);
      assertEquals(before?.rows, start < end ? start : 0);
      if (start < end) {
        ids.forEach((id, i) => divided[batch]![(start + i) % rows] = id);
      } else assertEquals([ids.length, weight], [1, Infinity]);
    }
  }
  assertEquals(divided, whole);
  for (const sum of [...shares, ...weights]) assert(Math.abs(sum - 1) < 1e-12);
});
