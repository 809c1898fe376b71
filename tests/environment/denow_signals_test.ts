import { assertEquals } from "@std/assert";
import { needs, ROOT } from "../helpers/permissions.ts";
import { MainProcess, mainProgram } from "../scripts/cli/main_fixture.ts";

Deno.test(
  needs(
    "denow and deno task pass signals to a script, and its exit code back",
    "run",
  ),
  async (t) => {
    const body =
      `begin(); console.log("ready"); while (!signal.aborted) await turn(); console.log("saved");`;
    const program = mainProgram(body).replaceAll("\n", " ");
    for (
      const [name, code] of [
        ["SIGINT", 130],
        ["SIGTERM", 143],
        ["SIGHUP", 129],
      ] as const
    ) {
      await t.step(name, async () => {
        const process = new MainProcess(
          ["task", "--quiet", "--eval", `deno eval '${program}'`],
          new URL("denow", ROOT),
        );
        await process.line("ready");
        process.kill(name);
        const { code: ended, stdout } = await process.outcome();
        assertEquals(
          { ended, stdout },
          { ended: code, stdout: "ready\nsaved\n" },
        );
      });
    }
  },
);
