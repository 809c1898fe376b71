import type { FileMutations } from "./mutation.ts";

/** Slips in scripts. */
export const SCRIPTS: readonly FileMutations[] = [
  {
    file: "scripts/_window.ts",
    tests: ["tests/scripts/window_test.ts"],
    slips: [
      ["Math.min(first + windowRows, this.#rows)", "first + windowRows"],
      ["(next - this.#row) / (end - first)", "1 / this.#batches"],
      ["next === this.#rows ? 0 : next", "next"],
      ["next === end };", "next === first + windowRows };"],
      ["Math.ceil(rows / (", "Math.floor(rows / ("],
    ],
  },
  {
    file: "scripts/_flags.ts",
    tests: ["tests/scripts/flags_test.ts"],
    slips: [
      ["Math.ceil(warmupRatio", "Math.floor(warmupRatio"],
    ],
  },
];
