import type { FileMutations } from "./mutation.ts";

/** Mutations of the page. */
export const WEB: readonly FileMutations[] = [
  {
    file: "web/reduce.ts",
    tests: ["tests/web/state_test.ts"],
    changes: [
      ["if (event.id !== state.trial.id) return state;", ""],
      ["|| isActive(run)) return state;", ") return state;"],
      ["if (!isActive(state.run)) return state;", ""],
    ],
  },
  {
    file: "web/worker/prepared_data.ts",
    tests: ["tests/web/prepared_data_test.ts"],
    changes: [
      ["groupBy: keys,", ""],
      ['stratifyBy: "label",', ""],
      ["numeric: true", "numeric: false"],
      ["|| 2 * classes.length > rows", ""],
      [
        "testSize: MAX_ROWS, stratifyBy:",
        "testSize: MAX_ROWS - 1, stratifyBy:",
      ],
    ],
  },
  {
    file: "web/worker/training.ts",
    tests: ["tests/web/training_test.ts"],
    changes: [
      ["if (history) await loadState(files, training.#state);", ""],
      ["await this.#gate.pass();", ""],
      ["if (!Number.isFinite(loss))", "if (false)"],
    ],
  },
  {
    file: "web/worker/classifier.ts",
    tests: ["tests/web/classifier_test.ts"],
    changes: [
      ["mul(select(logits, 1, other), -1)", "select(logits, 1, other)"],
      ["parameter.grad = undefined;", ";"],
      ["total += embeddings[i]! * gradients[i]!;", "total += gradients[i]!;"],
    ],
  },
  {
    file: "web/worker/model_files.ts",
    tests: ["tests/web/model_files_test.ts"],
    changes: [
      ["size >= MAX_BYTES", "size < 0"],
      ["file.size < start + Math.max(...ends)", "file.size < start"],
      ["name ?? source.name ??", "name ??"],
    ],
  },
  {
    file: "web/worker/problems.ts",
    tests: ["tests/web/problems_test.ts"],
    changes: [
      ["canGoOn\n", "!canGoOn\n"],
      ["isAllocation(error)) {", "false) {"],
    ],
  },
  {
    file: "web/worker/tokens.ts",
    tests: ["tests/web/classifier_test.ts"],
    changes: [["last.weight += weights[i]!;", ""]],
  },
];
