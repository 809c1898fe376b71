/** Slips in scripts. */
import type { Mutation } from "./mutation.ts";

export const SCRIPTS: readonly Mutation[] = [
  {
    file: "scripts/_window.ts",
    from: "Math.min(first + windowRows, this.#rows)",
    to: "first + windowRows",
    tests: ["tests/scripts/window_test.ts"],
  },
  {
    file: "scripts/_window.ts",
    from: "(next - this.#row) / (end - first)",
    to: "1 / this.#batches",
    tests: ["tests/scripts/window_test.ts"],
  },
  {
    file: "scripts/_window.ts",
    from: "next === this.#rows ? 0 : next",
    to: "next",
    tests: ["tests/scripts/window_test.ts"],
  },
  {
    file: "scripts/_window.ts",
    from: "next === end };",
    to: "next === first + windowRows };",
    tests: ["tests/scripts/window_test.ts"],
  },
  {
    file: "scripts/_window.ts",
    from: "Math.ceil(rows / (",
    to: "Math.floor(rows / (",
    tests: ["tests/scripts/window_test.ts"],
  },
  {
    file: "scripts/_flags.ts",
    from: "Math.ceil(warmupRatio",
    to: "Math.floor(warmupRatio",
    tests: ["tests/scripts/flags_test.ts"],
  },
];
