// A learner's loop from an empty file: the loop of the Hugging Face course, in a
// folder without a deno.json, with gradloop imported from a URL.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { needs, ROOT } from "./helpers/permissions.ts";
import { tempFolder } from "./helpers/temp_folder.ts";

/** The URL that the program imports. */
const URL_IN_PROGRAM = "https://example.org/gradloop/mod.ts";

Deno.test(
  needs(
    "the course's loop has fewer than 60 lines, type-checks and runs from a URL",
    "read",
    "write",
    "net",
    "run",
  ),
  async () => {
    const program = await Deno.readTextFile(
      new URL("tests/fixtures/learner_loop.ts.txt", ROOT),
    );
    assert(program.trimEnd().split("\n").length < 60);
    const formatter = new Deno.Command("deno", {
      args: ["fmt", "--check", "--ext=ts", "-"],
      stdin: "piped",
      stdout: "null",
      stderr: "null",
    }).spawn();
    await new Blob([program]).stream().pipeTo(formatter.stdin);
    assertEquals((await formatter.status).code, 0, "run deno fmt on it");
    await using server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      async (request) => {
        const { pathname } = new URL(request.url);
        const body = await Deno.readFile(new URL(`.${pathname}`, ROOT))
          .catch(() => null);
        // Without a content type, as from a plain file server.
        return new Response(body, { status: body === null ? 404 : 200 });
      },
    );
    const host = `127.0.0.1:${server.addr.port}`;
    await using folder = await tempFolder();
    const script = `${folder.path}/loop.ts`;
    await Deno.writeTextFile(
      script,
      program.replace(URL_IN_PROGRAM, `http://${host}/mod.ts`),
    );
    const { code, stdout, stderr } = await new Deno.Command("deno", {
      args: [
        "run",
        "--check",
        "--no-config",
        "--no-prompt",
        `--allow-import=${host}`,
        `--reload=http://${host}`, // an earlier server may have had this port
        "--allow-read=data",
        script,
      ],
      cwd: ROOT, // its folder `data` has the model and the pairs
    }).output();
    const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    assertEquals(code, 0, decode(stderr));
    const output = decode(stdout);
    assertMatch(output, /^training 6\/6 .*took/m); // 2 epochs of ⌈20 / (4 · 2)⌉
    assertMatch(output, /\{ accuracy: [01](\.\d+)?, f1: [01](\.\d+)? \}\n$/);
  },
);
