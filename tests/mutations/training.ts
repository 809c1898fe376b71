import type { FileMutations } from "./mutation.ts";

/** Mutations of the parts of a training loop. */
export const TRAINING: readonly FileMutations[] = [
  {
    file: "lib/training/weighted_mean.ts",
    tests: ["tests/training/weighted_mean_test.ts"],
    changes: [
      ["then((v) => weight * v)", "then((v) => v)"],
      ["[[...this.#terms], this.#weight]", "[this.#terms, this.#weight]"],
      ["value.size !== 1", "false"],
    ],
  },
];
