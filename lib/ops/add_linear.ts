/**
 * A linear layer without bias whose output is added to that of another one.
 *
 * @module
 */
import { record } from "../tensor/autograd.ts";
import { sameShape, Tensor } from "../tensor/tensor.ts";
import { gemm } from "./gemm/gemm.ts";

/**
 * Adds `x Wᵀ` to columns of the output of a linear layer, in place:
 * `y[..., column : column + O] += x Wᵀ`. No tensor of y's size is made, forward or
 * backward.
 *
 * @param y The output, `[..., C]`, which no other op has read yet.
 * @param x Input, `[..., I]`, with the leading dimensions of `y`.
 * @param weight Weight, `[O, I]`.
 * @param column First of the columns.
 * @returns `y`.
 * @throws {RangeError} If the shapes do not match, or the columns are not in `y`.
 * @throws {TypeError} If `y` is the output of a checkpoint.
 */
export function addLinear(
  y: Tensor,
  x: Tensor,
  weight: Tensor,
  column = 0,
): Tensor {
  check(y, x, weight, column);
  const before = y.gradFn;
  if (before && "recompute" in before) {
    throw new TypeError(
      "Cannot add a linear layer to the output of a checkpoint: call addLinear in its function",
    );
  }
  const { device } = y;
  const [n = 0, k = 0] = weight.shape;
  const stride = y.shape.at(-1)!;
  const m = x.size / k;
  const operands = {
    x: { tensor: x, stride: k },
    weight: { tensor: weight, stride: k },
  };
  const columns = (tensor: Tensor) => ({ tensor, stride, column });
  gemm("NT", { m, n, k }, operands.x, operands.weight, columns(y), {
    accumulate: true,
  });

  const inputs = before?.inputs ?? [];
  return record(y, {
    name: before?.name ?? "addLinear",
    inputs: [...inputs, x, weight],
    ...before?.saved && { saved: before.saved },
    backward(dY, slots) {
      const [dX, dWeight] = [x, weight].map((input, i) =>
        slots[inputs.length + i] ??
          (input.requiresGrad
            ? { tensor: new Tensor(device, input.shape), accumulate: false }
            : undefined)
      );
      const into = ({ tensor }: { tensor: Tensor }) => ({ tensor, stride: k });
      if (dX) {
        const { accumulate } = dX;
        const size = { m, n: k, k: n };
        gemm("NN", size, columns(dY), operands.weight, into(dX), {
          accumulate,
        });
      }
      if (dWeight) {
        const { accumulate } = dWeight;
        const size = { m: n, n: k, k: m };
        gemm("TN", size, columns(dY), operands.x, into(dWeight), {
          accumulate,
        });
      }
      const others = before?.backward(dY, slots.slice(0, inputs.length)) ?? [];
      return [...others, dX?.tensor, dWeight?.tensor];
    },
  });
}

function check(y: Tensor, x: Tensor, weight: Tensor, column: number): void {
  const refuse = (reason: string): never => {
    throw new RangeError(
      `Cannot add a linear layer of [${x.shape}] to [${y.shape}]: ${reason}`,
    );
  };
  if (!sameShape(x.shape.slice(0, -1), y.shape.slice(0, -1))) {
    refuse("the leading dimensions differ");
  }
  const inputs = x.shape.at(-1);
  const [outputs = 0] = weight.shape;
  if (weight.shape.length !== 2 || weight.shape[1] !== inputs) {
    refuse(`weight must be [O,${inputs}], not [${weight.shape}]`);
  }
  if (column < 0 || column + outputs > y.shape.at(-1)!) {
    refuse(`columns ${column} to ${column + outputs} are not all in it`);
  }
}
