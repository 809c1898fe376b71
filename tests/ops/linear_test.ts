import { assertEquals, assertThrows } from "@std/assert";
import {
  add,
  type Device,
  fromArray,
  gelu,
  matmul,
  noGrad,
} from "../../mod.ts";
import { linear } from "../../lib/ops/linear.ts";
import { mul } from "../../lib/ops/mul.ts";
import { numel, type Shape, type Tensor } from "../../lib/tensor/tensor.ts";
import { assertAllClose, F32_GRAD, F32_MATMUL } from "../helpers/all_close.ts";
import { assertSameBits, values } from "../helpers/check_op.ts";
import { device } from "../helpers/device.ts";
import { numericGradient } from "../helpers/gradcheck.ts";
import { KERNEL_SETS } from "../helpers/kernel_sets.ts";
import {
  type Case,
  gradients,
  type Layer,
  layer,
  nameOf,
  reference,
  referenceBackward,
} from "./linear_reference.ts";

const CASES: readonly Case[] = [
  { x: [7, 5], outputs: [3], bias: true }, // nothing is a multiple of 4
  { x: [65, 33], outputs: [50], bias: true, activation: "gelu" },
  { x: [9, 6], outputs: [5], bias: false },
  { x: [2, 10, 36], outputs: [12], bias: true }, // everything is, and less than one tile
  { x: [130, 100], outputs: [132], bias: true, activation: "gelu" }, // more than one
  { x: [7, 8], outputs: [8, 4, 12], bias: true }, // concatenated, from separate tensors
  { x: [6, 5], outputs: [3, 1, 2], bias: true, activation: "gelu" },
  { x: [7, 8], outputs: [3, 5], bias: true }, // all rows are whole vec4s, but no sum over outputs is
];

/** Fills with NaN what operands are copied into: the texture, and the buffers of the pool. */
function fillWithNaN(device: Device): void {
  using _scope = device.scope();
  if (device.isSoftware) {
    const [rows, columns] = [4092, 4096]; // with the weight, the whole texture
    const x = new Float32Array(rows * columns).fill(NaN);
    const weight = fromArray(device, new Float32Array(4 * columns), [
      4,
      columns,
    ]);
    linear(fromArray(device, x, [rows, columns]), weight);
  }
  // A buffer is reused for what has at least half its size.
  for (const size of [32, 48, 64]) {
    const values = new Float32Array(size).fill(NaN);
    for (let i = 0; i < 16; i++) fromArray(device, values, [size]);
  }
}

/** The layer on a device; every tensor is a leaf. */
function leaves(device: Device, host: Layer, { x, outputs }: Case) {
  const leaf = (values: number[], shape: Shape) =>
    fromArray(device, values, shape, { requiresGrad: true });
  return {
    x: leaf(host.x, x),
    weights: host.weights.map((w, i) => leaf(w, [outputs[i]!, x.at(-1)!])),
    biases: host.biases.map((b, i) => leaf(b, [outputs[i]!])),
  };
}

Deno.test("linear() matches the f64 reference", async (t) => {
  for (const { name: kernels, device } of KERNEL_SETS) {
    for (const shapes of CASES) {
      await t.step(`${kernels}: ${nameOf(shapes)}`, async () => {
        using _scope = device.scope();
        const host = layer(shapes);
        const { x, weights, biases } = leaves(device, host, shapes);
        const y = linear(x, weights, biases, shapes);
        assertEquals(y.shape, [
          ...shapes.x.slice(0, -1),
          shapes.outputs.reduce((a, b) => a + b),
        ]);
        const first = await y.toArray();
        assertAllClose(first, reference(host, shapes), F32_MATMUL);
        assertSameBits(
          await linear(x, weights, biases, shapes).toArray(),
          first,
        );
      });
    }
  }
});

