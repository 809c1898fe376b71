import type { FileMutations } from "./mutation.ts";

/** Mutations that only an interrupted run, or a fault, brings to light. */
export const RESUME: readonly FileMutations[] = [
  {
    file: "scripts/run_folder/training_run.ts",
    tests: ["tests/resume/kills_test.ts"],
    changes: [
      ["loader.state = { ...loader.state };", "loader.state;"],
      ["    await this.#checkpoints.removePartial();\n", ""],
    ],
  },
  {
    file: "scripts/run_folder/run_progress.ts",
    tests: ["tests/resume/kills_test.ts"],
    changes: [
      ["isTemporary: this.temporary === this.step", "isTemporary: false"],
    ],
  },
  {
    file: "scripts/run_folder/training_log.ts",
    tests: ["tests/resume/kills_test.ts"],
    changes: [
      ["this.#events.cutBack(lineCount)", "lineCount"],
    ],
  },
  {
    file: "lib/training/state/gradients.ts",
    tests: ["tests/resume/kills_test.ts"],
    changes: [
      [
        "      if (saved.has(name)) await restore(name, parameter, file!);\n",
        "",
      ],
    ],
  },
  {
    file: "scripts/run_folder/save_attempts.ts",
    tests: ["tests/resume/faults_test.ts"],
    changes: [
      ["save().catch(() => save())", "save()"],
    ],
  },
  {
    file: "scripts/run_folder/save_model.ts",
    tests: ["tests/resume/faults_test.ts"],
    changes: [
      ["`${folder}/model`, `${folder}-model`", "`${folder}/model`"],
    ],
  },
];
