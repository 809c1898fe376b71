import type { FileMutations } from "./mutation.ts";

const OP = ["tests/ops/half_test.ts"];
const AUTOCAST = ["tests/tensor/autocast_test.ts"];
const MODELS = ["tests/models/half_precision_test.ts"];
const SCALE_OPS = ["tests/ops/grad_scale_test.ts"];
const SCALER = ["tests/optim/grad_scaler_test.ts"];

/** Mutations of half precision and of the scaling of losses. */
export const HALF: readonly FileMutations[] = [
  {
    file: "lib/ops/to_half.wgsl",
    tests: OP,
    changes: [
      [
        "halves, sign | vec2u(0x7c00), is_infinite",
        "halves, halves, is_infinite",
      ],
      ["sign | vec2u(0x7c00)", "vec2u(0x7c00)"],
      ["0x477ff000", "0x47800000"],
      ["select(rounded, vec2u(0x7e00), is_nan)", "rounded"],
      ["to_half(source[i].zw)", "to_half(source[i].xy)"],
      ["id.y * workgroups.x * 64 + id.x", "id.x"],
    ],
  },
  {
    file: "lib/ops/from_half.wgsl",
    tests: OP,
    changes: [
      ["= vec4f(half[i]);", "= vec4f(half[i].yxzw);"],
      ["i < params.vectors", "i + 1 < params.vectors"],
    ],
  },
  {
    file: "lib/tensor/half_storage.ts",
    tests: AUTOCAST,
    changes: [
      ["    device.release(storage);\n", ""],
      ["      this.#device.release(full.storage);\n", ""],
      ["if (this.isAlive) this.#device.release(this.#half);", ""],
    ],
  },
  {
    file: "lib/tensor/half_storage.ts",
    tests: MODELS,
    changes: [[', storage, "save")', ", storage)"]],
  },
  {
    file: "lib/tensor/autocast.ts",
    tests: AUTOCAST,
    changes: [
      ["      count = 0;\n", ""],
      ["enabled && !device.hasFloat16", "false"],
      ["counts.get(device) ?? 0", "1"],
      ["!(device instanceof Device)", "false"],
      ["if (tensors.size === 0) return output;", ""],
      ["if (kept !== output) kept.keepHalf();", "kept.keepHalf();"],
    ],
  },
  {
    file: "lib/tensor/autocast.ts",
    tests: MODELS,
    changes: [
      ["if (x.gradFn && x !== output) x.keepHalf();", ""],
      ["[tensor, ...tensor.gradFn?.saved ?? []]", "[tensor]"],
    ],
  },
  {
    file: "lib/tensor/autograd.ts",
    tests: MODELS,
    changes: [
      [
        "for (const read of [tensor, ...gradFn.saved ?? []]) read.releaseFull();",
        "tensor.releaseFull();",
      ],
    ],
  },
  {
    file: "lib/ops/linear.ts",
    tests: MODELS,
    changes: [["...source !== x && { saved: [x] },", ""]],
  },
  {
    file: "lib/ops/unscale.wgsl",
    tests: SCALER,
    changes: [
      ["let factor = 1.0 / scale[0];", "let factor = 1.0;"],
      ["is_finite &= all(", "is_finite &= any("],
      ["atomicStore(&found_inf[0], 0x3f800000);", ""],
    ],
  },
  {
    file: "lib/ops/update_scale.wgsl",
    tests: SCALER,
    changes: [
      [
        "scale[0] = max(scale[0] * params.backoff_factor, params.min_scale);",
        "",
      ],
      [
        "max(scale[0] * params.backoff_factor, params.min_scale)",
        "scale[0] * params.backoff_factor",
      ],
      ["    growth_tracker[0] = 0;\n    return;", "    return;"],
      ["steps < params.growth_interval", "steps <= params.growth_interval"],
      ["scale[0] = grown;", ""],
    ],
  },
  {
    file: "lib/ops/select_settings.wgsl",
    tests: SCALER,
    changes: [
      ["+ skipped[p] - entries[p].y", "- entries[p].y"],
      ["- entries[p].y", ""],
      ["skipped[p] += u32(found_inf[0]);", ""],
      ["vec4f(more.xyz, found_inf[0])", "more"],
    ],
  },
  {
    file: "lib/ops/grad_norm.ts",
    tests: SCALE_OPS,
    changes: [
      ["rowsFrom(table, first / BLOCK, rows.size / BLOCK)", "table"],
    ],
  },
  {
    file: "lib/ops/grad_scale.ts",
    tests: SCALER,
    changes: [["MIN_SCALE = 2 ** -126", "MIN_SCALE = 2 ** -127"]],
  },
  {
    file: "lib/ops/unscale.wgsl",
    tests: SCALE_OPS,
    changes: [
      [" || block_table[first / 16] == 0", ""],
      ["is_finite &= all(", "is_finite = all("],
    ],
  },
  {
    file: "lib/ops/select_settings.wgsl",
    tests: SCALE_OPS,
    changes: [
      ["p >= params.parameters || entries[p].x == 0", "p >= params.parameters"],
      [
        "id.y * workgroups.x * 64 + id.x",
        "id.y * workgroups.x * 64 + id.x % 64",
      ],
    ],
  },
  {
    file: "lib/ops/adamw_step.wgsl",
    tests: SCALER,
    changes: [["if (more.w != 0.0) {", "if (false) {"]],
  },
  {
    file: "lib/ops/sgd_step.wgsl",
    tests: SCALER,
    changes: [["if (more.w != 0.0) {", "if (false) {"]],
  },
  {
    file: "lib/optim/skipped_steps.ts",
    tests: SCALER,
    changes: [
      ["length: open + 1", "length: 1"],
      ["this.#known[index]!++;", ""],
      ["        takeBack(index);\n", ""],
      ["this.#open[index]!--;", ""],
    ],
  },
  {
    file: "lib/optim/grad_scaler.ts",
    tests: SCALER,
    changes: [
      ["this.#device.clear(foundInf);", ""],
      ["if (!this.#unscaled.has(optimizer)) this.unscale(optimizer);", ""],
      ["this.#unscaled.clear();", ""],
      [
        "accumulate({ tensor: first.foundInf, accumulate: true }, foundInf);",
        "",
      ],
      ["known.skippedSteps++;", ""],
      ["Math.max(Math.fround(backedOff), MIN_SCALE)", "Math.fround(backedOff)"],
      ['    this.#checkSettled("load");\n', ""],
      ["++known.growthTracker >= growthInterval", "false"],
      ["this.#device.upload(this.#scale, Float32Array.of(scale));", ""],
      [
        "this.#device.upload(this.#growthTracker, Uint32Array.of(growthTracker));",
        "",
      ],
    ],
  },
  {
    file: "lib/optim/grad_scaler_options.ts",
    tests: SCALER,
    changes: [
      ["value >= MIN_SCALE", "value > 0"],
      ["Math.fround(value) < Infinity", "value < Infinity"],
      ["growthInterval !== growthInterval >>> 0", "false"],
    ],
  },
  {
    file: "lib/optim/optimizer.ts",
    tests: SCALER,
    changes: [[
      "if (!decision) this.#checkSettled(",
      "if (false) this.#checkSettled(",
    ]],
  },
  {
    file: "lib/optim/settings_rows.ts",
    tests: ["tests/optim/optimizer_test.ts"],
    changes: [["row.length >= ROW_LENGTH", "row.length > ROW_LENGTH"]],
  },
  {
    file: "lib/tensor/tensor.ts",
    tests: AUTOCAST,
    changes: [
      [
        "if (this.#half?.isAlive) this.#half.releaseFull();",
        "this.#half?.releaseFull();",
      ],
    ],
  },
  {
    file: "lib/training/save_state.ts",
    tests: SCALER,
    changes: [
      [
        "  for (const settled of settling(objects)) await settled;\n  const saved",
        "  const saved",
      ],
      [
        "  for (const settled of settling(objects)) await settled;\n  using",
        "  using",
      ],
      [
        "    for (const settled of settling(objects)) await settled;\n    check",
        "    check",
      ],
    ],
  },
  {
    file: "scripts/train/memory_plan.ts",
    tests: ["tests/scripts/train/memory_plan_test.ts"],
    changes: [["{ enabled: options.fp16 ?? false }", "{ enabled: false }"]],
  },
];
