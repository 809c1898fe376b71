import {
  crossEntropy,
  type CrossEntropyOptions,
} from "../../lib/ops/cross_entropy.ts";
import type { HostArray } from "../../lib/ops/host_array.ts";
import type { CheckedOp } from "../helpers/check_op.ts";

/** Labels on the host. */
export function labels(...data: number[]): HostArray {
  return { shape: [data.length], data: Int32Array.from(data) };
}

/** PyTorch's loss of the options, by loops in f64. */
export function crossEntropyOf(
  list: HostArray,
  options: CrossEntropyOptions = {},
): CheckedOp {
  const { ignoreIndex = -100, labelSmoothing = 0, weight } = options;
  return {
    op: (logits) => crossEntropy(logits!, list, options),
    reference(logits = []) {
      const columns = logits.length / list.data.length;
      let [sum, divisor] = [0, 0];
      Array.from(list.data).forEach((label, r) => {
        if (label === ignoreIndex) return;
        const row = logits.slice(r * columns, (r + 1) * columns);
        const max = Math.max(...row);
        const logSum = Math.log(
          row.reduce((a, v) => a + Math.exp(v - max), 0),
        );
        const lossOf = (c: number) =>
          (weight?.[c] ?? 1) * (logSum + max - row[c]!);
        const uniform = row.reduce((a, _, c) => a + lossOf(c), 0) / columns;
        sum += (1 - labelSmoothing) * lossOf(label) + labelSmoothing * uniform;
        divisor += weight?.[label] ?? 1;
      });
      return [options.reduction === "sum" ? sum : sum / divisor];
    },
  };
}
