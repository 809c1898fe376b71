import { assertEquals, assertThrows } from "@std/assert";
import { fromArray, zeros } from "../../mod.ts";
import { select } from "../../lib/ops/select.ts";
import {
  assertForward,
  assertGradients,
  type CheckedOp,
  input,
} from "../helpers/check_op.ts";
import { device } from "../helpers/device.ts";

/** `x[:, index]` of an x of shape [outer, length, inner]. */
function selectMiddle(
  [outer, length, inner]: readonly number[],
  index: number,
): CheckedOp {
  const at = index < 0 ? index + length! : index;
  return {
    op: (x) => select(x!, 1, index),
    reference: (x = []) =>
      Array.from({ length: outer! }, (_, o) =>
        Array.from(
          { length: inner! },
          (_, i) => x[(o * length! + at) * inner! + i]!,
        )).flat(),
  };
}

const CASES = [
  { shape: [2, 3, 4], index: 1 },
  { shape: [3, 2, 5], index: -1 },
  { shape: [2, 3, 72], index: 0 },
];

Deno.test("select() matches the f64 reference", async (t) => {
  for (const { shape, index } of CASES) {
    await t.step(`[${shape}], ${index}`, async () => {
      await assertForward(selectMiddle(shape, index), input(shape));
    });
  }
});

Deno.test("select() gradient matches central differences", async (t) => {
  for (const { shape, index } of CASES) {
    await t.step(`[${shape}], ${index}`, async () => {
      await assertGradients(selectMiddle(shape, index), input(shape));
    });
  }
});

Deno.test("select() of a vector is a scalar", async () => {
  using _scope = device.scope();
  const y = select(fromArray(device, [5, 6, 7], [3]), 0, -1);
  assertEquals(y.shape, []);
  assertEquals(await y.item(), 7);
});

Deno.test("select() rejects an index out of range", () => {
  using _scope = device.scope();
  assertThrows(
    () => select(zeros(device, [2, 3]), -1, 3),
    RangeError,
    "Cannot apply select to dimension -1 of [2,3]: index 3 is not in -3 to 2",
  );
});
