import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { needs } from "../helpers/permissions.ts";
import { commandOf, trainFixture } from "./train_fixture.ts";

Deno.test("the page task may only read, and answer on loopback", () => {
  assertEquals(commandOf("page").permissions, [
    "--unstable-bundle",
    "--allow-read",
    "--allow-net=127.0.0.1",
  ]);
});

Deno.test("the build-page task may only read, and write below dist", () => {
  assertEquals(commandOf("build-page").permissions, [
    "--unstable-bundle",
    "--allow-read",
    "--allow-write=dist",
  ]);
});

Deno.test(
  needs(
    "page.ts serves the page with its scripts, model and samples until SIGTERM",
    "read",
    "write",
    "run",
    "net",
  ),
  async () => {
    await using fixture = await trainFixture();
    const child = fixture.start("--port 0", { task: "page" });
    const output = child.stdout.pipeThrough(new TextDecoderStream())
      .getReader();
    const { value: line = "" } = await output.read();
    assertMatch(line, /^The page is at http:\S+\/, until Ctrl-C\n$/);
    const url = /http:\S+\/(?=,)/.exec(line)![0];
    const page = await (await fetch(url)).text();
    assertStringIncludes(page, "default-src 'none'");
    for (
      const path of [
        "main.js",
        "worker.js",
        "style.css",
        "samples/intents.tsv",
        "samples/pairs.arrow",
        "model/model.safetensors",
      ]
    ) {
      const response = await fetch(`${url}${path}`);
      assertEquals(response.status, 200, path);
      assertEquals((await response.bytes()).length > 0, true, path);
    }
    const other = await fetch(`${url}deno.json`);
    assertEquals([other.status, await other.text()], [404, "Not found"]);
    await output.cancel();
    child.kill("SIGTERM");
    assertEquals((await child.status).code, 143);
  },
);
