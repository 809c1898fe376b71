/**
 * Layer normalisation.
 *
 * @module
 */
import { record } from "../tensor/autograd.ts";
import { type GradSlot, sameShape, Tensor } from "../tensor/tensor.ts";
import { grid, rowThreads, VectorizedKernel } from "./vectorized_kernel.ts";
import { type DropoutKey, dropoutParams, NO_DROPOUT } from "./dropout_key.ts";
import forwardSource from "./layer_norm.wgsl" with { type: "text" };
import backwardSource from "./layer_norm_backward.wgsl" with { type: "text" };
import philox from "./philox.wgsl" with { type: "text" };
import { COLUMNS, dispatchRowwise } from "./reduction.ts";
import sliceSum from "./slice_sum.wgsl" with { type: "text" };
import workgroupSum from "./workgroup_sum.wgsl" with { type: "text" };

const forwardKernel = new VectorizedKernel(
  "layer_norm",
  forwardSource + workgroupSum,
  rowThreads,
);
const backwardKernel = new VectorizedKernel(
  "layer_norm_backward",
  backwardSource + workgroupSum + sliceSum + philox,
  (device) => ({ ...rowThreads(device), COLUMNS }),
);

/**
 * Normalises the last dimension to mean 0 and variance 1, then scales and
 * shifts it: `y = weight · (x - mean) / sqrt(var + eps) + bias`. The variance
 * is the biased one, as in `torch.nn.LayerNorm`.
 *
 * @param x Input, `[..., C]`.
 * @param weight Scale, `[C]`.
 * @param bias Shift, `[C]`.
 * @param eps Added to the variance; BERT uses 1e-12.
 * @returns Output, `[..., C]`.
 * @throws {RangeError} If `weight` or `bias` is not `[C]`.
 */
export function layerNorm(
  x: Tensor,
  weight: Tensor,
  bias: Tensor,
  eps: number,
): Tensor {
  const { device } = x;
  const columns = x.shape.at(-1) ?? 1;
  for (const [name, { shape }] of Object.entries({ weight, bias })) {
    if (!sameShape(shape, [columns])) {
      throw new RangeError(
        `Cannot apply layerNorm to [${x.shape}]: ${name} must be [${columns}], not [${shape}]`,
      );
    }
  }

  const y = new Tensor(device, x.shape);
  const mean = new Tensor(device, x.shape.slice(0, -1));
  const rstd = new Tensor(device, x.shape.slice(0, -1));
  dispatchRowwise(forwardKernel, x, [x, weight, bias, y, mean, rstd], { eps });

  return record(y, {
    name: "layerNorm",
    inputs: [x, weight, bias],
    backward(dY, [, dWeight, dBias]) {
      const [same, ...gradients] = layerNormBackward(
        { x, weight, mean, rstd },
        dY,
        dWeight,
        dBias,
      );
      same.dispose(); // no dropout
      return gradients;
    },
  });
}

/**
 * Computes all gradients of a layer normalisation of `dropout(input) + residual`,
 * or of any x: without dropout, the gradients of both terms are that of x.
 *
 * @param forward Tensors of the forward pass: the normalised x `[..., C]`, its scale, and mean and
 * 1 / standard deviation of each row.
 * @param dY Gradient of the output, `[..., C]`.
 * @param dWeight Slot of the gradient of the weight; a new tensor if left out.
 * @param dBias Slot of the gradient of the bias; a new tensor if left out.
 * @param dropout Dropout of `input`; none if left out.
 * @returns The gradients of `input`, `residual` (or x), the weight and the bias.
 */
export function layerNormBackward(
  forward: { x: Tensor; weight: Tensor; mean: Tensor; rstd: Tensor },
  dY: Tensor,
  dWeight?: GradSlot,
  dBias?: GradSlot,
  dropout: DropoutKey = NO_DROPOUT,
): [dInput: Tensor, dResidual: Tensor, dWeight: Tensor, dBias: Tensor] {
  const { x, weight, mean, rstd } = forward;
  const { device, shape } = x;
  const columns = weight.size;
  const gradients: [Tensor, Tensor, Tensor, Tensor] = [
    new Tensor(device, shape),
    new Tensor(device, shape),
    dWeight?.tensor ?? new Tensor(device, [columns]),
    dBias?.tensor ?? new Tensor(device, [columns]),
  ];
  const rows = x.size / columns;
  const { kernel, vectors } = backwardKernel.for(columns);
  device.dispatch(
    kernel,
    [x, weight, mean, rstd, dY, ...gradients],
    {
      rows,
      vectors,
      accumulate_dweight: Number(dWeight?.accumulate ?? false),
      accumulate_dbias: Number(dBias?.accumulate ?? false),
      ...dropoutParams(dropout),
    },
    ...grid(device, rows + Math.ceil(vectors / COLUMNS)),
  );
  return gradients;
}
