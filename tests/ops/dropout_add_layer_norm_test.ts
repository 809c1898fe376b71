import { assertEquals, assertThrows } from "@std/assert";
import {
  add,
  dropoutAddLayerNorm,
  type DropoutKey,
  fromArray,
  layerNorm,
  mul,
  type Tensor,
} from "../../mod.ts";
import { assertAllClose, F32_GRAD, F32_OP } from "../helpers/all_close.ts";
import {
  assertForward,
  assertGradients,
  assertSameBits,
  type CheckedOp,
  input,
} from "../helpers/check_op.ts";
import { device } from "../helpers/device.ts";
import { KERNEL_SETS } from "../helpers/kernel_sets.ts";
import { dropoutScale } from "../helpers/philox.ts";

const EPS = 1e-3; // large enough to show
const KEY: DropoutKey = { p: 0.1, seed: 0xdeadbeef, step: 7, site: 3 };

/** The dropout mask of `[R, C]`. */
const scales = (length: number, columns: number, key: DropoutKey) =>
  Array.from(
    { length },
    (_, i) => dropoutScale(key, i % columns, Math.floor(i / columns)),
  );

function checked(shape: readonly number[], key?: DropoutKey): CheckedOp {
  const C = shape.at(-1)!;
  const size = shape.reduce((a, b) => a * b);
  const mask = key ? scales(size, C, key) : new Array<number>(size).fill(1);
  return {
    op: (x, residual, weight, bias) =>
      dropoutAddLayerNorm(x!, residual!, weight!, bias!, EPS, key),
    reference(x = [], residual = [], weight = [], bias = []) {
      return Array.from({ length: x.length / C }, (_, r) => {
        const row = Array.from({ length: C }, (_, c) => {
          const i = r * C + c;
          return mask[i]! * x[i]! + residual[i]!;
        });
        const mean = row.reduce((a, b) => a + b) / C;
        const variance = row.reduce((a, b) => a + (b - mean) ** 2, 0) / C;
        const rstd = 1 / Math.sqrt(variance + EPS);
        return row.map((v, c) => weight[c]! * (v - mean) * rstd + bias[c]!);
      }).flat();
    },
  };
}

function inputs(shape: readonly number[]) {
  const columns = [shape.at(-1)!];
  return [
    input(shape),
    input(shape, 6), // about in phase with the first, so that their sums are not small
    input(columns, 1),
    input(columns, 2),
  ];
}

// Fewer columns than threads, no multiple of 4, and more than one stride.
const SHAPES = [[1, 1, 8], [2, 3, 101], [3, 768], [5, 6]];

Deno.test("dropoutAddLayerNorm() matches the f64 reference", async (t) => {
  for (const shape of SHAPES) {
    for (const key of [undefined, KEY]) {
      await t.step(`[${shape}]${key ? ", dropout" : ""}`, async () => {
        await assertForward(checked(shape, key), ...inputs(shape));
      });
    }
  }
});

Deno.test("dropoutAddLayerNorm() gradients match central differences", async (t) => {
  for (const shape of [[3, 4], [2, 2, 5], [19, 36]]) {
    for (const key of [undefined, { ...KEY, p: 0.4 }]) {
      await t.step(`[${shape}]${key ? ", dropout" : ""}`, async () => {
        await assertGradients(checked(shape, key), ...inputs(shape));
      });
    }
  }
});

Deno.test("dropoutAddLayerNorm() equals dropout, add and layerNorm", async (t) => {
  for (const { name, device } of KERNEL_SETS) {
    for (const shape of [[2, 3, 101], [70, 768]]) {
      await t.step(`${name}: [${shape}]`, async () => {
        using _scope = device.scope();
        const host = inputs(shape);
        const columns = shape.at(-1)!;
        const mask = scales(host[0]!.values.length, columns, KEY);
        const dY = fromArray(device, input(shape, 4).values, shape);
        type Op = (...leaves: Tensor[]) => Tensor;
        const run = async (op: Op) => {
          const leaves = host.map(({ values, shape }) =>
            fromArray(device, values, shape, { requiresGrad: true })
          );
          // The second pass adds to the gradients of the first.
          for (let pass = 0; pass < 2; pass++) op(...leaves).backward(dY);
          const y = await op(...leaves).toArray();
          const gradients = leaves.map((leaf) => leaf.grad!.toArray());
          return [y, ...await Promise.all(gradients)];
        };
        const fused = await run((x, residual, weight, bias) =>
          dropoutAddLayerNorm(x!, residual!, weight!, bias!, EPS, KEY)
        );
        const plain = await run((x, residual, weight, bias) => {
          const dropped = mul(x!, fromArray(device, mask, shape));
          return layerNorm(add(dropped, residual!), weight!, bias!, EPS);
        });
        const parts = ["y", "dX", "dResidual", "dWeight", "dBias"];
        parts.forEach((part, i) =>
          assertAllClose(fused[i]!, plain[i]!, i ? F32_GRAD : F32_OP, part)
        );
      });
    }
  }
});

Deno.test("dropoutAddLayerNorm() with p = 0 has the bits of no dropout", async () => {
  using _scope = device.scope();
  const [x, residual, weight, bias] = inputs([5, 6]).map(({ values, shape }) =>
    fromArray(device, values, shape)
  );
  const apply = (key?: DropoutKey) =>
    dropoutAddLayerNorm(x!, residual!, weight!, bias!, EPS, key).toArray();
  assertSameBits(await apply({ ...KEY, p: 0 }), await apply());
});

Deno.test("dropoutAddLayerNorm() has another mask for another seed, step or site", async () => {
  using _scope = device.scope();
  const [x, residual, weight, bias] = inputs([5, 64]).map((
    { values, shape },
  ) => fromArray(device, values, shape));
  const draws: string[] = [];
  for (
    const key of [
      KEY,
      { ...KEY, seed: 1 },
      { ...KEY, step: 8 },
      { ...KEY, site: 4 },
    ]
  ) {
    const y = dropoutAddLayerNorm(x!, residual!, weight!, bias!, EPS, key);
    draws.push((await y.toArray()).join());
  }
  assertEquals(new Set(draws).size, 4);
});

Deno.test("dropoutAddLayerNorm() rejects shapes that do not match", () => {
  using _scope = device.scope();
  const shapes = { x: [2, 4], residual: [2, 4], weight: [4], bias: [4] };
  for (
    const [changed, message] of [
      [{ residual: [4, 2] }, "residual must be [2,4], not [4,2]"],
      [{ weight: [3] }, "weight must be [4], not [3]"],
      [{ bias: [1, 4] }, "bias must be [4], not [1,4]"],
    ] as const
  ) {
    const [x, residual, weight, bias] = Object.values({
      ...shapes,
      ...changed,
    }).map((shape) => fromArray(device, input(shape).values, shape));
    assertThrows(
      () => dropoutAddLayerNorm(x!, residual!, weight!, bias!, EPS),
      RangeError,
      `Cannot apply dropoutAddLayerNorm to [2,4]: ${message}`,
    );
  }
});
