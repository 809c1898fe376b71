import { assertEquals, assertThrows } from "@std/assert";
import {
  quietOnceBroken,
  standardOutput,
} from "../../lib/training/progress_output.ts";
import { needs, ROOT } from "../helpers/permissions.ts";

/** An output that fails with an error, and counts the writes. */
function failingOutput(error: Error) {
  const output = {
    writes: 0,
    write() {
      output.writes++;
      throw error;
    },
  };
  return output;
}

Deno.test("quietOnceBroken() drops what follows an error of the system", () => {
  for (const code of ["EPIPE", "ENOSPC", "EIO"]) {
    const output = failingOutput(Object.assign(new Error(code), { code }));
    const quiet = quietOnceBroken(output);
    quiet.write("a");
    quiet.write("b");
    quietOnceBroken(output).write("c"); // of the next bar
    assertEquals(output.writes, 1);
  }
});

Deno.test("quietOnceBroken() throws mistakes in the output's code", () => {
  const output = failingOutput(new TypeError("Not a function"));
  const quiet = quietOnceBroken(output);
  assertThrows(() => quiet.write("a"), TypeError, "Not a function");
  assertThrows(() => quiet.write("b"), TypeError, "Not a function");
});

Deno.test("quietOnceBroken() keeps the output's properties", () => {
  const written: string[] = [];
  const output = {
    isTTY: true,
    columns: 100,
    write: (text: string) => written.push(text),
  };
  const quiet = quietOnceBroken(output);
  quiet.write("a");
  output.columns = 40; // a window that is resized
  assertEquals([quiet.isTTY, quiet.columns, written], [true, 40, ["a"]]);
  const { isTTY, columns } = quietOnceBroken({ write() {} });
  assertEquals([isTTY, columns], [false, 80]);
});

Deno.test("quietOnceBroken() listens to standard streams alone, once", () => {
  const stream = () => {
    const events: string[] = [];
    const on = (event: string) => void events.push(event);
    return { events, on, write() {} };
  };
  const { process } = globalThis as { process?: unknown };
  const [stdout, stderr, file] = [stream(), stream(), stream()];
  Object.assign(globalThis, { process: { stdout, stderr } });
  try {
    assertEquals(standardOutput() === stdout, true);
    for (const output of [stdout, stdout, stderr, file]) {
      quietOnceBroken(output);
    }
  } finally {
    Object.assign(globalThis, { process });
  }
  assertEquals(
    [stdout.events, stderr.events, file.events],
    [["error"], ["error"], []],
  );
});

Deno.test(
  needs("ProgressBar does not end a loop whose output is closed", "run"),
  async (t) => {
    for (const name of ["stdout", "stderr"] as const) {
      await t.step(name, async () => {
        const child = new Deno.Command("deno", {
          args: [
            "eval",
            `import { ProgressBar } from "./lib/training/progress_bar.ts";
            Deno.stdin.readSync(new Uint8Array(1)); // until the pipe is closed
            const output = globalThis.process.${name};
            for (let i = 0; i < 9; i++) {
              using progress = new ProgressBar(9, { output });
              progress.update();
              await new Promise((resolve) => setTimeout(resolve, 1));
            }
            Deno.exit(7);`,
          ],
          cwd: ROOT,
          stdin: "piped",
          stdout: "piped",
          stderr: "piped",
        }).spawn();
        await child[name].cancel();
        await child.stdin.close();
        const other = name === "stdout" ? child.stderr : child.stdout;
        assertEquals(await new Response(other).text(), "");
        assertEquals((await child.status).code, 7);
      });
    }
  },
);
