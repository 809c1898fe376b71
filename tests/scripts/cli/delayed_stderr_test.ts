import { assertEquals } from "@std/assert";
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
