/**
 * Layer normalisation.
 *
 * @module
 */
import type { Device } from "../gpu/device.ts";
import { record } from "../tensor/autograd.ts";
import { type GradSlot, sameShape, Tensor } from "../tensor/tensor.ts";
import { grid, rowThreads, VectorizedKernel } from "./vectorized_kernel.ts";
import { type DropoutKey, dropoutParams, NO_DROPOUT } from "./dropout_key.ts";
import { BLOCK } from "./flat_step.ts";
import forwardSource from "./layer_norm.wgsl" with { type: "text" };
import backwardSource from "./layer_norm_backward.wgsl" with { type: "text" };
import philox from "./philox.wgsl" with { type: "text" };
import { COLUMNS, dispatchRowwise } from "./reduction.ts";
import sliceSum from "./slice_sum.wgsl" with { type: "text" };
import workgroupSum from "./workgroup_sum.wgsl" with { type: "text" };

const WITH_BIAS = kernels("", 1);
const WITHOUT_BIAS = kernels("_without_bias", 0);

function kernels(suffix: string, HAS_BIAS: number) {
  return {
    forward: new VectorizedKernel(
      `layer_norm${suffix}`,
      forwardSource + workgroupSum,
      (device) => ({ ...rowThreads(device), HAS_BIAS }),
    ),
    backward: new VectorizedKernel(
      `layer_norm_backward${suffix}`,
      backwardSource + workgroupSum + sliceSum + philox,
      (device) => ({ ...rowThreads(device), COLUMNS, HAS_BIAS }),
    ),
  };
}

/**
 * Normalises the last dimension to mean 0 and variance 1, then scales and
 * shifts it: `y = weight · (x - mean) / sqrt(var + eps) + bias`. The variance
 * is the biased one, as in `torch.nn.LayerNorm`.
 *
 * @param x Input, `[..., C]`.
 * @param weight Scale, `[C]`.
 * @param bias Shift, `[C]`; `undefined` for none.
 * @param eps Added to the variance; BERT uses 1e-12.
 * @returns Output, `[..., C]`.
 * @throws {RangeError} If `weight` or `bias` is not `[C]`.
 */
