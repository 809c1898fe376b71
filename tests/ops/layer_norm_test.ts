import { assertEquals, assertThrows } from "@std/assert";
import { fromArray, ParamAndGradBuffer, Parameter } from "../../mod.ts";
import { layerNorm } from "../../lib/ops/layer_norm.ts";
import { assertAllClose, F32_GRAD } from "../helpers/all_close.ts";
import {
  assertForward,
  assertGradients,
  assertSameBits,
  type CheckedOp,
  input,
} from "../helpers/check_op.ts";
import { device } from "../helpers/device.ts";
import { KERNEL_SETS } from "../helpers/kernel_sets.ts";

const EPS = 1e-3; // large enough to show

const LAYER_NORM: CheckedOp = {
  op: (x, weight, bias) => layerNorm(x!, weight!, bias!, EPS),
  reference(x = [], weight = [], bias = []) {
    const columns = weight.length;
    return Array.from({ length: x.length / columns }, (_, r) => {
      const row = x.slice(r * columns, (r + 1) * columns);
      const mean = row.reduce((a, b) => a + b) / columns;
      const variance = row.reduce((a, b) => a + (b - mean) ** 2, 0) / columns;
      const rstd = 1 / Math.sqrt(variance + EPS);
      return row.map((v, c) => weight[c]! * (v - mean) * rstd + bias[c]!);
    }).flat();
  },
};

const WITHOUT_BIAS: CheckedOp = {
  op: (x, weight) => layerNorm(x!, weight!, undefined, EPS),
  reference: (x = [], weight = []) =>
    LAYER_NORM.reference(x, weight, weight.map(() => 0)),
};

// Fewer columns than threads, no multiple of 4, and more than one stride.
const SHAPES = [[1, 1, 8], [2, 3, 101], [1, 2, 768], [5, 6]];

Deno.test("layerNorm() matches the f64 reference", async (t) => {
  for (const shape of SHAPES) {
    await t.step(`[${shape}]`, async () => {
      const columns = [shape.at(-1)!];
      await assertForward(
        LAYER_NORM,
        input(shape),
        input(columns, 1),
        input(columns, 2),
      );
    });
  }
});

Deno.test("layerNorm() gradients match central differences", async (t) => {
  // The last one has more rows than slices, and more columns than a workgroup sums.
  for (const shape of [[3, 4], [2, 2, 5], [19, 36]]) {
    await t.step(`[${shape}]`, async () => {
      const columns = [shape.at(-1)!];
      await assertGradients(
        LAYER_NORM,
        input(shape),
        input(columns, 1),
        input(columns, 2),
      );
    });
  }
});

Deno.test("layerNorm() without a bias matches the f64 reference and its gradients", async (t) => {
  for (const shape of [[3, 4], [2, 2, 5], [19, 36]]) {
    await t.step(`[${shape}]`, async () => {
      const inputs = [input(shape), input([shape.at(-1)!], 1)] as const;
      await assertForward(WITHOUT_BIAS, ...inputs);
      await assertGradients(WITHOUT_BIAS, ...inputs);
    });
  }
});

Deno.test("layerNorm() without a bias adds to the gradient of its weight in place", async (t) => {
  for (const { name, device } of KERNEL_SETS) {
    for (const columns of [8, 37]) {
      await t.step(`${name}: ${columns} columns`, async () => {
        using _scope = device.scope();
        const shape = [6, columns];
        const x = fromArray(device, input(shape).values, shape);
        const dY = fromArray(device, input(shape, 3).values, shape);
        const [weight, other] = [1, 2].map((seed) =>
          new Parameter(
            device,
            [columns],
            (values) => values.set(input([columns], seed).values),
          )
        );
        new ParamAndGradBuffer(device, [weight!, other!]);
        const pass = async () => {
          const before = device.counters.dispatches;
          layerNorm(x, weight!, undefined, EPS).backward(dY);
          assertEquals(device.counters.dispatches - before, 2, "no copies");
          return await weight!.grad!.toArray();
        };
        const once = await pass();
        assertAllClose(await pass(), once.map((v) => 2 * v), F32_GRAD);
        const next = await other!.gradSlot().tensor.toArray();
        assertEquals(next.some((value) => value !== 0), false);
      });
    }
  }
});

