import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { fromArray, mul, type Tensor } from "../../mod.ts";
import {
  BlockTable,
  flatParametersOf,
} from "../../lib/optim/flat_parameters.ts";
import { device } from "../helpers/device.ts";
import { flattened, leavesOf } from "./leaves.ts";

Deno.test("flatParametersOf() returns the flat buffer of a parameter, and makes one for a tensor", () => {
  const { a, b } = flattened({ a: [1, 2], b: [3] });
  assertStrictEquals(flatParametersOf(a), flatParametersOf(b));
  const { parameters } = flatParametersOf(a);
  assertEquals(
    [parameters.length, ...[a, b].map((p) => parameters.indexOf(p))],
    [2, 0, 1],
  );
  assertEquals(flatParametersOf(a).size, 128);

  const { p, q } = leavesOf({ p: [1, 2, 3, 4, 5], q: [6] });
  assertStrictEquals(flatParametersOf(p), flatParametersOf(p));
  assertEquals(flatParametersOf(p).parameters.indexOf(p), 0);
  assertEquals(flatParametersOf(p).size, 8);
  assertEquals(flatParametersOf(p) === flatParametersOf(q), false);
});

Deno.test("flatParametersOf() clears the padding of a gradient", async () => {
  {
    using _scope = device.scope();
    for (let i = 0; i < 8; i++) fromArray(device, Array(64).fill(9), [64]);
  }
  using _scope = device.scope();
  const { p } = leavesOf({ p: [1, 2, 3, 4, 5] });
  p.grad = fromArray(device, [6, 7, 8, 9, 10], [5]);
  const { gradients } = flatParametersOf(p);
  const values = await gradients.values.toArray();
  assertEquals([...values], [6, 7, 8, 9, 10, 0, 0, 0]);
});

Deno.test("flatParametersOf() rejects a tensor that is not a leaf or requires no gradient", () => {
  using _scope = device.scope();
  const { p } = leavesOf({ p: [1, 2] });
  for (const tensor of [fromArray(device, [1, 2], [2]), mul(p, p)]) {
    assertEquals(
      assertThrows(() => flatParametersOf(tensor), TypeError).message,
      "Cannot optimize a tensor of shape [2]: it must be a Parameter, or a leaf made with requiresGrad: true",
    );
  }
});

Deno.test("BlockTable has the index of each parameter for all its blocks", async () => {
  // 65 elements are two blocks of 64.
  const { a, b, c } = flattened({ a: [1, 2], b: Array(65).fill(0), c: [3] });
  const flatBuffer = flatParametersOf(a);
  const table = new BlockTable();
  const indices = new Map<Tensor, number>([[a, 1], [b, 2]]);
  const indexOf = (parameter: Tensor) => indices.get(parameter) ?? 0;
  const first = table.update(flatBuffer, indexOf)!;
  assertEquals([...await first.toArray()], [1, 2, 2, 0]);
  assertStrictEquals(table.update(flatBuffer, indexOf), first, "cached");
  indices.set(c, 7);
  const second = table.update(flatBuffer, indexOf)!;
  assertEquals([...await second.toArray()], [1, 2, 2, 7]);
  assertEquals(first.isDisposed, true);
  indices.clear();
  assertStrictEquals(table.update(flatBuffer, indexOf), undefined);
});
