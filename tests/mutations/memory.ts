import type { FileMutations } from "./mutation.ts";

const DRY_RUN = ["tests/gpu/dry_run_test.ts"];

/** Mutations of the memory plan, and of batches that are divided by it. */
export const MEMORY: readonly FileMutations[] = [
  {
    file: "lib/gpu/recorder.ts",
    tests: DRY_RUN,
    changes: [
      ["this.isDry ? copies : recorded", "recorded"],
      ["this.isDry ? copies : recorded", "this.isDry ? [] : recorded"],
      ["this.#unmade.size > 0 && !this.isDry", "this.#unmade.size > 0"],
    ],
  },
  {
    file: "lib/gpu/device.ts",
    tests: DRY_RUN,
    changes: [
      [
        "    this.submit();\n    this.#recorder.isDry",
        "    this.#recorder.isDry",
      ],
      ["      this.#recorder.isDry = this.tuning.isPaused = false;\n", ""],
      ["    await this.read({ storage, byteOffset: 0, byteLength: 4 });\n", ""],
    ],
  },
  {
    file: "lib/ops/gemm/tuner.ts",
    tests: DRY_RUN,
    changes: [["measures && !isPaused", "measures"]],
  },
  {
    file: "lib/gpu/buffer_pool.ts",
    tests: ["tests/gpu/buffer_pool_test.ts"],
    changes: [
      ["buffer.lastUse < oldest.lastUse", "buffer.lastUse > oldest.lastUse"],
      ["        if (buffer.lastUse === recording) continue;\n", ""],
      ["this.#targetBytes - size", "this.#targetBytes"],
      ["    this.#destroyUntil(bytes, recording);\n", ""],
    ],
  },
  {
    file: "lib/optim/optimizer.ts",
    tests: ["tests/optim/optimizer_test.ts"],
    changes: [["if (parameter.requiresGrad) this.#stateOf", "this.#stateOf"]],
  },
  {
    file: "scripts/train/memory_plan.ts",
    tests: ["tests/scripts/train/memory_plan_test.ts"],
    changes: [
      ["  loader.setEpoch(0);\n", ""],
      ["  await communicator.allReduceSum(failed);\n", ""],
      ["  device.keepWithin((1 + TOLERANCE) * peak);\n", ""],
      ["if (tokens > largest.tokens) largest", "largest"],
      ["    loader.setEpoch(epoch);\n", ""],
      ["  optimizer.allocateState();\n", ""],
      ["({ hasGrad }) => hasGrad", "() => true"],
      ["  if (training) model.train();\n", "  model.train();\n"],
      ["if (state !== undefined) module.setExtraState(state as never);", ""],
      ["    model.eval().forward(evalBatch);\n", ""],
    ],
  },
  {
    file: "scripts/train/auto_batch_size.ts",
    tests: ["tests/scripts/train/auto_batch_size_test.ts"],
    changes: [
      ["options.autoBatchSize && run.folder", "run.folder"],
      ["run.folder === undefined &&", ""],
      ["error instanceof BatchMemoryError", "true"],
      ["parts * options.gradientAccumulationSteps", "parts"],
      [
        "Math.min(options.evalBatchSize, batchSize)",
        "options.evalBatchSize",
      ],
      ["flags: { ...options.flags, ...changed }", "flags: options.flags"],
    ],
  },
  {
    file: "scripts/cli/out_of_memory.ts",
    tests: ["tests/scripts/cli/out_of_memory_test.ts"],
    changes: [
      ["if (error.cause instanceof OutOfMemoryError) return error;", ""],
      ["if (!settings.gradientCheckpointing) {", "if (true) {"],
    ],
  },
  {
    file: "scripts/train/memory_plan.ts",
    tests: ["tests/scripts/train/auto_batch_size_test.ts"],
    changes: [[
      "    if (options.autoBatchSize) await tryMore(device, planned.peak);\n",
      "",
    ]],
  },
];
