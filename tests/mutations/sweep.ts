import type { FileMutations } from "./mutation.ts";

/** Mutations of sweeps. */
export const SWEEP: readonly FileMutations[] = [
  {
    file: "scripts/sweep/part.ts",
    tests: ["tests/scripts/sweep/part_test.ts"],
    changes: [
      ["i % count === index - 1", "i % count === index % count"],
      ["index > count", "index > count + 1"],
    ],
  },
  {
    file: "scripts/sweep/stopping.ts",
    tests: ["tests/scripts/sweep/stopping_test.ts"],
    changes: [
      ["known.length < MIN_RUNS", "known.length < MIN_RUNS - 1"],
      ["best < median", "best <= median"],
      ["(known.length - 1) >> 1", "known.length >> 1"],
      ["!values.has(step)", "true"],
      ["? Math.max(...own.values())", "? own.get(step)!"],
    ],
  },
  {
    file: "scripts/sweep/summary.ts",
    tests: ["tests/scripts/sweep/summary_test.ts"],
    changes: [
      ["squares / (known.length - 1)", "squares / known.length"],
      ["return isComplete(b) - isComplete(a);", "return 0;"],
      ["value(b) > value(a) ||", "value(b) < value(a) ||"],
      [" && isLower(b, a))", " && isLower(a, b))"],
      [" || byLoss(a.loss, b.loss)", ""],
      ["known.length === 0 || isBeaten", "known.length === 0"],
      [
        '...status === "finished" && { scores',
        "...summary && { scores",
      ],
    ],
  },
  {
    file: "scripts/sweep/runs.ts",
    tests: ["tests/scripts/sweep/flags_test.ts"],
    changes: [
      ['lists.filter(([name]) => name !== "seed")', "lists"],
      ["new Random(seed)", "new Random(0)"],
      ["order.subarray(0, count)", "order.subarray(0, count).sort()"],
    ],
  },
  {
    file: "scripts/sweep/run_all.ts",
    tests: ["tests/scripts/sweep/run_all_test.ts"],
    changes: [
      ['status === "finished" || (', "("],
      ['(status === "stopped" && stopWorst)', 'status === "stopped"'],
      ['status === "stopped" || status === "failed"', "false"],
      ["if (main.signal.aborted) return;", ""],
      [" || main.continueWith === undefined", ""],
      ["if (text === before) return summary;", "return summary;"],
    ],
  },
  {
    file: "scripts/sweep/folder.ts",
    tests: ["tests/scripts/sweep/run_all_test.ts"],
    changes: [
      ["!FREE.includes(key) && ", ""],
      ["...words && { words },", ""],
      ["remove(path); // throws if there is anything else in it", ""],
      ["remove(`${path}/${ENDED}`);", ""],
    ],
  },
  {
    file: "scripts/run_folder/training_run.ts",
    tests: ["tests/scripts/sweep_test.ts"],
    changes: [
      ["if (!this.isOver) await this.#run.afterEvaluation?.();", ""],
    ],
  },
];
