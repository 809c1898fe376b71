/**
 * The loss of a single-label classifier.
 *
 * @module
 */
import { checkOptions, type OptionNames } from "../check_options.ts";
import type { Device } from "../gpu/device.ts";
import { Kernel, type Params } from "../gpu/kernel.ts";
import { record } from "../tensor/autograd.ts";
import { fromArray, sameShape, Tensor } from "../tensor/tensor.ts";
import { grid, rowThreads } from "./vectorized_kernel.ts";
import forwardSource from "./cross_entropy.wgsl" with { type: "text" };
import backwardSource from "./cross_entropy_backward.wgsl" with {
  type: "text",
};
import weightedForwardSource from "./cross_entropy_weighted.wgsl" with {
  type: "text",
};
import weightedBackwardSource from "./cross_entropy_weighted_backward.wgsl" with {
  type: "text",
};
import { checkClassWeights } from "./class_weights.ts";
import type { HostArray } from "./host_array.ts";
import { sumAlong } from "./sum.ts";
import workgroupMax from "./workgroup_max.wgsl" with { type: "text" };
import workgroupSum from "./workgroup_sum.wgsl" with { type: "text" };

const forwardKernel = new Kernel(
  "cross_entropy",
  forwardSource + workgroupMax + workgroupSum,
  rowThreads,
);
/** Logits, and rows, per workgroup at most: a small batch is one workgroup, and so one dispatch. */
const PART = { logits: 4096, rows: 64 };
const BACKWARD_WORKGROUP_SIZE = 64;
const backwardKernel = new Kernel("cross_entropy_backward", backwardSource);
const weightedForwardKernel = new Kernel(
  "cross_entropy_weighted",
  weightedForwardSource + workgroupMax + workgroupSum,
  rowThreads,
);
const weightedBackwardKernel = new Kernel(
  "cross_entropy_weighted_backward",
  weightedBackwardSource,
);

/** Options of {@linkcode crossEntropy}. */
export interface CrossEntropyOptions {
  /**
   * A label to ignore: its rows add nothing to the loss and the gradient.
   *
   * @default -100
   */
  ignoreIndex?: number;
  /**
   * Weights w of the classes, numbers from 0, `[C]`: the loss of a row is multiplied
   * by that of its label.
   *
   * @default 1 for each class
   */
  weight?: ArrayLike<number>;
  /**
   * Label smoothing ε, from 0 to 1: the target of a row is 1 - ε at its label, plus
   * ε / C at each class, as in Szegedy et al. 2015, https://arxiv.org/abs/1512.00567.
   *
   * @default 0
   */
  labelSmoothing?: number;
  /**
   * `"mean"` divides by the sum of the weights of the labels that are not ignored,
   * `"sum"` does not.
   *
   * @default "mean"
   */
  reduction?: "mean" | "sum";
}

const OPTIONS: OptionNames<CrossEntropyOptions> = {
  ignoreIndex: true,
  weight: true,
  labelSmoothing: true,
  reduction: true,
};

/**
 * Computes the mean over the rows of `-log softmax(logits)[label]`, as
 * `torch.nn.functional.cross_entropy`. With weights it is the weighted mean
 * `Σ_r w[label] · loss[r] / Σ_r w[label]`.
 *
 * @param logits Scores, `[B, C]`.
 * @param labels The class of each row, `[B]`, on the host.
 * @param options Weights of the classes, label smoothing, the label to ignore, and the reduction.
 * @returns The loss, a scalar. The mean is NaN if all rows are ignored or weigh 0; the gradient is
 * then 0 for ignored rows, and NaN for others.
 * @throws {TypeError} If an option has an unknown name, or the weights are not an array.
 * @throws {RangeError} If the shapes do not fit, a label is not in [0, C), or an option is out of range.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.cross_entropy.html
 */
