import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { needs } from "../helpers/permissions.ts";
import { classifyFixture, glue, jsonl, MODEL } from "./classify_fixture.ts";
import { makeMessages } from "./messages.ts";
import type { TrainFixture } from "./train_fixture.ts";

/** Files of a run. */
async function filesOf(fixture: TrainFixture, run: string) {
  const read = async (name: string) =>
    JSON.parse(await fixture.text(`runs/${run}/${name}`));
  return {
    results: await read("results.json"),
    config: await read("model/config.json"),
    card: await fixture.text(`runs/${run}/model/README.md`),
    report: await fixture.text(`runs/${run}/report.html`),
    names: await fixture.list(`runs/${run}`),
  };
}

Deno.test(
  needs(
    "train_classifier.ts makes a model and its pages of one messy file",
    "read",
    "write",
    "run",
  ),
  async (t) => {
    await using fixture = await classifyFixture();
    const messages = makeMessages(150, 2);
    // UTF-16, as Excel writes it.
    const codes = messages.csv.split("").map((c) => c.charCodeAt(0));
    const bytes = new Uint8Array(Uint16Array.from(codes).buffer);
    await t.step("classes, weighted and smoothed", async () => {
      await fixture.write("messages.csv", bytes);
      const { code, stdout, stderr } = await glue(
        fixture,
        `--data messages.csv --test-split 0.2 --class-weights balanced --label-smoothing-factor 0.1 --max-length 32 --gradient-accumulation-steps 2 --epochs 1 --output-dir runs/classes`,
      );
      assertEquals(code, 0, stderr);
      assertEquals(stderr.includes("could not be saved"), false, stderr);
      assertStringIncludes(stdout, "\nThe model is the embedded one, ");
      assertStringIncludes(
        stdout,
        "\nText column: message; label column: intent\n",
      );
      assertStringIncludes(
        stdout,
        `\nmessages.csv: ${messages.missing.size} of 150 rows left out, `,
      );
      const kept = 150 - messages.missing.size;
      const { results, config, card, report, names } = await filesOf(
        fixture,
        "classes",
      );
      assertEquals(names.filter((name) => !name.startsWith("checkpoint")), [
        "config.json",
        "metrics.jsonl",
        "model",
        "report.html",
        "results.json",
        "tensorboard",
      ]);
      assertEquals(Object.keys(config.id2label).length, 7);
      assertEquals(config.thresholds, undefined);
      const support = (
        scores: { perClass: Record<string, { support: number }> },
      ) =>
        Object.values(scores.perClass)
          .reduce((sum, { support }) => sum + support, 0);
      assertEquals(support(results), Math.ceil(kept * 0.1));
      assertEquals(support(results.test), Math.ceil(kept * 0.2));
      const { likelyLabelErrors: errors } = results;
      const rows = errors.map(({ row }: { row: number }) => row);
      assertEquals(new Set(rows).size, rows.length);
      assert(rows.every((row: number) => !messages.missing.has(row)));
      assert(errors.some(({ split }: { split: string }) => split === "train"));
      assertStringIncludes(card, "messages.csv");
      assertStringIncludes(report, "Likely label errors");
    });
    await t.step("several labels a row, with tuned thresholds", async () => {
      const rows = Array.from(
        { length: 40 },
        (_, i) => `the ferry ${i} leaves;${["a", "a,b", "c", "b"][i % 4]}\n`,
      );
      await fixture.write("sets.csv", `text;tags\n${rows.join("")}`);
      const { code, stderr } = await glue(
        fixture,
        `--data sets.csv --label-separator , --tune-thresholds --class-weights 1,2,1 --output-dir runs/sets ${MODEL}`,
      );
      assertEquals(code, 0, stderr);
      const { results, config } = await filesOf(fixture, "sets");
      assertEquals(config.problem_type, "multi_label_classification");
      assertEquals(Object.keys(config.thresholds), ["a", "b", "c"]);
      assertEquals(results.thresholds, config.thresholds);
      // The same file with the same thresholds: evaluate reads them.
      const scores = await fixture.run(
        "--model runs/sets/model --data sets.csv --label-column tags --label-separator , --text-columns text --json",
        { task: "evaluate" },
      );
      assertEquals(scores.code, 0, scores.stderr);
      assertEquals(JSON.parse(scores.stdout).labels, ["a", "b", "c"]);
    });
    await t.step("numbers", async () => {
      const rows = Array.from({ length: 30 }, (_, i) => ({
        review: `it was seven ${i}`,
        stars: 1 + i % 5,
      }));
      await fixture.write("stars.jsonl", jsonl(rows));
      const { code, stderr } = await glue(
        fixture,
        `--data stars.jsonl --problem-type regression --output-dir runs/stars ${MODEL}`,
      );
      assertEquals(code, 0, stderr);
      const { results, config } = await filesOf(fixture, "stars");
      assertEquals(config.problem_type, "regression");
      assert(Number.isFinite(results.loss));
      assertEquals(Object.keys(results.intervals), [
        "pearson",
        "spearmanr",
        "meanAbsoluteError",
        "rootMeanSquaredError",
      ]);
    });
  },
);
