import { assertEquals } from "@std/assert";
import { needs } from "../../helpers/permissions.ts";

const file = (path: string) => new URL(`../../../${path}`, import.meta.url);

Deno.test(
  needs("runMain() ends with code 141 if stdout is closed", "run"),
  async (t) => {
    const writers = {
      ProgressBar: "using progress = new ProgressBar(9);",
      "printLine() inside a ProgressBar":
        "using progress = new ProgressBar(9); printLine('result');",
    };
    for (const [name, writer] of Object.entries(writers)) {
      await t.step(name, async () => {
        const program = `
          import { printLine, runMain } from "${
          file("scripts/cli/run_main.ts")
        }";
          import { ProgressBar } from "${file("lib/training/progress_bar.ts")}";
          const commandLine = { parse: () => ({}), help: () => "" };
          await runMain(commandLine, async (_, { begin }) => {
            begin();
            await new Response(Deno.stdin.readable).text(); // until stdout is closed
            for (;;) {
              ${writer}
              await new Promise((resolve) => setTimeout(resolve, 1));
            }
          });`;
        const child = new Deno.Command("deno", {
          args: ["eval", program],
          stdin: "piped",
          stdout: "piped",
          stderr: "piped",
        }).spawn();
        await child.stdout.cancel();
        await child.stdin.close();
        const stuck = setTimeout(() => child.kill("SIGKILL"), 10_000);
        const stderr = await new Response(child.stderr).text();
        const { code } = await child.status;
        clearTimeout(stuck);
        assertEquals({ code, stderr }, { code: 141, stderr: "" });
      });
    }
  },
);
