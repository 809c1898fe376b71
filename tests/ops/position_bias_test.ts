import { assertThrows } from "@std/assert";
import { positionBias, zeros } from "../../mod.ts";
import {
  assertForward,
  assertGradients,
  type CheckedOp,
  input,
} from "../helpers/check_op.ts";
import { device } from "../helpers/device.ts";
import {
  biasOf,
  clamped,
  type Distances,
  upload,
} from "./relative_reference.ts";

/** The op, and its formula. */
function biasBy(distances: Distances, heads: number): CheckedOp {
  return {
    op: (table) => positionBias(table!, upload(table!.device, distances)),
    reference: (table = []) =>
      biasOf(
        distances,
        heads,
        (head, _query, _key, bucket) => table[bucket * heads + head]!,
      ),
  };
}

// Several sequences and tiles; buckets of one distance and of many.
const CASES: [distances: Distances, heads: number][] = [
  [clamped([1, 5, 3], 1), 2],
  [clamped([1], 0), 1],
  [clamped([37, 66, 2], 9), 3],
];

Deno.test("positionBias() looks up the bucket of every distance", async (t) => {
  for (const [distances, heads] of CASES) {
    await t.step(`${distances.lengths}`, () =>
      assertForward(
        biasBy(distances, heads),
        input([distances.count, heads]),
      ));
  }
});

Deno.test("positionBias() has the gradient of its formula", async (t) => {
  for (const [distances, heads] of CASES) {
    await t.step(`${distances.lengths}`, () =>
      assertGradients(
        biasBy(distances, heads),
        input([distances.count, heads]),
      ));
  }
});

Deno.test("positionBias() rejects a table without a row for each bucket", () => {
  using _scope = device.scope();
  const positions = upload(device, clamped([2], 1));
  for (const shape of [[4, 2], [5], [5, 1, 1]]) {
    assertThrows(
      () => positionBias(zeros(device, shape), positions),
      RangeError,
      `Cannot apply positionBias to a table of shape [${shape}]: it must be [5,A] for 5 buckets`,
    );
  }
});
