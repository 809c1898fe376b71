import { assert, assertEquals } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { needs, ROOT } from "../helpers/permissions.ts";

/** Packages that run with read permission alone, or none; try it before adding one. */
const HARMLESS = [
  "apache-arrow",
  "cli-progress",
  "deno-std",
  "hyparquet",
  "hyparquet-compressors",
  "protobufjs",
  "vega",
  "vega-interpreter",
  "vega-lite",
  "zstddec",
];

/** Permissions of training; its module graph must not need more. */
const PERMISSIONS = "--allow-read --allow-write=runs";

/** Lists the modules from outside the project that a script imports, also dynamically. */
async function externalModules(script: string): Promise<string[]> {
  const { code, stdout } = await new Deno.Command("deno", {
    args: ["info", "--json", script],
    cwd: ROOT,
  }).output();
  assertEquals(code, 0);
  const graph: { modules: { specifier: string }[] } = JSON.parse(
    new TextDecoder().decode(stdout),
  );
  const external = graph.modules.map(({ specifier }) => specifier)
    .filter((specifier) => !specifier.startsWith(ROOT.href))
    .map((specifier) =>
      specifier.match(/^npm:\/?((?:@[^/]+\/)?[^@/]+)@/)?.[1] ?? specifier
    );
  return [...new Set(external)].sort();
}

Deno.test(
  needs(
    "the modules of training need no permission but read, and write below runs",
    "run",
    "read",
  ),
  async (t) => {
    const scripts = Object.values(config.tasks)
      // Those of MPI have permissions of its library beside them.
      .filter(({ command }) => command.startsWith(`deno run ${PERMISSIONS} `))
      .map(({ command }) => command.split(" ").at(-1)!);
    assert(scripts.includes("scripts/train_mrpc.ts"));
    assert(scripts.includes("scripts/train_classifier.ts"));
    for (const script of scripts) {
      await t.step(script, async () => {
        const others = (await externalModules(script))
          .filter((name) => !HARMLESS.includes(name));
        assertEquals(
          others,
          [],
          "move what needs more permissions to a separate script",
        );
      });
    }
    for (const script of ["scripts/fetch.ts", "scripts/upload.ts"]) {
      await t.step(`the modules of ${script} need more`, async () => {
        const found = await externalModules(script);
        assert(found.includes("@huggingface/hub"));
        assert(found.includes("node:crypto"));
      });
    }
  },
);
