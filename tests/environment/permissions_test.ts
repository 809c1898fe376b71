import { assertEquals, assertNotMatch } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { needs, PERMISSIONS, ROOT } from "../helpers/permissions.ts";
import { sourceFiles } from "../helpers/source_files.ts";

const { train, test } = config.tasks;

Deno.test("deno task train may only read, and write below runs", () => {
  assertEquals(
    train.command,
    "deno run --allow-read --allow-write=runs scripts/train_mrpc.ts",
  );
});

Deno.test("deno task bench may only read", () => {
  assertEquals(
    config.tasks.bench.command,
    "deno run --allow-read scripts/bench.ts",
  );
});

Deno.test(
  needs("deno task test grants every permission that tests may need", "run"),
  async () => {
    const flags = test.command.split(" ").filter((arg) =>
      arg.startsWith("--allow-")
    );
    const { stdout } = await new Deno.Command("deno", {
      args: ["run", "--no-prompt", ...flags, "tests/environment/granted.ts"],
      cwd: ROOT,
    }).output();
    assertEquals(
      new TextDecoder().decode(stdout),
      Object.keys(PERMISSIONS).map((need) => `${need} granted\n`).join(""),
    );
  },
);

Deno.test(needs("only needs() may skip a test", "read"), async (t) => {
  for (const { path, text } of await sourceFiles("tests/", "_test.ts")) {
    await t.step(path, () => {
      assertNotMatch(text, /\bignore:|\.(?:ignore|only|skip)\(|\bonly:/);
    });
  }
});
