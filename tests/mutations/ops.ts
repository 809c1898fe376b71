/** Slips in what ops do on the host. */
import type { Mutation } from "./mutation.ts";

export const OPS: readonly Mutation[] = [
  {
    file: "lib/ops/linear.ts",
    from: "column > 0 || dX?.accumulate === true",
    to: "dX?.accumulate === true",
    tests: ["tests/ops/linear_test.ts"],
  },
  {
    file: "lib/ops/linear.ts",
    from: "byteOffset !== end",
    to: "byteOffset < end",
    tests: ["tests/ops/linear_test.ts"],
  },
  {
    file: "lib/ops/linear.ts",
    from: "c_offset: column / step",
    to: "c_offset: 0",
    tests: ["tests/ops/linear_test.ts"],
  },
  {
    file: "lib/ops/matmul.ts",
    from: 'layout === "TN" ? "NN" : "TN", a, dY, dB',
    to: '"TN", a, dY, dB',
    tests: ["tests/ops/matmul_test.ts"],
  },
  {
    file: "lib/ops/cross_entropy.ts",
    from: "count > 0 ? 1 / count : NaN",
    to: "1 / rows",
    tests: ["tests/ops/cross_entropy_test.ts"],
  },
  {
    file: "lib/ops/id_groups.ts",
    from: "ids[position] !== skipped",
    to: "true",
    tests: ["tests/ops/id_groups_test.ts"],
  },
  {
    file: "lib/ops/dropout.ts",
    from: "[apply(dY)]",
    to: "[dY]",
    tests: ["tests/ops/dropout_test.ts"],
  },
  {
    file: "lib/ops/dropout_key.ts",
    from: "scale: 1 / (1 - p)",
    to: "scale: 1",
    tests: ["tests/ops/dropout_test.ts"],
  },
  {
    file: "lib/ops/embed.ts",
    from: "column === 0 ? wordEmbeddings.paddingIdx : undefined",
    to: "undefined",
    tests: ["tests/ops/embed_test.ts"],
  },
  {
    file: "lib/ops/gather.ts",
    from: "if (!slot?.accumulate) device.clear(dX);",
    to: "device.clear(dX);",
    tests: ["tests/ops/embedding_test.ts"],
  },
  {
    file: "lib/ops/sum.ts",
    from: "scale: isLast ? scale : 1",
    to: "scale",
    tests: ["tests/ops/sum_test.ts", "tests/ops/mean_test.ts"],
  },
  {
    file: "lib/ops/cells.ts",
    from: "Math.ceil(workgroups / y) : workgroups",
    to: "Math.floor(workgroups / y) : workgroups",
    tests: ["tests/ops/sum_test.ts"],
  },
  {
    file: "lib/ops/select.ts",
    from: "index < 0 ? index + length : index",
    to: "Math.abs(index)",
    tests: ["tests/ops/select_test.ts"],
  },
  {
    file: "lib/ops/mse_loss.ts",
    from: "mul(y, -1)",
    to: "y",
    tests: ["tests/ops/mse_loss_test.ts"],
  },
  {
    file: "lib/ops/grad_norm.ts",
    from: "first += counts[i]!;",
    to: "",
    tests: ["tests/optim/clip_grad_norm_test.ts"],
  },
];
