/**
 * Dropout, residual and layer normalisation, fused: the end of a BERT block.
 *
 * @module
 */
import { record } from "../tensor/autograd.ts";
import { sameShape, Tensor } from "../tensor/tensor.ts";
import { rowThreads, VectorizedKernel } from "./vectorized_kernel.ts";
import forwardSource from "./dropout_add_layer_norm.wgsl" with { type: "text" };
import { type DropoutKey, dropoutParams, NO_DROPOUT } from "./dropout_key.ts";
import { layerNormBackward } from "./layer_norm.ts";
import philox from "./philox.wgsl" with { type: "text" };
import { dispatchRowwise } from "./reduction.ts";
import workgroupSum from "./workgroup_sum.wgsl" with { type: "text" };

const forwardKernel = new VectorizedKernel(
  "dropout_add_layer_norm",
  forwardSource + workgroupSum + philox,
  rowThreads,
);

/**
 * Computes `layerNorm(dropout(x) + residual)` in one kernel.
 *
 * @param x The block's output, `[..., C]`.
 * @param residual The block's input, of `x`'s shape.
 * @param weight Scale, `[C]`.
 * @param bias Shift, `[C]`.
 * @param eps Added to the variance; BERT uses 1e-12.
 * @param dropout Dropout of `x`; none if left out.
 * @returns Output, `[..., C]`.
 * @throws {RangeError} If the shapes do not match.
 */
export function dropoutAddLayerNorm(
  x: Tensor,
  residual: Tensor,
  weight: Tensor,
  bias: Tensor,
  eps: number,
  dropout: DropoutKey = NO_DROPOUT,
): Tensor {
  const { device, shape } = x;
  const columns = shape.at(-1) ?? 1;
  const expected = { residual: shape, weight: [columns], bias: [columns] };
  for (const [name, tensor] of Object.entries({ residual, weight, bias })) {
    const size = expected[name as keyof typeof expected];
    if (!sameShape(tensor.shape, size)) {
      throw new RangeError(
        `Cannot apply dropoutAddLayerNorm to [${shape}]: ${name} must be [${size}], not [${tensor.shape}]`,
      );
    }
  }
  const sum = new Tensor(device, shape);
  const y = new Tensor(device, shape);
  const statistics = new Tensor(device, [...shape.slice(0, -1), 2]);
  dispatchRowwise(
    forwardKernel,
    x,
    [x, residual, weight, bias, sum, y, statistics],
    { eps, ...dropoutParams(dropout) },
  );
  return record(y, {
    name: "dropoutAddLayerNorm",
    inputs: [x, residual, weight, bias],
    saved: [sum],
    backward: (dY, [, , dWeight, dBias]) =>
      layerNormBackward(
        { x: sum, weight, statistics },
        dY,
        dWeight,
        dBias,
        dropout,
      ),
  });
}
