import { assert, assertNotEquals } from "@std/assert";
import { needs, ROOT } from "../helpers/permissions.ts";
import { sourceFiles } from "../helpers/source_files.ts";
import { apply } from "./mutation.ts";
import { MUTATIONS } from "./mutations.ts";

Deno.test(
  needs(
    "every mutation applies to its file and names existing tests",
    "read",
  ),
  async () => {
    const tests = new Set(
      (await sourceFiles("tests/", "_test.ts")).map(({ path }) => path),
    );
    for (const mutation of MUTATIONS) {
      const text = await Deno.readTextFile(new URL(mutation.file, ROOT));
      assertNotEquals(apply(mutation, text), text, mutation.file);
      for (const path of mutation.tests) {
        assert(
          tests.has(path),
          `${path}, a test of ${mutation.file}, does not exist`,
        );
      }
    }
  },
);

Deno.test(needs("every .wgsl file has a mutation", "read"), async () => {
  const mutated = new Set(MUTATIONS.map(({ file }) => file));
  for (const { path } of await sourceFiles("lib/", ".wgsl")) {
    assert(mutated.has(path), `${path} has no entry in tests/mutations`);
  }
});