Deno.test("layerNorm() accumulates the gradients of its parameters", async () => {
  using _scope = device.scope();
  const leaf = (shape: number[], seed: number) =>
    fromArray(device, input(shape, seed).values, shape, { requiresGrad: true });
  const [x, weight, bias] = [leaf([6, 8], 0), leaf([8], 1), leaf([8], 2)];
  const dY = fromArray(device, input([6, 8], 3).values, [6, 8]);
  const y = layerNorm(x, weight, bias, EPS);
  const before = device.counters.dispatches;
  y.backward(dY);
  assertEquals(device.counters.dispatches - before, 4, "all, and three copies");
  const once = await Promise.all(
    [x, weight, bias].map((t) => t.grad!.toArray()),
  );
  layerNorm(x, weight, bias, EPS).backward(dY);
  for (const [i, tensor] of [x, weight, bias].entries()) {
    assertAllClose(
      await tensor.grad!.toArray(),
      once[i]!.map((v) => 2 * v),
      F32_GRAD,
    );
  }
});

/** Flat buffers of weight and bias, and the dispatches that copy their gradients there. */
const LAYOUTS: {
  layout: string;
  copies: number;
  buffers: (...parameters: Parameter[]) => Parameter[][];
}[] = [
  {
    layout: "apart",
    copies: 2,
    buffers: (weight, bias) => [[weight!], [bias!]],
  },
  {
    layout: "adjacent",
    copies: 0,
    buffers: (weight, bias) => [[weight!, bias!]],
  },
  {
    layout: "reversed",
    copies: 2,
    buffers: (weight, bias) => [[bias!, weight!]],
  },
  {
    layout: "with another between them",
    copies: 2,
    buffers: (weight, bias, other) => [[weight!, other!, bias!]],
  },
];

Deno.test("layerNorm() gradients have the same bits wherever its parameters are", async (t) => {
  for (const { name, device } of KERNEL_SETS) {
    for (const columns of [8, 37, 128]) { // 128: no padding in a flat buffer
      await t.step(`${name}: ${columns} columns`, async () => {
        using _scope = device.scope();
        const x = fromArray(device, input([6, columns]).values, [6, columns]);
        const dY = fromArray(
          device,
          input([6, columns], 3).values,
          [6, columns],
        );
        const results: Float32Array<ArrayBuffer>[][] = [];
        for (const { layout, copies, buffers } of LAYOUTS) {
          const [weight, bias, other] = [1, 2, 4].map((seed) =>
            new Parameter(
              device,
              [columns],
              (values) => values.set(input([columns], seed).values),
            )
          );
          for (const parameters of buffers(weight!, bias!, other!)) {
            new ParamAndGradBuffer(device, parameters);
          }
          const pass = () => {
            const before = device.counters.dispatches;
            layerNorm(x, weight!, bias!, EPS).backward(dY);
            return device.counters.dispatches - before - 2;
          };
          const gradients = () =>
            Promise.all([weight, bias].map((p) => p!.grad!.toArray()));
          // The second pass adds to both gradients, the third to that of the weight.
          assertEquals([pass(), pass()], [copies, copies], layout);
          const both = await gradients();
          bias!.grad = undefined;
          assertEquals(pass(), 2, layout);
          results.push([...both, ...await gradients()]);
          const between = await other!.gradSlot().tensor.toArray();
          assertEquals(between.some((value) => value !== 0), false, layout);
        }
        for (const gradients of results) {
          gradients.forEach((gradient, i) =>
            assertSameBits(gradient, results[0]![i]!)
          );
        }
      });
    }
  }
});

Deno.test("layerNorm() of a constant row is its bias", async () => {
  using _scope = device.scope();
  const y = layerNorm(
    fromArray(device, [3, 3, 3, 3], [1, 4]),
    fromArray(device, [1, 2, 3, 4], [4]),
    fromArray(device, [5, 6, 7, 8], [4]),
    EPS,
  );
  assertEquals([...await y.toArray()], [5, 6, 7, 8]);
});

Deno.test("layerNorm() rejects a weight of another width", () => {
  using _scope = device.scope();
  const [x, weight, bias] = [[2, 4], [3], [4]].map((shape) =>
    fromArray(device, input(shape).values, shape)
  );
  assertThrows(
    () => layerNorm(x!, weight!, bias!, EPS),
    RangeError,
    "Cannot apply layerNorm to [2,4]: weight must be [4], not [3]",
  );
});
