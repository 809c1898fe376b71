import { assertEquals } from "@std/assert";
import { needs, ROOT } from "../helpers/permissions.ts";

Deno.test(
  needs(
    "ONNX files and charts are made under a policy that refuses code from text",
    "read",
    "run",
  ),
  async () => {
    const { code, stdout, stderr } = await new Deno.Command("deno", {
      args: [
        "run",
        "--no-check",
        "--quiet",
        "--allow-read",
        "--v8-flags=--disallow-code-generation-from-strings",
        new URL("tests/web/without_eval.ts", ROOT).pathname,
      ],
    }).output();
    assertEquals(code, 0, new TextDecoder().decode(stderr));
    assertEquals(JSON.parse(new TextDecoder().decode(stdout)), {
      length: 18,
      isSvg: true,
      refused: "EvalError",
    });
  },
);
