import { assertEquals } from "@std/assert";
import { type Device, fromArray } from "../../mod.ts";
import { ParamAndGradBuffer, Parameter } from "../../lib/nn/parameter.ts";
import { linear } from "../../lib/ops/linear.ts";
import type { Shape } from "../../lib/tensor/tensor.ts";
import { assertAllClose, F32_MATMUL } from "../helpers/all_close.ts";
import { values } from "../helpers/check_op.ts";
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

/** Parameters with the values of a layer, in a flat buffer of weights and one of biases. */
function flattened(device: Device, host: Layer, { x, outputs }: Case) {
  const parameter = (values: number[], shape: Shape) =>
    new Parameter(device, shape, (target) => target.set(values));
  const weights = host.weights.map((w, i) =>
    parameter(w, [outputs[i]!, x.at(-1)!])
  );
  const biases = host.biases.map((b, i) => parameter(b, [outputs[i]!]));
  const buffers = [weights, biases].map((p) =>
    new ParamAndGradBuffer(device, p)
  );
  return { weights, biases, buffers };
}

Deno.test("linear() over contiguous weights is one product", async (t) => {
  // In a flat buffer, parameters begin at multiples of 64 elements: the first case
  // has no gaps, the second has gaps between the biases, the third between all.
  const cases: [Case, dispatches: number][] = [
    [{ x: [5, 8], outputs: [64, 64, 64], bias: true }, 1],
    [{ x: [5, 8], outputs: [8, 16, 8], bias: true }, 3],
    [{ x: [5, 7], outputs: [3, 2, 5], bias: true }, 3],
  ];
  for (const { name: kernels, device } of KERNEL_SETS) {
    for (const [shapes, dispatches] of cases) {
      await t.step(`${kernels}: ${nameOf(shapes)}`, async () => {
        using _scope = device.scope();
        const host = layer(shapes);
        const { weights, biases, buffers } = flattened(device, host, shapes);
        const x = fromArray(device, host.x, shapes.x, { requiresGrad: true });
        const dY = values(reference(host, shapes).length, 9);
        const expected = referenceBackward(host, shapes, dY);
        for (const times of [1, 2]) {
          const before = device.counters.dispatches;
          const y = linear(x, weights, biases);
          const between = device.counters.dispatches;
          y.backward(fromArray(device, dY, y.shape));
          const after = device.counters.dispatches;
          // Backward: one for x, one for the weight and the bias.
          assertEquals([between - before, after - between], [
            dispatches,
            2 * dispatches,
          ]);
          assertAllClose(
            await y.toArray(),
            reference(host, shapes),
            F32_MATMUL,
          );
          const twice = (gradient: number[]) => gradient.map((g) => times * g);
          assertAllClose(
            await gradients([x]),
            twice(expected.dX),
            F32_MATMUL,
            "dX",
          );
          assertAllClose(
            await gradients(weights),
            twice(expected.dW),
            F32_MATMUL,
            "dW",
          );
          assertAllClose(
            await gradients(biases),
            twice(expected.dB),
            F32_MATMUL,
            "dB",
          );
        }
        // The gaps between the parameters stay 0.
        for (const { parameters, gradStorage } of buffers) {
          const { byteLength } = gradStorage;
          const all = new Float32Array(
            await device.read({
              storage: gradStorage,
              byteOffset: 0,
              byteLength,
            }),
          );
          for (const { byteOffset, size } of parameters) {
            all.fill(0, byteOffset / 4, byteOffset / 4 + size);
          }
          assertEquals(all, new Float32Array(all.length));
        }
      });
    }
  }
});
