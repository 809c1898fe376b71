import { fromArray, type Tensor } from "../../mod.ts";
import { assertAllClose, F32_GRAD, F32_OP } from "./all_close.ts";
import { numericGradient } from "./gradcheck.ts";
import { KERNEL_SETS } from "./kernel_sets.ts";

/** A tensor on the host. */
export interface Input {
  readonly shape: readonly number[];
  readonly values: number[];
}

/** Values in [-2, 2] that are exact in f32, so that an f64 reference has the same input. */
export function input(shape: readonly number[], seed = 0): Input {
  const length = shape.reduce((product, size) => product * size, 1);
  return { shape, values: values(length, seed) };
}

/** Values in [-2, 2] that are exact in f32. */
export function values(length: number, seed = 0): number[] {
  return Array.from(
    { length },
    (_, i) => Math.fround(2 * Math.sin(1 + seed + 1.7 * i)),
  );
}

/** An op over tensors, and its formula over plain numbers in f64. */
export interface CheckedOp {
  readonly op: (...inputs: Tensor[]) => Tensor;
  readonly reference: (...inputs: number[][]) => number[];
}

/**
 * Fails unless an op matches its formula on each set of kernels, with the same
 * bits on every run.
 */
export async function assertForward(
  { op, reference }: CheckedOp,
  ...inputs: Input[]
): Promise<void> {
  const expected = reference(...inputs.map((x) => x.values));
  for (const { name, device } of KERNEL_SETS) {
    using _scope = device.scope();
    const tensors = inputs.map(({ values, shape }) =>
      fromArray(device, values, shape)
    );
    const y = await op(...tensors).toArray();
    assertSameBits(await op(...tensors).toArray(), y);
    assertAllClose(y, expected, F32_OP, `${name}: value`);
  }
}

/**
 * Fails unless the gradient of every input matches central differences of the
 * formula on each set of kernels, with the same bits on every run.
 */
export async function assertGradients(
  { op, reference }: CheckedOp,
  ...inputs: Input[]
): Promise<void> {
  const host = inputs.map((x) => x.values);
  const dY = values(reference(...host).length, 9);
  // loss = Σ dY · y, so that dloss/dy = dY
  const expected = host.map((values, i) =>
    numericGradient(
      (v) =>
        reference(...host.with(i, v))
          .reduce((sum, y, j) => sum + dY[j]! * y, 0),
      values,
    )
  );
  for (const { name, device } of KERNEL_SETS) {
    using _scope = device.scope();
    const gradients = () => {
      const leaves = inputs.map(({ values, shape }) =>
        fromArray(device, values, shape, { requiresGrad: true })
      );
      const y = op(...leaves);
      y.backward(fromArray(device, dY, y.shape));
      return Promise.all(leaves.map((leaf) => leaf.grad!.toArray()));
    };
    const [first, second] = [await gradients(), await gradients()];
    first.forEach((gradient, i) => {
      assertSameBits(second[i]!, gradient);
      const label = `${name}: gradient of input ${i}`;
      assertAllClose(gradient, expected[i]!, F32_GRAD, label);
    });
  }
}

/** Fails unless two results have the same bits. */
export function assertSameBits(
  actual: Float32Array<ArrayBuffer>,
  expected: Float32Array<ArrayBuffer>,
): void {
  const [a, b] = [
    new Uint32Array(actual.buffer),
    new Uint32Array(expected.buffer),
  ];
  const i = a.findIndex((bits, i) => bits !== b[i]);
  if (a.length !== b.length || i >= 0) {
    throw new Error(
      `the second run gave ${actual[i]} at ${i}, the first ${expected[i]}`,
    );
  }
}
