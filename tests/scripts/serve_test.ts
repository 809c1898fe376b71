import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { needs } from "../helpers/permissions.ts";
import { commandOf, trainFixture } from "./train_fixture.ts";

Deno.test("the serve task may only read, and answer on loopback", () => {
  assertEquals(commandOf("serve").permissions, [
    "--unstable-no-legacy-abort",
    "--allow-read",
    "--allow-net=127.0.0.1",
  ]);
});

/** Longest wait for an end on a machine that is busy, in ms; an idle one takes 50. */
const PATIENCE_MS = 20_000;

Deno.test(
  needs(
    "serve.ts serves a model until SIGTERM",
    "read",
    "write",
    "run",
    "net",
  ),
  async (t) => {
    await using fixture = await trainFixture();
    const child = fixture.start("--model model --port 0", { task: "serve" });
    const stuck = setTimeout(() => child.kill("SIGKILL"), 3 * PATIENCE_MS);
    const output = child.stdout.pipeThrough(new TextDecoderStream())
      .getReader();
    const { value: line = "" } = await output.read();
    assertMatch(
      line,
      /^Serving model at http:\/\/127\.0\.0\.1:\d+\/, until Ctrl-C\n$/,
    );
    const url = /http:\S+\/(?=,)/.exec(line)![0];
    const post = (body: unknown) =>
      fetch(`${url}predict`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    await t.step("the labels of predict.ts", async () => {
      const { stdout } = await fixture.run("--model model rain", {
        task: "predict",
      });
      const { label } = JSON.parse(stdout);
      const [best] = await (await post({ text: "rain" })).json();
      assertEquals(best.label, label);
    });
    await t.step("a text that is HTML", async () => {
      const response = await post({ text: '<b>"rain"</b> & <script>' });
      assertEquals(response.headers.get("content-type"), "application/json");
      assertEquals((await response.json()).length, 1);
    });
    await t.step("the page", async () => {
      const response = await fetch(url);
      assertStringIncludes(await response.text(), "<!DOCTYPE html>");
    });
    await t.step("a second one on its port", async () => {
      const port = new URL(url).port;
      const { code, error, stdout } = await fixture.run(
        `--model model --port ${port}`,
        { task: "serve" },
      );
      assertEquals([code, error, stdout], [
        2,
        `error: Cannot listen on 127.0.0.1:${port}: another program uses this port; end it, or give another --port`,
        "",
      ]);
    });
    await t.step("its end, after the answers that it owes", async () => {
      const answers = Array.from(
        { length: 20 },
        () => post({ texts: ["rain", "the ferry"] }),
      );
      // Once one is answered, the others are there too.
      assertEquals((await (await Promise.race(answers)).json()).length, 2);
      child.kill("SIGTERM");
      for (const answer of answers) {
        const response = await answer;
        assertEquals(response.status, 200);
        if (!response.bodyUsed) assertEquals((await response.json()).length, 2);
      }
      assertEquals((await child.status).code, 143);
      clearTimeout(stuck);
      await output.cancel();
      assertMatch(
        await new Response(child.stderr).text(),
        /^Running on [^\n]+\nInterrupted by SIGTERM\n$/,
      );
    });
  },
);

Deno.test(
  needs("serve.ts reports errors with code 2", "read", "write", "run", "net"),
  async (t) => {
    await using fixture = await trainFixture();
    const cases: [flags: string, message: string][] = [
      [
        "",
        "Missing --model: give the model folder of a run, such as runs/…/model",
      ],
      [
        "--model model --port 65536",
        '--port must be a whole number from 0 to 65535, not "65536"',
      ],
      [
        "--model model --max-length 33",
        "Cannot load a classifier: maxLength is 33, and the model takes 32 tokens; give at most that",
      ],
      [
        "--model model --host 0.0.0.0",
        "Cannot listen on 0.0.0.0:8000: deno task serve may use 127.0.0.1 alone; to serve others run deno run --unstable-no-legacy-abort --allow-read --allow-net=0.0.0.0:8000 scripts/serve.ts --host 0.0.0.0 --model …",
      ],
    ];
    for (const [flags, message] of cases) {
      await t.step(flags, async () => {
        const { code, error, stdout } = await fixture.run(flags, {
          task: "serve",
        });
        assertEquals([code, error, stdout], [2, `error: ${message}`, ""]);
      });
    }
    await t.step("--help needs no permission", async () => {
      const { code, stdout, stderr } = await fixture.run("--help", {
        task: "serve",
        permissions: [],
      });
      assertEquals([code, stderr], [0, ""]);
      assertStringIncludes(stdout, "./denow task serve --model DIR");
    });
  },
);
