import { assert, assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { needs, ROOT } from "./helpers/permissions.ts";
import { sourceFiles } from "./helpers/source_files.ts";

Deno.test(
  needs("every .wgsl file documents its computation", "read"),
  async (t) => {
    for (const { path, text } of await sourceFiles("lib/ops/", ".wgsl")) {
      await t.step(path, () => {
        const header = text.split(/\n(?!\/\/)/)[0]!;
        assertMatch(header, /^\/\/ \S/, "it opens with a comment");
        // A file without an entry point only has functions for other kernels.
        if (text.includes("@compute")) {
          assertMatch(header, /^\/\/ {3}\S.* = /m, "the header has no formula");
          assertMatch(
            header,
            /^\/\/ One (workgroup|thread) per /m,
            'the header has no "One workgroup/thread per …" line',
          );
          assertEquals(text.match(/@compute/g)!.length, 1, "one entry point");
          assertMatch(text, /\bfn main\(/, 'the entry point is "main"');
        } else {
          assertMatch(
            header,
            /^\/\/ Appended /m,
            "the header does not name the kernels it is appended to",
          );
        }
        for (const line of text.split("\n")) {
          if (/var<storage/.test(line)) {
            assertMatch(line, /\/\/ \[[^\]]*\]/, `no shape comment: ${line}`);
          }
          assert([...line].length <= 100, `longer than 100 columns: ${line}`);
          assertNotMatch(line, /\$\{|\{\{|^#/, `a template: ${line}`);
        }
      });
    }
  },
);

Deno.test(
  needs("every op that mod.ts exports has a test file", "read"),
  async (t) => {
    const mod = await Deno.readTextFile(new URL("mod.ts", ROOT));
    const exports =
      /export \{ (?!type )[^}]*\} from "\.\/lib\/ops\/(\w+)\.ts"/g;
    for (const [, name] of mod.matchAll(exports)) {
      await t.step(name!, async () => {
        await Deno.stat(new URL(`tests/ops/${name}_test.ts`, ROOT));
      });
    }
  },
);
