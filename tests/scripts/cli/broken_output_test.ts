import { assertEquals } from "@std/assert";
import { needs, needsLinux } from "../../helpers/permissions.ts";
import { tempFolder } from "../../helpers/temp_folder.ts";
import { MainProcess, mainProgram, startMain } from "./main_fixture.ts";

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
        const process = startMain(`
          begin();
          Deno.stdin.readSync(new Uint8Array(1)); // until stdout is closed
          for (;;) {
            ${writer}
            await turn();
          }`);
        await process.closeStdout();
        await process.input();
        const { code, stderr } = await process.outcome();
        assertEquals({ code, stderr }, { code: 141, stderr: "" });
      });
    }
  },
);

/** Runs a line of the shell, where `DENO` stands for the start of a program. */
function shell(line: string, program = ""): MainProcess {
  const args = ["-c", line.replace("DENO", 'deno eval "$0"'), program];
  // Tests have the permission to run Deno alone.
  return new MainProcess([
    "eval",
    `const { code } = await new Deno.Command("sh", {
      args: ${JSON.stringify(args)},
      stdin: "null",
      stdout: "inherit",
      stderr: "inherit",
    }).spawn().status;
    Deno.exit(code);`,
  ]);
}

/** Body of a script that waits until the named streams are broken, prints in each way, and ends. */
const printing = (broken: readonly string[]) => `
  begin();
  for (const name of ${JSON.stringify(broken)}) {
    try {
      for (;;) {
        Deno[name].writeSync(new TextEncoder().encode("line\\n"));
        await turn();
      }
    } catch {
      // The other end has closed it.
    }
  }
  const bars = [new ProgressBar(9), new ProgressBar(9, { output: process.stderr })];
  for (let i = 0; i < 3; i++) {
    console.log("log");
    console.warn("warn");
    console.error("error");
    for (const bar of bars) {
      bar.update();
      bar.pause(); // writes a line
    }
    await turn();
  }`;

Deno.test(
  needsLinux(
    "runMain() does not end a training script by a broken output",
    "read",
    "write",
    "run",
  ),
  async (t) => {
    const cases: [line: string, broken: string[]][] = [
      ["DENO | head -1", ["stdout"]],
      ["DENO 2>&1 | head -1", ["stdout", "stderr"]],
      ["DENO > /dev/full", ["stdout"]],
      ["DENO 2> /dev/full", ["stderr"]],
      ["DENO > /dev/full 2>&1", ["stdout", "stderr"]],
      ["DENO >&-", []],
      ["DENO 2>&-", []],
      ["DENO >&- 2>&-", []],
    ];
    for (const [line, broken] of cases) {
      await t.step(line, async () => {
        const program = mainProgram(printing(broken), {
          ignoreOutputErrors: true,
        });
        // The exit code, on a copy of the stderr that the test reads.
        const command = line.replace("DENO", "{ DENO; echo code $? >&3; }");
        const process = shell(`exec 3>&2; ${command}`, program);
        const { stderr } = await process.outcome();
        assertEquals(stderr.match(/code \d+/)?.[0], "code 0", stderr);
      });
    }
  },
);

Deno.test(
  needsLinux(
    "runMain() tells the truth by its exit code if stderr is full",
    "read",
    "write",
    "run",
  ),
  async () => {
    for (
      const [body, code] of [
        ["throw new Error('--epochs is 0');", 2],
        ["begin(); throw new Error('Loss is NaN');", 1],
      ] as const
    ) {
      const process = shell("DENO 2> /dev/full", mainProgram(body));
      assertEquals((await process.outcome()).code, code);
    }
  },
);

Deno.test(
  needsLinux(
    "runMain() lets a run save whose terminal hangs up",
    "read",
    "write",
    "run",
  ),
  async () => {
    await using folder = await tempFolder();
    const program = mainProgram(
      `
      begin();
      setTimeout(() => Deno.exit(99), 20_000); // if no signal comes
      using progress = new ProgressBar(9);
      await turn(100);
      progress.update();
      Deno.kill(Number(Deno.env.get("TERMINAL")), "SIGKILL");
      while (!signal.aborted) await turn();
      let failed = false;
      for (let i = 0; i < 10; i++) {
        try {
          Deno.stdout.writeSync(new Uint8Array(1));
        } catch {
          failed = true;
        }
        console.log("saving");
        console.error("saving");
        progress.update();
        await turn(60); // a redraw of the bar
      }
      Deno.writeTextFileSync("saved", String(failed));`,
      { ignoreOutputErrors: true },
    );
    await Deno.writeTextFile(`${folder.path}/program.js`, program);
    await Deno.writeTextFile(
      `${folder.path}/in_terminal.sh`,
      `
      # As a shell does: the terminal tells its first process alone.
      trap 'kill -HUP $!' HUP
      TERMINAL=$PPID deno run -A program.js &
      wait $!
      wait $!
      echo "code $?" > code.part
      mv code.part code`,
    );
    const process = shell(
      `cd ${folder.path}
      script -qec "exec sh in_terminal.sh" /dev/null
      until [ -e code ]; do sleep 0.05; done
      cat code saved`,
    );
    const { stdout } = await process.outcome();
    assertEquals(stdout.slice(stdout.indexOf("code ")), "code 129\ntrue");
  },
);
