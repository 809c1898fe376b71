/**
 * The loss of a single-label classifier.
 *
 * @module
 */
import { checkOptions, type OptionNames } from "../check_options.ts";
import { Kernel } from "../gpu/kernel.ts";
import { record } from "../tensor/autograd.ts";
import { fromArray, sameShape, Tensor } from "../tensor/tensor.ts";
import { grid, rowThreads } from "./vectorized_kernel.ts";
import forwardSource from "./cross_entropy.wgsl" with { type: "text" };
import backwardSource from "./cross_entropy_backward.wgsl" with {
  type: "text",
};
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

/** Options of {@linkcode crossEntropy}. */
export interface CrossEntropyOptions {
  /**
   * A label to ignore: its rows add nothing to the loss and the gradient.
   *
   * @default -100
   */
  ignoreIndex?: number;
}

const OPTIONS: OptionNames<CrossEntropyOptions> = { ignoreIndex: true };

/**
 * Computes the mean over the rows of `-log softmax(logits)[label]`, as
 * `torch.nn.functional.cross_entropy`.
 *
 * @param logits Scores, `[B, C]`.
 * @param labels The class of each row, `[B]`, on the host.
 * @param options The label to ignore.
 * @returns The loss, a scalar; NaN if all rows are ignored.
 * @throws {TypeError} If an option has an unknown name.
 * @throws {RangeError} If the shapes do not fit, or a label is not in [0, C).
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
  const targets = classes(labels.data, columns, options.ignoreIndex ?? -100);
  const count = targets.filter((target) => target >= 0).length;
  const scale = count > 0 ? 1 / count : NaN;
  const label = fromArray(device, targets, [rows], { dtype: "i32" });
  const part = Math.min(PART.rows, Math.ceil(PART.logits / columns));
  const parts = Math.ceil(rows / part);
  const losses = new Tensor(device, parts === 1 ? [] : [parts]);
  const highest = new Tensor(device, [rows]);
  const logSum = new Tensor(device, [rows]);
  device.dispatch(
    forwardKernel,
    [logits, label, losses, highest, logSum],
    { rows, columns, part, scale },
    ...grid(device, parts),
  );
  const along = { outer: 1, length: parts, inner: 1 };
  return record(parts === 1 ? losses : sumAlong(losses, along, []), {
    name: "crossEntropy",
    inputs: [logits],
    backward(dLoss) {
      const dX = new Tensor(device, shape);
      device.dispatch(
        backwardKernel,
        [logits, label, highest, logSum, dLoss, dX],
        { rows, columns, scale },
        ...grid(device, Math.ceil(dX.size / BACKWARD_WORKGROUP_SIZE)),
      );
      return [dX];
    },
  });
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
