import { assertEquals, assertThrows } from "@std/assert";
import {
  type DisentangledAttention,
  disentangledAttentionBias,
  fromArray,
  zeros,
} from "../../mod.ts";
import {
  assertForward,
  assertGradients,
  type CheckedOp,
  input,
  values,
} from "../helpers/check_op.ts";
import { device } from "../helpers/device.ts";
import {
  biasOf,
  clamped,
  type Distances,
  rowsOf,
  upload,
} from "./relative_reference.ts";

interface Case extends Distances {
  readonly attention: DisentangledAttention;
  readonly width: number;
}

/** The op, and its formula. */
function biasBy({ attention, width, ...distances }: Case): CheckedOp {
  const { heads, types, scale } = attention;
  const hidden = heads * width;
  const columns = types.length * hidden;
  return {
    op: (qkv, relative) =>
      disentangledAttentionBias(
        qkv!,
        relative!,
        upload(qkv!.device, distances),
        attention,
      ),
    reference: (qkv = [], relative = []) => {
      const dot = (row: number, part: number, place: number, head: number) => {
        let sum = 0;
        for (let d = head * width; d < (head + 1) * width; d++) {
          sum += qkv[row * 3 * hidden + part * hidden + d]! *
            relative[place + d]!;
        }
        return sum;
      };
      return biasOf(distances, heads, (head, query, key, bucket) => {
        const place = bucket * columns;
        const c2p = types.includes("c2p")
          ? dot(query, 0, place + columns - hidden, head)
          : 0;
        const p2c = types.includes("p2c") ? dot(key, 1, place, head) : 0;
        return scale * (c2p + p2c);
      });
    },
  };
}

const inputs = ({ attention: { heads, types }, width, ...distances }: Case) => {
  const hidden = heads * width;
  // Small values, so that sums of products are about 1.
  return [
    input([rowsOf(distances), 3 * hidden]),
    input([distances.count, types.length * hidden], 4),
  ].map((x) => ({ ...x, values: x.values.map((v) => Math.fround(v / 4)) }));
};

const BOTH = { heads: 2, types: ["c2p", "p2c"], scale: 0.3 } as const;
// Heads that are read in vec4s and that are not, with as many buckets; each term alone.
const CASES: Case[] = [
  { ...clamped([1, 5, 3], 1), attention: BOTH, width: 3 },
  { ...clamped([2, 3], 1), attention: { ...BOTH, types: ["c2p"] }, width: 4 },
  { ...clamped([2, 3], 1), attention: { ...BOTH, types: ["p2c"] }, width: 4 },
  { ...clamped([4, 6], 2), count: 8, attention: BOTH, width: 4 },
];
const LARGE: Case = {
  ...clamped([37, 66, 2], 9),
  count: 24,
  attention: { ...BOTH, heads: 3 },
  width: 8,
};

const name = ({ lengths, attention: { types }, width }: Case) =>
  `${types} of heads of ${width} over ${lengths}`;

Deno.test("disentangledAttentionBias() is its formula", async (t) => {
  for (const shapes of [...CASES, LARGE]) {
    await t.step(
      name(shapes),
      () => assertForward(biasBy(shapes), ...inputs(shapes)),
    );
  }
});

Deno.test("disentangledAttentionBias() has the gradient of its formula", async (t) => {
  for (const shapes of CASES) {
    await t.step(
      name(shapes),
      () => assertGradients(biasBy(shapes), ...inputs(shapes)),
    );
  }
});

Deno.test("disentangledAttentionBias() adds to a gradient that its input has", async () => {
  using _scope = device.scope();
  const shapes = CASES[0]!;
  const leaves = inputs(shapes).map(({ values, shape }) =>
    fromArray(device, values, shape, { requiresGrad: true })
  );
  const gradients = () =>
    Promise.all(leaves.map(async ({ grad }) => [...await grad!.toArray()]));
  const run = () => {
    const y = biasBy(shapes).op(...leaves);
    y.backward(fromArray(device, values(y.size), y.shape));
  };
  run();
  const once = await gradients();
  run();
  assertEquals(await gradients(), once.map((g) => g.map((v) => 2 * v)));
});

Deno.test("disentangledAttentionBias() rejects shapes that do not match", () => {
  using _scope = device.scope();
  const positions = upload(device, clamped([2], 1));
  const refused = (
    qkv: number[],
    relative: number[],
    attention: DisentangledAttention,
  ) =>
    assertThrows(
      () =>
        disentangledAttentionBias(
          zeros(device, qkv),
          zeros(device, relative),
          positions,
          attention,
        ),
      RangeError,
      `Cannot apply disentangledAttentionBias to [${qkv}] and [${relative}]: 2 rows, 5 buckets`,
    );
  refused([3, 24], [5, 16], BOTH);
  refused([2, 24], [4, 16], BOTH);
  refused([2, 24], [5, 8], BOTH);
  refused([2, 27], [5, 18], BOTH);
  refused([2, 24], [5, 0], { ...BOTH, types: [] });
});
