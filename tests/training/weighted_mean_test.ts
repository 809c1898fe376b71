import { assertEquals, assertRejects } from "@std/assert";
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
