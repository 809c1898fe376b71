import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { needs } from "../helpers/permissions.ts";
import {
  classifyFixture,
  glue,
  jsonl,
  MODEL,
  sentence,
} from "./classify_fixture.ts";

Deno.test(
  needs(
    "train_classifier.ts trains on the user's own files",
    "read",
    "write",
    "run",
  ),
  async (t) => {
    await using fixture = await classifyFixture();
    const write = async (
      folder: string,
      label: (i: number) => unknown,
      more: object = {},
    ) => {
      for (const [split, count] of [["train", 9], ["validation", 6]] as const) {
        const rows = Array.from({ length: count }, (_, i) => ({
          title: sentence(i, 3),
          body: sentence(i + 1, 4),
          verdict: label(i),
          ...more,
        }));
        await fixture.write(`${folder}/${split}.jsonl`, jsonl(rows));
      }
    };
    const run = async (folder: string, columns: string) => {
      const { code, stderr, stdout } = await glue(
        fixture,
        `--data ${folder} --text-columns ${columns} --label-column verdict --output-dir runs/${folder} ${MODEL}`,
      );
      assertEquals(code, 0, stderr);
      return {
        stdout,
        config: JSON.parse(
          await fixture.text(`runs/${folder}/model/config.json`),
        ),
        results: JSON.parse(await fixture.text(`runs/${folder}/results.json`)),
      };
    };
    await t.step("text", async () => {
      await write("words", (i) => ["spam", "ham", "other"][i % 3]);
      const { config, results } = await run("words", "title,body");
      assertEquals(config.id2label, { 0: "ham", 1: "other", 2: "spam" });
      assert(Number.isFinite(results.accuracy));
    });
    await t.step(
      "codes in one file, and a name that objects have",
      async () => {
        const csv = (labels: string[]) =>
          `text,code\n${
            labels.map((label, i) => `${sentence(i, 3)},${label}\n`).join("")
          }`;
        const labels = Array.from(
          { length: 12 },
          (_, i) => ["01", "02", "toString"][i % 3]!,
        );
        await fixture.write("codes.csv", csv(labels));
        await fixture.write("some.csv", csv(["02", "01", "02"]));
        const columns = "--text-columns text --label-column code";
        const trained = await glue(
          fixture,
          `--data codes.csv --validation-split 0.3 ${columns} --output-dir runs/codes ${MODEL}`,
        );
        assertEquals(trained.code, 0, trained.stderr);
        const evaluated = await fixture.run(
          `--model runs/codes/model --data some.csv ${columns} --json`,
          { task: "evaluate" },
        );
        assertEquals(evaluated.code, 0, evaluated.stderr);
        const { confusionMatrix } = JSON.parse(evaluated.stdout);
        assertEquals(
          confusionMatrix.map((row: number[]) => row.reduce((a, b) => a + b)),
          [1, 2, 0],
        );
      },
    );
    await t.step("whole numbers other than 0, 1, …", async () => {
      await write("stars", (i) => 1 + i % 2 * 4);
      const { config } = await run("stars", "title");
      assertEquals(config.id2label, { 0: "1", 1: "5" });
    });
    await t.step("-1, 0 and 1; true and false", async () => {
      await write("signs", (i) => i % 3 - 1);
      const signs = await run("signs", "title");
      assertEquals(signs.config.id2label, { 0: "-1", 1: "0", 2: "1" });
      assertStringIncludes(
        signs.stdout,
        "Note: -1 is a class like the others; if it stands for no label, leave these rows out\n",
      );
      await write("truths", (i) => i % 2 === 0);
      const truths = await run("truths", "title");
      assertEquals(truths.config.id2label, { 0: "false", 1: "true" });
    });
    await t.step("one file, which is divided", async () => {
      const rows = Array.from(
        { length: 20 },
        (_, i) => `${sentence(i, 3)} ${i};${["ham", "spam"][i % 2]}\n`,
      );
      await fixture.write("one.csv", `title;verdict\n${rows.join("")}`);
      const flags =
        "--data one.csv --delimiter ; --validation-split 0.25 --text-columns title --label-column verdict";
      const { code, stderr, stdout } = await glue(
        fixture,
        `${flags} --output-dir runs/one ${MODEL}`,
      );
      assertEquals(code, 0, stderr);
      assertStringIncludes(
        stdout,
        "\none.csv: 15 rows for training, 5 for validation\n",
      );
      const config = JSON.parse(await fixture.text("runs/one/config.json"));
      assertEquals(Object.keys(config.digests.data), ["one.csv"]);
      const scores = await fixture.run(
        "--model runs/one/model --data one.csv --delimiter ; --text-columns title --label-column verdict --json",
        { task: "evaluate" },
      );
      assertEquals(scores.code, 0, scores.stderr);
      const { rows: evaluated, split } = JSON.parse(scores.stdout);
      assertEquals([evaluated, split], [20, null]);
    });
    await t.step("fractions", async () => {
      await write("scores", (i) => i === 0 ? 0.5 : i % 3);
      const { config, results, stdout } = await run("scores", "body");
      assertStringIncludes(stdout, "regression");
      assertEquals(Object.keys(config.id2label), ["0"]);
      assert(Number.isFinite(results.loss));
    });
    await t.step("an empty text is counted", async () => {
      await write("empty", (i) => i % 2, { body: "" });
      const { stdout } = await run("empty", "title,body");
      assertStringIncludes(
        stdout,
        "Note: empty/train.jsonl has 9 of 9 rows with an empty body, which are kept",
      );
    });
  },
);