export function crossEntropy(
  logits: Tensor,
  labels: HostArray,
  options: CrossEntropyOptions = {},
): Tensor {
  checkOptions("take the cross-entropy", options, OPTIONS);
  const { device, shape } = logits;
  const [rows = 0, columns = 0] = shape;
  if (shape.length !== 2 || !sameShape(labels.shape, [rows])) {
    throw new RangeError(
      `Cannot take the cross-entropy of logits [${shape}] with labels [${labels.shape}]: they must be [B,C] and [B]`,
    );
  }
  checkValues(options, columns);
  const { weight, labelSmoothing = 0, reduction = "mean" } = options;
  const targets = classes(labels.data, columns, options.ignoreIndex ?? -100);
  const weightOf = (target: number) => weight ? weight[target]! : 1;
  const total = targets.reduce(
    (sum, target) => target >= 0 ? sum + weightOf(target) : sum,
    0,
  );
  const scale = reduction === "sum" ? 1 : total > 0 ? 1 / total : NaN;
  const label = fromArray(device, targets, [rows], { dtype: "i32" });
  const weighted = weight !== undefined || labelSmoothing > 0
    ? weighting(device, columns, weight, labelSmoothing)
    : undefined;
  const operands = [logits, label, ...weighted ? [weighted.weight] : []];
  const part = Math.min(PART.rows, Math.ceil(PART.logits / columns));
  const parts = Math.ceil(rows / part);
  const losses = new Tensor(device, parts === 1 ? [] : [parts]);
  const highest = new Tensor(device, [rows]);
  const logSum = new Tensor(device, [rows]);
  device.dispatch(
    weighted ? weightedForwardKernel : forwardKernel,
    [...operands, losses, highest, logSum],
    { rows, columns, part, scale, ...weighted?.params },
    ...grid(device, parts),
  );
  const along = { outer: 1, length: parts, inner: 1 };
  return record(parts === 1 ? losses : sumAlong(losses, along, []), {
    name: "crossEntropy",
    inputs: [logits],
    backward(dLoss) {
      const dX = new Tensor(device, shape);
      device.dispatch(
        weighted ? weightedBackwardKernel : backwardKernel,
        [...operands, highest, logSum, dLoss, dX],
        { rows, columns, scale, ...weighted?.params },
        ...grid(device, Math.ceil(dX.size / BACKWARD_WORKGROUP_SIZE)),
      );
      return [dX];
    },
  });
}

/** The weights on the device, and the parameters of the weighted kernels. */
function weighting(
  device: Device,
  columns: number,
  weight: ArrayLike<number> | undefined,
  labelSmoothing: number,
): { weight: Tensor; params: Params } {
  const weights = weight
    ? Float32Array.from(weight)
    : new Float32Array(columns).fill(1);
  const smoothed = labelSmoothing / columns;
  return {
    weight: fromArray(device, weights, [columns]),
    params: {
      on: 1 - labelSmoothing,
      smoothed,
      smoothed_total: smoothed * weights.reduce((sum, value) => sum + value, 0),
    },
  };
}

function checkValues(
  { weight, labelSmoothing = 0, reduction = "mean" }: CrossEntropyOptions,
  columns: number,
): void {
  const action = "take the cross-entropy";
  if (weight !== undefined) {
    checkClassWeights(action, "weight", weight, columns);
  }
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
    throw new RangeError(
      `Cannot ${action}: labelSmoothing is ${labelSmoothing}; it must be from 0 to 1`,
    );
  }
  if (reduction !== "mean" && reduction !== "sum") {
    throw new RangeError(
      `Cannot ${action}: reduction is ${
        JSON.stringify(reduction)
      }; it must be "mean" or "sum"`,
    );
  }
}

/** The labels, with -1 for ignored rows. */
function classes(
  labels: ArrayLike<number>,
  columns: number,
  ignoreIndex: number,
): Int32Array<ArrayBuffer> {
  return Int32Array.from(labels, (label, row) => {
    if (label === ignoreIndex) return -1;
    if (Number.isInteger(label) && label >= 0 && label < columns) return label;
    throw new RangeError(
      `Cannot take the cross-entropy of row ${row}: its label is ${label}, and logits of ${columns} columns have labels 0 to ${
        columns - 1
      }; make the model with a larger numLabels, or correct the label`,
    );
  });
}
