import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { fromArray, requestDevice, WeightedMean } from "../../mod.ts";
import { device } from "../helpers/device.ts";

Deno.test("WeightedMean weights numbers", async () => {
  const mean = new WeightedMean();
  mean.add(0.5, 6);
  mean.add(2, 2);
  assertEquals(await mean.value(), 0.875); // (6 · 0.5 + 2 · 2) / 8
  mean.add(Infinity, 1);
  assertEquals(await mean.value(), Infinity);
  assertEquals(await new WeightedMean().value(), NaN);
});

Deno.test("WeightedMean reads scalars as they are when added, without waiting", async () => {
  const mean = new WeightedMean();
  const { waits } = device.counters;
  {
    using _step = device.scope();
    mean.add(fromArray(device, [0.5], []), 6);
    const loss = fromArray(device, [2], []);
    mean.add(loss, 2);
    device.clear(loss);
  }
  assertEquals(device.counters.waits, waits);
  assertEquals(await mean.value(), 0.875);
});

Deno.test("WeightedMean.value() throws errors of the device", async () => {
  const own = await requestDevice();
  const mean = new WeightedMean();
  mean.add(fromArray(own, [1], []), 1);
  own.destroy();
  await assertRejects(() => mean.value());
});

Deno.test("WeightedMean.value() is the mean of what was added before the call", async () => {
  const mean = new WeightedMean();
  mean.add(1, 1);
  const first = mean.value();
  mean.add(100, 99);
  assertEquals(await first, 1);
  assertEquals(await mean.value(), 99.01);
  // A tensor that is added while it waits is read by the next call.
  using _scope = device.scope();
  mean.add(fromArray(device, [1], []), 1);
  const second = mean.value();
  mean.add(fromArray(device, [3], []), 1);
  assertEquals(await second, 9902 / 101);
  assertEquals(await mean.value(), 9905 / 102);
});

Deno.test("WeightedMean.add() refuses a tensor that is not a scalar, and counts nothing", async () => {
  const mean = new WeightedMean();
  using _scope = device.scope();
  assertThrows(
    () => mean.add(fromArray(device, [1, 9], [2]), 1),
    RangeError,
    "Cannot add a tensor of shape [2] to a mean",
  );
  mean.add(3, 1);
  assertEquals(await mean.value(), 3);
});
