import { assertEquals } from "@std/assert";
import { add, type Device, fromArray, gelu, mul } from "../../mod.ts";
import { linear } from "../../lib/ops/linear.ts";
import type { Shape, Tensor } from "../../lib/tensor/tensor.ts";
import {
  assertAllClose,
  F32_LINEAR_GELU,
  F32_MATMUL,
} from "../helpers/all_close.ts";
import { values } from "../helpers/check_op.ts";
import { device } from "../helpers/device.ts";
import { KERNEL_SETS } from "../helpers/kernel_sets.ts";
import {
  type Case,
  density,
  type Layer,
  layer,
  phi,
  reference,
  referenceBackward,
} from "./linear_reference.ts";

/** A layer on a device; every tensor is a leaf. */
function leaves(device: Device, host: Layer, { x, outputs }: Case) {
  const leaf = (values: number[], shape: Shape) =>
    fromArray(device, values, shape, { requiresGrad: true });
  return {
    weights: host.weights.map((w, i) => leaf(w, [outputs[i]!, x.at(-1)!])),
    biases: host.biases.map((b, i) => leaf(b, [outputs[i]!])),
  };
}

type Second = (h: Tensor) => Tensor;

/** Readers of `h = gelu(u)`: the layer `second`, and others; the last case is that of BERT. */
const READERS: readonly {
  name: string;
  apply: (second: Second, h: Tensor) => Tensor;
  /** Number of times that the second layer is applied. */
  layers: number;
  /** Number of times that h is added to the result. */
  residuals: number;
  /** Outputs of the second layer for a width H of h. */
  outputs: (H: number) => number[];
  /** Dispatches of the backward pass through both layers, once the leaves have a gradient. */
  dispatches: number;
}[] = [
  {
    name: "two layers", // the second one copies, multiplies and adds twice
    apply: (second, h) => add(second(h), second(h)),
    layers: 2,
    residuals: 0,
    outputs: () => [8],
    dispatches: 2 + 2 + 1 + 2 + 2,
  },
  {
    name: "a layer and a sum",
    apply: (second, h) => add(second(h), h),
    layers: 1,
    residuals: 1,
    outputs: (H) => [H],
    dispatches: 1 + 3 + 2 + 2,
  },
  {
    name: "a layer of separate weights",
    apply: (second, h) => second(h),
    layers: 1,
    residuals: 0,
    outputs: () => [3, 5],
    dispatches: 4 + 1 + 2,
  },
  {
    name: "one layer",
    apply: (second, h) => second(h),
    layers: 1,
    residuals: 0,
    outputs: () => [8],
    dispatches: 4,
  },
];

// Nothing is a multiple of 4; everything is; more than one tile.
const SHAPES = [{ x: [7, 5], H: 6 }, { x: [2, 10, 36], H: 12 }, {
  x: [130, 20],
  H: 132,
}];

Deno.test("linear() after GELU matches the gradients of the f64 reference", async (t) => {
  for (const { name: kernels, device } of KERNEL_SETS) {
    for (const { x, H } of SHAPES) {
      for (const reader of READERS) {
        await t.step(`${kernels}: [${x}] to ${H}, ${reader.name}`, async () => {
          using _scope = device.scope();
          const one: Case = { x, outputs: [H], bias: true, activation: "gelu" };
          const hostOne = layer(one);
          const h = reference(hostOne, one);
          const two: Case = {
            x: [...x.slice(0, -1), H],
            outputs: reader.outputs(H),
            bias: true,
          };
          const hostTwo = { ...layer(two), x: h };
          const dY = values(reference(hostTwo, two).length, 9).map((v) =>
            v / 4
          );
          const second = referenceBackward(hostTwo, two, dY);
          const first = referenceBackward(
            hostOne,
            one,
            second.dX.map((g, i) =>
              reader.layers * g + (reader.residuals ? dY[i]! : 0)
            ),
          );

          const [a, b] = [
            leaves(device, hostOne, one),
            leaves(device, hostTwo, two),
          ];
          const leaf = fromArray(device, hostOne.x, x, { requiresGrad: true });
          for (const times of [1, 2]) {
            const z = reader.apply(
              (h) => linear(h, b.weights, b.biases),
              linear(leaf, a.weights, a.biases, one),
            );
            const dZ = fromArray(device, dY, z.shape);
            const before = device.counters;
            z.backward(dZ);
            const { dispatches, liveBuffers } = device.counters;
            assertEquals(dispatches - before.dispatches, reader.dispatches);
            if (times === 2 && reader.layers + reader.residuals === 1) {
              assertEquals(liveBuffers, before.liveBuffers);
            }
            const check = async (
              tensors: readonly Tensor[],
              expected: number[],
              label: string,
            ) => {
              const gradients = await Promise.all(
                tensors.map((tensor) => tensor.grad!.toArray()),
              );
              assertAllClose(
                gradients.flatMap((gradient) => [...gradient]),
                expected.map((g) => times * g),
                F32_LINEAR_GELU,
                label,
              );
            };
            const timesLayers = (g: number) => reader.layers * g;
            await check([leaf], first.dX, "dX");
            await check(a.weights, first.dW, "dW of the first layer");
            await check(a.biases, first.dB, "dB of the first layer");
            await check(
              b.weights,
              second.dW.map(timesLayers),
              "dW of the second",
            );
            await check(
              b.biases,
              second.dB.map(timesLayers),
              "dB of the second",
            );
          }
        });
      }
    }
  }
});

Deno.test("linear() after gelu() of a leaf accumulates the leaf's gradient", async () => {
  using _scope = device.scope();
  const shapes: Case = { x: [7, 8], outputs: [4], bias: true };
  const host = layer(shapes);
  const u = fromArray(device, host.x, shapes.x, { requiresGrad: true });
  const { weights, biases } = leaves(device, host, shapes);
  const dY = values(7 * 4, 9);
  const { dX } = referenceBackward(host, shapes, dY);
  for (const times of [1, 2]) {
    const y = linear(gelu(u), weights, biases);
    y.backward(fromArray(device, dY, y.shape));
    assertAllClose(
      await u.grad!.toArray(),
      host.x.map((v, i) => times * dX[i]! * (phi(v) + v * density(v))),
      F32_MATMUL,
    );
  }
});

Deno.test("linear() after GELU computes only the gradients that are needed", async () => {
  using _scope = device.scope();
  const one: Case = { x: [7, 8], outputs: [4], bias: true, activation: "gelu" };
  const two: Case = { x: [7, 4], outputs: [8], bias: true };
  const dispatches = (frozen: "first" | "second" | "cut") => {
    const [a, b] = [
      leaves(device, layer(one), one),
      leaves(device, layer(two), two),
    ];
    const x = fromArray(device, layer(one).x, one.x);
    for (const tensor of Object.values(frozen === "second" ? b : a).flat()) {
      tensor.requiresGrad = frozen === "cut";
    }
    const h = linear(x, a.weights, a.biases, one);
    if (frozen === "cut") h.requiresGrad = false;
    const y = linear(h, b.weights, b.biases);
    const before = device.counters.dispatches;
    y.backward(mul(y, 1));
    return device.counters.dispatches - before - 1; // without `mul`
  };
  assertEquals(
    [dispatches("first"), dispatches("second"), dispatches("cut")],
    [1, 2, 1],
  );
  await device.flushReads();
});
