import { assertEquals } from "@std/assert";
import { needs } from "../../helpers/permissions.ts";

const MAIN = new URL("../../../scripts/cli/run_main.ts", import.meta.url);

/** Starts a subprocess that runs `body`, which may use `begin` and `signal`. */
function start(body: string): Deno.ChildProcess {
  const code = `import { runMain } from "${MAIN}";
    const commandLine = { parse: () => ({}), help: () => "" };
    await runMain(commandLine, async (_, { begin, signal }) => { ${body} });`;
  return new Deno.Command("deno", {
    args: ["eval", code],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

Deno.test(
  needs("runMain() reports an error by exit code and last line", "run"),
  async (t) => {
    const cases: [string, number, string][] = [
      ["await 0;", 0, ""],
      ["throw new RangeError('--epochs is 0');", 2, "error: --epochs is 0\n"],
      [
        "await 0; begin(); throw new Error('Loss is NaN');",
        1,
        "error: Loss is NaN\n",
      ],
    ];
    for (const [body, code, stderr] of cases) {
      await t.step(body, async () => {
        const output = await start(body).output();
        assertEquals(
          { code: output.code, stderr: decode(output.stderr) },
          { code, stderr },
        );
      });
    }
  },
);

/** Waits for a line of the child, sends SIGINT after each delay in ms, and returns the outcome. */
async function interrupt(child: Deno.ChildProcess, ...delays: number[]) {
  const stuck = setTimeout(() => child.kill("SIGKILL"), 10_000);
  const reader = child.stdout.getReader();
  await reader.read();
  for (const delay of delays) {
    await new Promise((resolve) => setTimeout(resolve, delay));
    child.kill("SIGINT");
  }
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    rest += decode(value);
  }
  const stderr = await new Response(child.stderr).text();
  const { code } = await child.status;
  clearTimeout(stuck);
  return { code, rest, stderr };
}

Deno.test(
  needs("runMain() exits with code 130 on Ctrl-C", "run"),
  async (t) => {
    const turns = `const turn = () => new Promise((r) => setTimeout(r, 10));
    console.log("ready");`;
    await t.step("at once before the first step", async () => {
      const child = start(`${turns} for (;;) await turn();`);
      assertEquals(await interrupt(child, 0), {
        code: 130,
        rest: "",
        stderr: "",
      });
    });
    await t.step("after the current step", async () => {
      const child = start(
        `begin(); ${turns} while (!signal.aborted) await turn(); console.log("step ended");`,
      );
      assertEquals(await interrupt(child, 0), {
        code: 130,
        rest: "step ended\n",
        stderr: "",
      });
    });
    await t.step("once, though deno task sends it twice", async () => {
      const child = start(
        `begin(); ${turns} await new Promise((r) => setTimeout(r, 600)); console.log("step ended");`,
      );
      assertEquals(await interrupt(child, 0, 50), {
        code: 130,
        rest: "step ended\n",
        stderr: "",
      });
    });
    await t.step("after the current step, if the loop throws", async () => {
      const child = start(
        `begin(); ${turns} for (;;) { await turn(); signal.throwIfAborted(); }`,
      );
      assertEquals(await interrupt(child, 0), {
        code: 130,
        rest: "",
        stderr: "Interrupted: what was written stays readable\n",
      });
    });
    await t.step("at once on a second one", async () => {
      const child = start(`begin(); ${turns} for (;;) await turn();`);
      assertEquals(await interrupt(child, 0, 500), {
        code: 130,
        rest: "",
        stderr: "",
      });
    });
  },
);