export function layerNorm(
  x: Tensor,
  weight: Tensor,
  bias: Tensor | undefined,
  eps: number,
): Tensor {
  const { device } = x;
  const columns = x.shape.at(-1) ?? 1;
  const parameters = bias ? { weight, bias } : { weight };
  for (const [name, { shape }] of Object.entries(parameters)) {
    if (!sameShape(shape, [columns])) {
      throw new RangeError(
        `Cannot apply layerNorm to [${x.shape}]: ${name} must be [${columns}], not [${shape}]`,
      );
    }
  }

  const y = new Tensor(device, x.shape);
  const statistics = new Tensor(device, [...x.shape.slice(0, -1), 2]);
  const { forward } = bias ? WITH_BIAS : WITHOUT_BIAS;
  // Every binding needs a buffer: without a bias, that one is not read.
  const operands = [x, weight, bias ?? weight, y, statistics];
  dispatchRowwise(forward, x, operands, { eps });

  if (!bias) {
    return record(y, {
      name: "layerNorm",
      inputs: [x, weight],
      backward(dY, [, dWeight]) {
        const slot = dWeight ??
          { tensor: new Tensor(device, [columns]), accumulate: false };
        const saved = { x, weight, statistics };
        const [same, dX] = dispatchBackward(WITHOUT_BIAS.backward, saved, dY, {
          range: slot.tensor,
          accumulate: slot.accumulate,
        });
        same.dispose(); // no dropout
        return [dX, slot.tensor];
      },
    });
  }
  return record(y, {
    name: "layerNorm",
    inputs: [x, weight, bias],
    backward(dY, [, dWeight, dBias]) {
      const [same, ...gradients] = layerNormBackward(
        { x, weight, statistics },
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
 * @param forward Tensors of the forward pass: the normalised x `[..., C]`, its scale `[C]`, and mean
 * and 1 / standard deviation of each row, `[..., 2]`.
 * @param dY Gradient of the output, `[..., C]`.
 * @param dWeight Slot of the gradient of the weight.
 * @param dBias Slot of the gradient of the bias. Both slots are written to if this one follows the
 * other in memory and adds as it does.
 * @param dropout Dropout of `input`; none if left out.
 * @returns The gradients of `input`, `residual` (or x), the weight and the bias.
 */
export function layerNormBackward(
  forward: { x: Tensor; weight: Tensor; statistics: Tensor },
  dY: Tensor,
  dWeight?: GradSlot,
  dBias?: GradSlot,
  dropout: DropoutKey = NO_DROPOUT,
): [dInput: Tensor, dResidual: Tensor, dWeight: Tensor, dBias: Tensor] {
  const { x: { device }, weight } = forward;
  const parameters = parameterGradients(device, weight.size, dWeight, dBias);
  const [dInput, dResidual] = dispatchBackward(
    WITH_BIAS.backward,
    forward,
    dY,
    parameters,
    dropout,
  );
  return [dInput, dResidual, parameters.dWeight, parameters.dBias];
}

/** Runs a backward kernel; the gradients of weight and bias go to `range`, `[2, C]` or `[C]`. */
function dispatchBackward(
  backward: VectorizedKernel,
  { x, weight, statistics }: { x: Tensor; weight: Tensor; statistics: Tensor },
  dY: Tensor,
  { range, accumulate }: { range: Tensor; accumulate: boolean },
  dropout: DropoutKey = NO_DROPOUT,
): [dInput: Tensor, dResidual: Tensor] {
  const { device, shape } = x;
  const columns = weight.size;
  const dInput = new Tensor(device, shape);
  const dResidual = new Tensor(device, shape);
  const rows = x.size / columns;
  const { kernel, vectors } = backward.for(columns);
  device.dispatch(
    kernel,
    [x, weight, statistics, dY, dInput, dResidual, range],
    {
      rows,
      vectors,
      accumulate: Number(accumulate),
      dbias_start: range.size / 2 * vectors / columns,
      ...dropoutParams(dropout),
    },
    ...grid(device, rows + Math.ceil(vectors / COLUMNS)),
  );
  return [dInput, dResidual];
}

/**
 * Chooses memory for the gradients of weight and bias, which the kernel binds as one
 * range: their slots, if that of the bias follows that of the weight, as in the flat
 * buffer of a model; else a new buffer.
 */
function parameterGradients(
  device: Device,
  columns: number,
  weightSlot: GradSlot | undefined,
  biasSlot: GradSlot | undefined,
): {
  range: Tensor; // [2, C], each row at a multiple of a block
  dWeight: Tensor; // [C]
  dBias: Tensor; // [C]
  accumulate: boolean;
} {
  const shape = [2, Math.ceil(columns / BLOCK) * BLOCK];
  const rowBytes = 4 * shape[1]!;
  if (
    weightSlot && weightSlot.accumulate === biasSlot?.accumulate &&
    weightSlot.tensor.storage === biasSlot.tensor.storage &&
    weightSlot.tensor.byteOffset + rowBytes === biasSlot.tensor.byteOffset
  ) {
    const { tensor: dWeight, accumulate } = weightSlot;
    const { storage, byteOffset } = dWeight;
    const range = new Tensor(device, shape, { storage, byteOffset });
    return { range, dWeight, dBias: biasSlot.tensor, accumulate };
  }
  const range = new Tensor(device, shape);
  const row = (byteOffset: number) =>
    new Tensor(device, [columns], { storage: range.storage, byteOffset });
  const [dWeight, dBias] = [row(0), row(rowBytes)];
  return { range, dWeight, dBias, accumulate: false };
}
