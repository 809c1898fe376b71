/**
 * Layer normalisation.
 *
 * @module
 */
import { record } from "../tensor/autograd.ts";
import { type GradSlot, sameShape, Tensor } from "../tensor/tensor.ts";
import { CellKernel, rowThreads } from "./cells.ts";
import forwardSource from "./layer_norm.wgsl" with { type: "text" };
import backwardSource from "./layer_norm_backward.wgsl" with { type: "text" };
import backwardParamsSource from "./layer_norm_backward_params.wgsl" with {
  type: "text",
};
import { COLUMNS, columnThreads, dispatchRows } from "./rows.ts";
import sliceSum from "./slice_sum.wgsl" with { type: "text" };
import workgroupSum from "./workgroup_sum.wgsl" with { type: "text" };

const forwardKernel = new CellKernel(
  "layer_norm",
  forwardSource + workgroupSum,
  rowThreads,
);
const backwardKernel = new CellKernel(
  "layer_norm_backward",
  backwardSource + workgroupSum,
  rowThreads,
);
const backwardParamsKernel = new CellKernel(
  "layer_norm_backward_params",
  backwardParamsSource + sliceSum,
  columnThreads,
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
  dispatchRows(forwardKernel, x, [x, weight, bias, y, mean, rstd], { eps });

  return record(y, {
    name: "layerNorm",
    inputs: [x, weight, bias],
    backward: (dY, [, dWeight, dBias]) =>
      layerNormBackward({ x, weight, mean, rstd }, dY, dWeight, dBias),
  });
}

/**
 * Computes all gradients of a layer normalisation.
 *
 * @param forward What was normalised `[..., C]`, its scale, and mean and 1 / standard deviation of each row.
 * @param dY Gradient of the output, `[..., C]`.
 * @param dWeight Where the gradient of the weight goes; a new tensor if left out.
 * @param dBias Where the gradient of the bias goes; a new tensor if left out.
 * @returns The gradients of `x`, the weight and the bias.
 */
export function layerNormBackward(
  forward: { x: Tensor; weight: Tensor; mean: Tensor; rstd: Tensor },
  dY: Tensor,
  dWeight?: GradSlot,
  dBias?: GradSlot,
): [dX: Tensor, dWeight: Tensor, dBias: Tensor] {
  const { x, weight, mean, rstd } = forward;
  const dX = new Tensor(x.device, x.shape);
  dispatchRows(backwardKernel, x, [x, weight, mean, rstd, dY, dX]);
  return [dX, ...layerNormBackwardParams(x, mean, rstd, dY, dWeight, dBias)];
}

/**
 * Computes the gradients of the weight and the bias of a layer normalisation.
 *
 * @param x What was normalised, `[..., C]`.
 * @param mean Mean of each row of `x`.
 * @param rstd 1 / standard deviation of each row of `x`.
 * @param dY Gradient of the output, `[..., C]`.
 * @param dWeight Where the gradient of the weight goes; a new tensor if left out.
 * @param dBias Where the gradient of the bias goes; a new tensor if left out.
 * @returns The gradients of the weight and the bias, `[C]` each.
 */
export function layerNormBackwardParams(
  x: Tensor,
  mean: Tensor,
  rstd: Tensor,
  dY: Tensor,
  dWeight?: GradSlot,
  dBias?: GradSlot,
): [dWeight: Tensor, dBias: Tensor] {
  const { device } = x;
  const columns = x.shape.at(-1) ?? 1;
  const targets: [Tensor, Tensor] = [
    dWeight?.tensor ?? new Tensor(device, [columns]),
    dBias?.tensor ?? new Tensor(device, [columns]),
  ];
  const { kernel, cells } = backwardParamsKernel.for(columns);
  device.dispatch(
    kernel,
    [x, mean, rstd, dY, ...targets],
    {
      rows: x.size / columns,
      cells,
      accumulate_dweight: Number(dWeight?.accumulate ?? false),
      accumulate_dbias: Number(dBias?.accumulate ?? false),
    },
    Math.ceil(cells / COLUMNS),
  );
  return targets;
}
