import type { FileMutations } from "./mutation.ts";

/** Mutations of what ops do on the host. */
export const OPS: readonly FileMutations[] = [
  {
    file: "lib/ops/gelu.ts",
    tests: ["tests/ops/gelu_test.ts"],
    changes: [
      ['if (approximate === "none") EXACT', "EXACT"],
      ["y.requiresGrad && y.gradFn", "y.gradFn"],
    ],
  },
  {
    file: "lib/ops/linear.ts",
    tests: ["tests/ops/linear_gelu_test.ts"],
    changes: [
      [
        "(parts.length === 1 || resumes) && !slots[0]?.accumulate",
        "(parts.length === 1 || resumes)",
      ],
      [
        "(parts.length === 1 || resumes) && !slots[0]?.accumulate",
        "!slots[0]?.accumulate",
      ],
      ["geluInput(x) ?? x", "x"],
      ["dX.tensor.dispose();", ""],
      ["(u && !isFused) ||", ""],
    ],
  },
  {
    file: "lib/ops/linear.ts",
    tests: ["tests/ops/split_parameters_test.ts"],
    changes: [
      ["|| (resumes && slots[0]?.accumulate)", ""],
      ["resume: resumes && column > 0", "resume: false"],
      ["accumulate: !resumes &&", "accumulate:"],
      ["isFused && isLast ? u", "isFused ? u"],
      ["bias && part(bias)", "bias"],
      ["slot(dShards![i]!.rows, dWeight)", "slot(dShards![0]!.rows, dWeight)"],
      ["slot(part(dBias.tensor), dBias)", "dBias"],
    ],
  },
  {
    file: "lib/ops/linear.ts",
    tests: ["tests/ops/linear_test.ts"],
    changes: [
      ["column > 0 || dX.accumulate", "dX.accumulate"],
      ["byteOffset !== end", "byteOffset < end"],
    ],
  },
  {
    file: "lib/ops/argmax.ts",
    tests: ["tests/ops/argmax_test.ts"],
    changes: [
      ["dim !== -1 && dim !== last", "dim !== -1"],
      ["dim !== -1 && dim !== last", "dim > last"],
    ],
  },
  {
    file: "lib/ops/bce_with_logits.ts",
    tests: ["tests/ops/bce_with_logits_test.ts"],
    changes: [
      ["[], scale);", "[]);"],
      ["label >= 0 && label <= 1", "label <= 1"],
      ["label >= 0 && label <= 1", "label >= 0"],
      ["!sameShape(shape, labels.shape)", "size !== labels.data.length"],
      ["return [weigh(dX)]", "return [dX]"],
      ["i % posWeight.length", "0"],
      ["1 - label + positive", "label + positive"],
      ["positive / factor", "label"],
    ],
  },
  {
    file: "lib/ops/class_weights.ts",
    tests: ["tests/ops/cross_entropy_weighted_test.ts"],
    changes: [
      ["weight >= 0 && weight < Infinity", "weight < Infinity"],
      ["weight >= 0 && weight < Infinity", "weight >= 0"],
      ["weights.length !== classes", "weights.length < classes"],
    ],
  },
  {
    file: "lib/ops/cross_entropy.ts",
    tests: [
      "tests/ops/cross_entropy_test.ts",
      "tests/ops/cross_entropy_weighted_test.ts",
    ],
    changes: [
      ["total > 0 ? 1 / total : NaN", "1 / rows"],
      ["total > 0 ? 1 / total", "rows > 0 ? 1 / rows"],
      ["total > 0 ? 1 / total : NaN", "total > 0 ? 1 / total : 0"],
      ["target >= 0 ? sum + weightOf(target) : sum", "sum + 1"],
      ['reduction === "sum" ? 1 : ', ""],
      ["weight !== undefined || labelSmoothing > 0", "true"],
      ["labelSmoothing / columns", "labelSmoothing"],
      ["smoothed * weights.reduce", "labelSmoothing * weights.reduce"],
      ["labelSmoothing >= 0 && labelSmoothing <= 1", "labelSmoothing >= 0"],
    ],
  },
  {
    file: "lib/training/class_weight.ts",
    tests: ["tests/training/class_weight_test.ts"],
    changes: [
      ["numLabels * count", "count"],
      ["label in counts", "label >= 0"],
      ["empty >= 0", "empty > numLabels"],
    ],
  },
  {
    file: "lib/ops/id_groups.ts",
    tests: ["tests/ops/id_groups_test.ts"],
    changes: [
      ["ids[position] !== skipped", "true"],
      ["index < 0 ? ids.length : index", "index"],
      ["id >= first", "id > first"],
    ],
  },
  {
    file: "lib/ops/dropout_key.ts",
    tests: ["tests/ops/dropout_test.ts"],
    changes: [
      ["scale: 1 / (1 - p)", "scale: 1"],
    ],
  },
  {
    file: "lib/ops/embed_layer_norm.ts",
    tests: ["tests/ops/embed_layer_norm_test.ts"],
    changes: [
      [" || id === paddingIdxs[table]", ""],
      ["words + positions][table]", "words][table]"],
      ["tokenType ? forwardKernel : kernelWithoutTokenTypes", "forwardKernel"],
      ["...tokenType ? [] : [unused()],", ""],
    ],
  },
  {
    file: "lib/ops/embed_layer_norm.ts",
    tests: ["tests/models/bert/pretraining_golden_test.ts"],
    changes: [
      [
        "if (!slots[i]?.accumulate) device.clear(dTable);",
        "device.clear(dTable);",
      ],
    ],
  },
  {
    file: "lib/ops/embed_layer_norm.ts",
    tests: ["tests/split_parameters_test.ts"],
    changes: [
      ["isSplit ? wordsOf(tokens, word) : word", "word"],
      ["i % 3 === 0 ? i / 3 : id", "id"],
      ["first_group: from", "first_group: 0"],
      ["first_word: shard.first", "first_word: 0"],
    ],
  },
  {
    file: "lib/ops/layer_norm.ts",
    tests: ["tests/ops/layer_norm_test.ts"],
    changes: [
      ["weightSlot.accumulate === biasSlot?.accumulate", "biasSlot"],
      [
        "weightSlot.tensor.byteOffset + rowBytes === biasSlot.tensor.byteOffset",
        "weightSlot.tensor.byteOffset < biasSlot.tensor.byteOffset",
      ],
      ["range.size / 2 * vectors / columns", "vectors"],
      ["dWeight, dBias, accumulate: false", "dWeight, dBias, accumulate: true"],
    ],
  },
  {
    file: "lib/ops/slice_sum.wgsl",
    tests: ["tests/kernel_limits_test.ts"],
    changes: [
      ["array<Vector, COLUMNS * SLICES>", "array<Vector, 5000>"],
    ],
  },
  {
    file: "lib/ops/gather.ts",
    tests: ["tests/ops/split_parameters_test.ts"],
    changes: [
      ["outer === 1 ? shardsOf(x)", "true ? shardsOf(x)"],
      ["first_group: from", "first_group: 0"],
      ["first_row: first", "first_row: 0"],
    ],
  },
  {
    file: "lib/ops/gather.ts",
    tests: ["tests/ops/embedding_test.ts"],
    changes: [
      ["if (!slot?.accumulate) device.clear(dX);", "device.clear(dX);"],
    ],
  },
  {
    file: "lib/ops/flat_step.ts",
    tests: ["tests/optim/adamw_test.ts"],
    changes: [
      ["[1, size], { storage }", "[2, size / 2], { storage }"],
    ],
  },
  {
    file: "lib/ops/flat_step.ts",
    tests: ["tests/ops/split_parameters_test.ts"],
    changes: [
      ["dense[i]!, size)", "dense[0]!, size)"],
      ["rowsFrom(slots, first / columns,", "rowsFrom(slots, 0,"],
      ["shards[i]!.rows)", "shards[0]!.rows)"],
    ],
  },
  {
    file: "lib/ops/pad_input.ts",
    tests: ["tests/ops/pad_input_test.ts"],
    changes: [
      ["groupIds(indices)", "groupIds(Array.from(indices).reverse())"],
      [
        "along, indices, shape",
        "along, indices: Array.from(indices).reverse(), shape",
      ],
    ],
  },
  {
    file: "lib/ops/sum.ts",
    tests: ["tests/ops/sum_test.ts", "tests/ops/mean_test.ts"],
    changes: [
      ["scale: isLast ? scale : 1", "scale"],
    ],
  },
  {
    file: "lib/ops/vectorized_kernel.ts",
    tests: ["tests/ops/sum_test.ts"],
    changes: [
      [
        "Math.ceil(workgroups / y) : workgroups",
        "Math.floor(workgroups / y) : workgroups",
      ],
    ],
  },
  {
    file: "lib/ops/select.ts",
    tests: ["tests/ops/select_test.ts"],
    changes: [
      ["index < 0 ? index + length : index", "Math.abs(index)"],
    ],
  },
  {
    file: "lib/ops/grad_norm.ts",
    tests: ["tests/optim/clip_grad_norm_test.ts"],
    changes: [
      ["first += counts[i]!;", ""],
    ],
  },
  {
    file: "lib/ops/grad_norm.ts",
    tests: ["tests/ops/grad_norm_test.ts"],
    changes: [
      ["first_block: shard.first / BLOCK", "first_block: 0"],
      ["shards[i]!.length > 1 ? total : 0", "0"],
      ["rowsFrom(table, first / BLOCK,", "rowsFrom(table, 0,"],
    ],
  },
];