Deno.test("linear() gradients match the f64 reference and accumulate", async (t) => {
  for (const { name: kernels, device } of KERNEL_SETS) {
    fillWithNaN(device);
    for (const shapes of CASES) {
      await t.step(`${kernels}: ${nameOf(shapes)}`, async () => {
        using _scope = device.scope();
        const host = layer(shapes);
        const { x, weights, biases } = leaves(device, host, shapes);
        const dY = values(reference(host, shapes).length, 9).map((v) => v / 2);
        const expected = referenceBackward(host, shapes, dY);
        for (const times of [1, 2]) {
          const y = linear(x, weights, biases, shapes);
          y.backward(fromArray(device, dY, y.shape));
          const check = (
            actual: number[],
            gradient: number[],
            label: string,
          ) =>
            assertAllClose(
              actual,
              gradient.map((g) => times * g),
              F32_MATMUL,
              label,
            );
          check(await gradients([x]), expected.dX, "dX");
          check(await gradients(weights), expected.dW, "dW");
          check(
            await gradients(biases),
            shapes.bias ? expected.dB : [],
            "dB",
          );
        }
      });
    }
  }
});

Deno.test("the f64 reference of linear()'s gradients matches central differences", () => {
  for (const activation of [undefined, "gelu"] as const) {
    const shapes = {
      x: [3, 2],
      outputs: [2, 1],
      bias: true,
      ...activation && { activation },
    };
    const host = layer(shapes);
    const dY = values(9, 9);
    const { dX, dW, dB } = referenceBackward(host, shapes, dY);
    const loss = (changed: Partial<Layer>) =>
      reference({ ...host, ...changed }, shapes)
        .reduce((sum, y, i) => sum + dY[i]! * y, 0);
    const check = (
      actual: number[],
      at: number[],
      change: (v: number[]) => Partial<Layer>,
    ) =>
      assertAllClose(
        actual,
        numericGradient((v) => loss(change(v)), at),
        F32_GRAD,
      );
    check(dX, host.x, (x) => ({ x }));
    check(dW, host.weights.flat(), (w) => ({ weights: [w] }));
    check(dB, host.biases.flat(), (b) => ({ biases: [b] }));
  }
});

Deno.test("linear() equals matmul, add and gelu", async () => {
  using _scope = device.scope();
  const shapes: Case = {
    x: [2, 10, 36],
    outputs: [12],
    bias: true,
    activation: "gelu",
  };
  const host = layer(shapes);
  const fused = leaves(device, host, shapes);
  const plain = leaves(device, host, shapes);
  const y = linear(fused.x, fused.weights, fused.biases, shapes);
  const z = gelu(add(
    matmul(plain.x, plain.weights[0]!, { transposeB: true }),
    plain.biases[0]!,
  ));
  assertAllClose(await y.toArray(), await z.toArray(), F32_MATMUL);

  const dY = fromArray(device, values(y.size, 9), y.shape);
  y.backward(dY);
  z.backward(dY);
  const all = ({ x, weights, biases }: typeof fused) =>
    gradients([x, ...weights, ...biases]);
  assertAllClose(await all(fused), await all(plain), F32_MATMUL);
});

Deno.test("linear() computes only the gradients that are needed", async (t) => {
  const shapes = { x: [7, 8], outputs: [8, 4], bias: true };
  const host = layer(shapes);
  const dY = values(7 * 12, 9);
  const { dX, dW, dB } = referenceBackward(host, shapes, dY);
  // The gradients of x, both weights and both biases.
  const expected = [
    dX,
    dW.slice(0, 64),
    dW.slice(64),
    dB.slice(0, 8),
    dB.slice(8),
  ];
  for (
    const frozen of [[0], [1, 2], [3, 4], [0, 1, 2], [0, 3, 4], [2], [0, 1, 4]]
  ) {
    await t.step(`all but ${frozen}`, async () => {
      using _scope = device.scope();
      const { x, weights, biases } = leaves(device, host, shapes);
      const all = [x, ...weights, ...biases];
      for (const i of frozen) all[i]!.requiresGrad = false;
      const y = linear(x, weights, biases);
      y.backward(fromArray(device, dY, y.shape));
      for (const [i, tensor] of all.entries()) {
        if (frozen.includes(i)) assertEquals(tensor.grad, undefined);
        else {
          assertAllClose(
            await tensor.grad!.toArray(),
            expected[i]!,
            F32_MATMUL,
            `gradient ${i}`,
          );
        }
      }
    });
  }
});

