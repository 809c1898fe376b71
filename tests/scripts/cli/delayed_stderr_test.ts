import { assertEquals } from "@std/assert";
import { delayedStderr } from "../../../scripts/cli/delayed_stderr.ts";
import { needs } from "../../helpers/permissions.ts";

const DELAYED_STDERR = new URL(
  "../../../scripts/cli/delayed_stderr.ts",
  import.meta.url,
);

Deno.test(
  needs("delayedStderr() drops what is written in the first second", "run"),
  async () => {
    const program = `
      import { delayedStderr } from "${DELAYED_STDERR}";
      let ms = 0;
      performance.now = () => ms;
      const { write } = delayedStderr();
      ms = 999;
      write("early");
      ms = 1000;
      write("\\n"); // ends the line that was not shown
      write("late");
      write("\\n");`;
    const { code, stderr } = await new Deno.Command("deno", {
      args: ["eval", program],
    }).output();
    assertEquals(
      { code, stderr: new TextDecoder().decode(stderr) },
      { code: 0, stderr: "late\n" },
    );
  },
);

Deno.test("delayedStderr() has 80 columns once its terminal has hung up", () => {
  const { consoleSize } = Deno;
  const output = delayedStderr();
  try {
    Deno.consoleSize = () => ({ columns: 100, rows: 20 });
    assertEquals(output.columns, 100);
    Deno.consoleSize = () => {
      throw new Error("Could not get console size");
    };
    assertEquals(output.columns, 80);
  } finally {
    Deno.consoleSize = consoleSize;
  }
});
