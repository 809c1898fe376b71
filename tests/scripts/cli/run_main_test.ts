import { assertEquals } from "@std/assert";
import { needs } from "../../helpers/permissions.ts";
import { startMain } from "./main_fixture.ts";

Deno.test(
  needs("runMain() reports an error by exit code and last line", "run"),
  async (t) => {
    const cases: [string, number, string][] = [
      ["", 0, ""],
      ["throw new RangeError('--epochs is 0');", 2, "error: --epochs is 0\n"],
      [
        "begin(); throw new Error('Loss is NaN');",
        1,
        "error: Loss is NaN\n",
      ],
    ];
    for (const [body, code, stderr] of cases) {
      await t.step(body, async () => {
        assertEquals(
          await startMain(body).outcome(),
          { code, stdout: "", stderr },
        );
      });
    }
  },
);

Deno.test(
  needs("runMain() names the command that goes on with a run", "run"),
  async (t) => {
    const start = "run.continueWith = 'train --resume runs/a';";
    const wait = "console.log('ready'); for (;;) await turn();";
    const command = "Continue with: train --resume runs/a\n";
    await t.step("that fails", async () => {
      const body = `begin(); ${start} throw new Error('Loss is NaN');`;
      assertEquals(
        await startMain(body).outcome(),
        { code: 1, stdout: "", stderr: `${command}error: Loss is NaN\n` },
      );
    });
    await t.step("that is interrupted", async () => {
      const process = startMain(
        `begin(); ${start} console.log('ready'); while (!signal.aborted) await turn();`,
      );
      await process.line("ready");
      process.kill("SIGTERM");
      assertEquals(await process.outcome(), {
        code: 143,
        stdout: "ready\n",
        stderr: `Interrupted by SIGTERM\n${command}`,
      });
    });
    await t.step("that a second signal ends", async () => {
      const process = startMain(`begin(); ${start} ${wait}`);
      await process.line("ready");
      await process.killUntilItEnds("SIGTERM");
      assertEquals(
        (await process.outcome()).stderr,
        `Interrupted by SIGTERM\n${command}`,
      );
    });
    await t.step("only after the first step", async () => {
      const body = `${start} throw new Error('Other data');`;
      assertEquals(
        (await startMain(body).outcome()).stderr,
        "error: Other data\n",
      );
      const process = startMain(`${start} ${wait}`);
      await process.line("ready");
      process.kill("SIGTERM");
      assertEquals((await process.outcome()).stderr, "");
    });
    await t.step("that ends, not at all", async () => {
      assertEquals(
        await startMain(`begin(); ${start}`).outcome(),
        { code: 0, stdout: "", stderr: "" },
      );
    });
  },
);
