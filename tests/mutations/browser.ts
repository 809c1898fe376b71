import type { FileMutations } from "./mutation.ts";

/** Mutations of the program that runs tests in a browser. */
export const BROWSER: readonly FileMutations[] = [
  {
    file: "tests/browser/registry.ts",
    tests: ["tests/browser/registry_test.ts"],
    changes: [
      ["name.includes(filter)", "true"],
      ["    this.#errors = [];\n", ""],
      ["test.ignore ? ignored(test.name) : await", "await"],
      ["return this.#errors.length === before;", "return true;"],
      ["`uncaught: ${describe(error)}`", "`uncaught`"],
    ],
  },
];
