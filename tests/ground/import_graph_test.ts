import { assert, assertEquals } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { needs, ROOT } from "../helpers/permissions.ts";

/** The packages that run with read permission alone, or none: whoever adds one has tried it. */
const HARMLESS = [
  "@huggingface/tokenizers",
  "apache-arrow",
  "csv-parse",
  "deno-std",
  "hyparquet",
  "hyparquet-compressors",
  "protobufjs",
];

/** The least that training needs, and the most that its graph may be asked to. */
const PERMISSIONS = "--allow-read --allow-write=runs";

/** What a script brings from outside of the project, dynamic imports included. */
async function foreignModules(script: string): Promise<string[]> {
  const { code, stdout } = await new Deno.Command("deno", {
    args: ["info", "--json", script],
    cwd: ROOT,
  }).output();
  assertEquals(code, 0);
  const graph: { modules: { specifier: string }[] } = JSON.parse(
    new TextDecoder().decode(stdout),
  );
  const foreign = graph.modules.map(({ specifier }) => specifier)
    .filter((specifier) => !specifier.startsWith(ROOT.href))
    .map((specifier) =>
      specifier.match(/^npm:\/?((?:@[^/]+\/)?[^@/]+)@/)?.[1] ?? specifier
    );
  return [...new Set(foreign)].sort();
}

Deno.test(
  needs(
    "nothing that training imports needs more than to read, and to write below runs",
    "run",
    "read",
  ),
  async (t) => {
    const scripts = Object.values(config.tasks)
      .map(({ command }) => command.split(`deno run ${PERMISSIONS} `)[1])
      .filter((script) => script !== undefined);
    assert(scripts.includes("scripts/train_mrpc.ts"));
    assert(scripts.includes("scripts/train_glue.ts"));
    for (const script of scripts) {
      await t.step(script, async () => {
        const others = (await foreignModules(script))
          .filter((name) => !HARMLESS.includes(name));
        assertEquals(
          others,
          [],
          "keep what needs more permissions in a script of its own",
        );
      });
    }
    await t.step("which the Hub's client would", async () => {
      const found = await foreignModules("scripts/fetch.ts");
      assert(found.includes("@huggingface/hub"));
      assert(found.includes("node:crypto"));
    });
  },
);
