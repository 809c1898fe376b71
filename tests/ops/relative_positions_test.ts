import { assertEquals, assertThrows } from "@std/assert";
import { device } from "../helpers/device.ts";
import { clamped, upload } from "./relative_reference.ts";

Deno.test("relativePositions() counts pairs, and inverts the buckets of all distances", async () => {
  using _scope = device.scope();
  const { rows, pairs, longest, count, buckets, ranges, tiles } = upload(
    device,
    clamped([2, 5, 1], 1),
  );
  assertEquals({ rows, pairs, longest, count }, {
    rows: 8,
    pairs: 2 * 4 + 5 * 8 + 4,
    longest: 5,
    count: 5,
  });
  assertEquals([...await buckets.toArray()], [0, 0, 0, 1, 2, 3, 4, 4, 4]);
  assertEquals(
    [...await ranges.toArray()],
    [...[-4, -2], ...[-1, -1], ...[0, 0], ...[1, 1], ...[2, 4]],
  );
  assertEquals(tiles.shape, [3, 4]);
});

Deno.test("relativePositions() gives buckets that no distance reaches an empty range", async () => {
  using _scope = device.scope();
  const { ranges } = upload(device, clamped([1], 1));
  assertEquals(
    [...await ranges.toArray()],
    [...[1, 0], ...[1, 0], ...[0, 0], ...[1, 0], ...[1, 0]],
  );
});

Deno.test("relativePositions() refuses buckets that do not exist, and distances that are no neighbours", () => {
  using _scope = device.scope();
  const refused = (bucketOf: (distance: number) => number, message: string) =>
    assertThrows(
      () => upload(device, { lengths: [3], count: 2, bucketOf }),
      RangeError,
      message,
    );
  refused(
    (distance) => distance + 1,
    "Cannot put distance -2 into bucket -1: there are 2",
  );
  refused(
    (distance) => distance === 0 ? 2 : 0,
    "Cannot put distance 0 into bucket 2: there are 2",
  );
  refused(
    (distance) => Math.abs(distance) % 2,
    "Cannot put distance 0 into bucket 0: its distances end at -2",
  );
});