Deno.test("linear() accumulates the gradient of a value that several layers read", async (t) => {
  for (const { name: kernels, device } of KERNEL_SETS) {
    for (const x of [[7, 8], [7, 5]]) {
      await t.step(`${kernels}: [${x}]`, async () => {
        using _scope = device.scope();
        const shapes = { x, outputs: [8, 4], bias: true };
        const host = layer(shapes);
        const { x: leaf, weights, biases } = leaves(device, host, shapes);
        const h = mul(leaf, 2);
        const dY = values(7 * 12, 9);
        const y = add(
          linear(h, weights, biases),
          linear(h, weights, biases),
        );
        y.backward(fromArray(device, dY, y.shape));
        const doubled = { ...host, x: host.x.map((v) => 2 * v) };
        const { dX, dW } = referenceBackward(doubled, shapes, dY);
        assertAllClose(
          await gradients([leaf]),
          dX.map((g) => 4 * g),
          F32_MATMUL,
        );
        assertAllClose(
          await gradients(weights),
          dW.map((g) => 2 * g),
          F32_MATMUL,
        );
      });
    }
  }
});

Deno.test("linear() sums the gradients of a weight that is passed twice", async () => {
  using _scope = device.scope();
  const shapes = { x: [7, 8], outputs: [4], bias: true };
  const host = layer(shapes);
  const { x, weights: [w], biases: [b] } = leaves(device, host, shapes);
  const dY = values(7 * 8, 9);
  linear(x, [w!, w!], [b!, b!]).backward(fromArray(device, dY, [7, 8]));
  const half = (from: number) =>
    referenceBackward(
      host,
      shapes,
      dY.filter((_, i) => i % 8 >= from && i % 8 < from + 4),
    );
  const sum = (key: "dX" | "dW" | "dB") =>
    half(0)[key].map((g, i) => g + half(4)[key][i]!);
  assertAllClose(await gradients([x]), sum("dX"), F32_MATMUL, "dX");
  assertAllClose(await gradients([w!]), sum("dW"), F32_MATMUL, "dW");
  assertAllClose(await gradients([b!]), sum("dB"), F32_MATMUL, "dB");
});

Deno.test("linear() keeps the preactivation for the backward pass only", () => {
  using _scope = device.scope();
  const shapes = { x: [7, 8], outputs: [4], bias: true };
  const { x, weights, biases } = leaves(device, layer(shapes), shapes);
  const made = (recording: boolean) => {
    using _stopped = recording ? undefined : noGrad();
    const before = device.counters.liveBuffers;
    linear(x, weights, biases, { activation: "gelu" });
    return device.counters.liveBuffers - before;
  };
  assertEquals([made(true), made(false)], [2, 1]);
});

Deno.test("linear() rejects shapes that do not match", () => {
  using _scope = device.scope();
  const zeros = (...shape: number[]) =>
    fromArray(device, new Float32Array(numel(shape)), shape);
  const x = zeros(2, 3);
  const cases: [() => Tensor, message: string][] = [
    [() => linear(x, zeros(3, 4)), "weight must be [O,3], not [3,4]"],
    [() => linear(x, zeros(3)), "weight must be [O,3], not [3]"],
    [
      () => linear(x, zeros(4, 3), zeros(3)),
      "bias must be [4], not [3]",
    ],
    [
      () => linear(x, [zeros(4, 3), zeros(4, 3)], [zeros(4)]),
      "2 weights need as many biases, not 1",
    ],
  ];
  for (const [apply, message] of cases) {
    assertThrows(
      apply,
      RangeError,
      `Cannot apply linear to [2,3]: ${message}`,
    );
  }
});
