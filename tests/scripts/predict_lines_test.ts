import { assert, assertEquals, assertMatch } from "@std/assert";
import { needs } from "../helpers/permissions.ts";
import { predict, trainFixture } from "./train_fixture.ts";

/** A line of the output. */
interface Line {
  readonly sentence?: string;
  readonly label: string | null;
  readonly line?: number;
  readonly error?: string;
}

const parse = (stdout: string): Line[] =>
  stdout.trimEnd().split("\n").map((line) => JSON.parse(line));

/** Longest wait for an answer or an end on a machine that is busy, in ms; an idle one takes 30. */
const PATIENCE_MS = 20_000;

Deno.test(
  needs(
    "predict.ts answers each line of standard input when it has come",
    "read",
    "write",
    "run",
  ),
  async () => {
    await using fixture = await trainFixture();
    const { readable, writable } = new TransformStream<
      Uint8Array<ArrayBuffer>
    >();
    const child = fixture.start("--model model", {
      task: "predict",
      stdin: readable,
    });
    const input = writable.getWriter();
    const send = (text: string) => input.write(new TextEncoder().encode(text));
    const output = child.stdout.pipeThrough(new TextDecoderStream())
      .getReader();
    const stuck = setTimeout(() => child.kill("SIGKILL"), 3 * PATIENCE_MS);
    const answers = async (count: number) => {
      let text = "";
      while (text.split("\n").length <= count) {
        const { value = "", done } = await output.read();
        if (done) break;
        text += value;
      }
      return parse(text).map(({ sentence }) => sentence);
    };
    // Each is answered while standard input stays open.
    await send("the ferry\n");
    assertEquals(await answers(1), ["the ferry"]);
    await send("rain\n\nisl");
    assertEquals(await answers(2), ["rain", ""]);
    await send("and\n");
    assertEquals(await answers(1), ["island"]);
    await send("at seven");
    await input.close();
    assertEquals(await answers(1), ["at seven"]);
    assertEquals((await child.status).code, 0);
    clearTimeout(stuck);
    await output.cancel();
    await child.stderr.cancel();
  },
);

Deno.test(
  needs(
    "predict.ts ends on Ctrl-C while it waits for a line",
    "read",
    "write",
    "run",
  ),
  async () => {
    await using fixture = await trainFixture();
    const child = fixture.start("--model model", {
      task: "predict",
      stdin: new ReadableStream({
        start: (c) => c.enqueue(new TextEncoder().encode("rain\n")),
      }),
    });
    const reader = child.stdout.getReader();
    await reader.read(); // the answer; now it waits
    child.kill("SIGINT");
    const stuck = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
    assertEquals((await child.status).code, 130);
    clearTimeout(stuck);
    await reader.cancel();
    await child.stderr.cancel();
  },
);

Deno.test(
  needs(
    "predict.ts gives a line of output for each line of standard input",
    "read",
    "write",
    "run",
  ),
  async (t) => {
    await using fixture = await trainFixture();
    const bytes = (...parts: (string | number)[]) =>
      Uint8Array.from(
        parts.flatMap((part) =>
          typeof part === "number" ? part : [...new TextEncoder().encode(part)]
        ),
      );
    await t.step("blank lines and a line that says sentence", async () => {
      const { stdout, code, stderr } = await predict(fixture, "--model model", {
        stdin: "\nsentence\n \t \nthe rain",
      });
      assertEquals(code, 0, stderr);
      const all = parse(stdout);
      assertEquals(
        all.map(({ sentence }) => sentence),
        ["", "sentence", "", "the rain"],
      );
      assertEquals(
        all.map(({ label }) => label === null),
        [true, false, true, false],
      );
    });
    await t.step(
      "a line of column names is labelled, with a warning",
      async () => {
        const { stdout, stderr } = await predict(fixture, "--model model", {
          stdin: "sentence1\tsentence2\n\nthe\train\n",
        });
        const all = parse(stdout);
        assertEquals(all.length, 3);
        assertEquals(
          Object.entries(all[1]!),
          [["sentence1", ""], ["sentence2", ""], ["label", null]],
        );
        assertMatch(
          stderr,
          /^Warning: line 1 of standard input is labelled as a text, though it reads like a header: name the columns of one with --text-columns\n/,
        );
      },
    );
    const broken = bytes(
      "rain\n",
      0xff,
      "\nferry\nthe\train\tferry\n\nisland\n",
    );
    await t.step("--on-error stop, after the lines before", async () => {
      const { code, stdout, error } = await predict(fixture, "--model model", {
        stdin: broken,
      });
      assertEquals(
        [code, error],
        [
          1,
          "error: Cannot read standard input, line 2: it is not UTF-8 text; give it in that encoding",
        ],
      );
      assertEquals(parse(stdout).map(({ sentence }) => sentence), ["rain"]);
    });
    await t.step("--on-error skip", async () => {
      const { code, stdout, stderr } = await predict(
        fixture,
        "--model model --on-error skip --batch-size 2",
        { stdin: broken },
      );
      assertEquals(code, 0, stderr);
      const all = parse(stdout);
      assertEquals(
        all.map(({ sentence, line }) => sentence ?? line),
        ["rain", 2, "ferry", 4, "", "island"],
      );
      assertEquals(
        all.flatMap(({ error, label }) => error ? [[error, label]] : []),
        [
          ["it is not UTF-8 text; give it in that encoding", null],
          [
            "it has 3 fields separated by tabs, and line 1 has 1; correct it",
            null,
          ],
        ],
      );
      assertEquals(
        stderr.match(/^Warning: line [24] of .* skipped/gm)?.length,
        2,
      );
    });
    await t.step("a truncated line is named, more are counted", async () => {
      const long = `${"ferry ".repeat(99)}\n`;
      const fitting = `${"ferry ".repeat(30)}\n`; // with two special tokens 32
      const { stderr } = await predict(fixture, "--model model", {
        stdin: `rain\n${fitting}${long}${long}`,
      });
      const warnings = stderr.split("\n").filter((line) => /^Warn/.test(line));
      assertEquals(warnings, [
        "Warning: line 3 of standard input has more than 32 tokens and is truncated",
        "Warning: 2 of 4 lines of standard input have more than 32 tokens and were truncated",
      ]);
    });
    await t.step("the answers do not depend on the batches", async () => {
      const stdin = Array.from({ length: 40 }, (_, i) => `rain ${i}\n`).join(
        "",
      );
      const [one, many] = await Promise.all(
        ["1", "32"].map(async (size) => {
          const flags = `--model model --batch-size ${size}`;
          return parse((await predict(fixture, flags, { stdin })).stdout);
        }),
      );
      assert(one!.length === 40);
      assertEquals(
        one!.map(({ sentence, label }) => [sentence, label]),
        many!.map(({ sentence, label }) => [sentence, label]),
      );
    });
  },
);
