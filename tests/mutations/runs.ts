import type { FileMutations } from "./mutation.ts";

/** Mutations of the entry point of scripts, and of the folder of a run. */
export const RUNS: readonly FileMutations[] = [
  {
    file: "scripts/cli/signals.ts",
    tests: ["tests/scripts/cli/signals_test.ts"],
    changes: [
      ["if (isOver) again(interruption)", "again(interruption)"],
      [
        "setTimeout(() => setTimeout(() => isOver = true), SAME_EVENT_MS)",
        "setTimeout(() => isOver = true, SAME_EVENT_MS)",
      ],
      ["if (!(error instanceof TypeError)) throw error", "throw error"],
      ["SIGTERM: 143", "SIGTERM: 130"],
    ],
  },
  {
    file: "scripts/cli/device_lost.ts",
    tests: ["tests/scripts/cli/device_lost_test.ts"],
    changes: [
      ["if (!(error instanceof DeviceLostError)) throw error;", ""],
      ["retries === retryOnDeviceLost || ", "retries > retryOnDeviceLost || "],
      [" || run.signal.aborted", ""],
      ["outputDir: folder, resume: folder", "outputDir: folder"],
    ],
  },
  {
    file: "scripts/run_folder/save_attempts.ts",
    tests: ["tests/scripts/run_folder/device_lost_test.ts"],
    changes: [
      ["if (error instanceof DeviceLostError) throw error;", ""],
    ],
  },
  {
    file: "scripts/run_folder/save_model.ts",
    tests: ["tests/scripts/run_folder/device_lost_test.ts"],
    changes: [
      ["if (error instanceof DeviceLostError) throw error;", ""],
    ],
  },
  {
    file: "scripts/run_folder/model_selection.ts",
    tests: ["tests/scripts/run_folder/device_lost_test.ts"],
    changes: [
      ["if (error instanceof DeviceLostError) throw error;", ""],
    ],
  },
  {
    file: "scripts/run_folder/loss_spikes.ts",
    tests: ["tests/scripts/run_folder/loss_spikes_test.ts"],
    changes: [
      ["this.#count >= FIRST_LOSSES &&", ""],
      [" + ROW_LOSS / rows", ""],
      ["Math.max(this.#mean, this.#firstMean)", "this.#mean"],
      ["Math.min(DECAY, 1 - 1 / this.#count)", "DECAY"],
    ],
  },
  {
    file: "scripts/run_folder/training_log.ts",
    tests: ["tests/scripts/run_folder/training_log_test.ts"],
    changes: [
      ["if (this.#failure) return;", ""],
      ["this.#parts.flatMap(({ rows }) => rows)", "this.#parts[0]!.rows"],
      ["[this.#lossSum, this.#lossCount] = [0, 0];", ""],
      ["this.#spikes.loadStateDict(spikes);", ""],
      ["this.#events.cutBack(lineCount)", "true"],
    ],
  },
  {
    file: "scripts/run_folder/nan_report.ts",
    tests: ["tests/scripts/run_folder/nan_report_test.ts"],
    changes: [
      ["    await removeFolder(path);\n", ""],
      ["isSaved ? `${origin}, see", "true ? `${origin}, see"],
      ["Number.isFinite(loss)", "false"],
    ],
  },
  {
    file: "scripts/cli/broken_output.ts",
    tests: ["tests/scripts/cli/broken_output_test.ts"],
    changes: [
      ['["log", "warn", "error"]', '["log", "error"]'],
      ['if (code === "EPIPE") onClosed();', ""],
    ],
  },
  {
    file: "scripts/cli/run_main.ts",
    tests: [
      "tests/scripts/cli/run_main_test.ts",
      "tests/scripts/cli/signals_test.ts",
      "tests/scripts/cli/broken_output_test.ts",
    ],
    changes: [
      ["if (!begun) interrupt(interruption);", ""],
      ["signal.aborted && thrown === signal.reason", "signal.aborted"],
      ["if (begun) sayHowToContinue();", "sayHowToContinue();"],
      [
        "if (signal.aborted) interrupt(signal.reason);\n  Deno.exit(0)",
        "Deno.exit(0)",
      ],
      [
        "  try {\n    console.error(line);\n  } catch {",
        "  console.error(line);\n  try {} catch {",
      ],
    ],
  },
];
