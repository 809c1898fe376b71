import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { comparisonHtml } from "../../../scripts/report/comparison_page.ts";
import {
  readRun,
  type RunSummary,
} from "../../../scripts/report/run_summary.ts";
import { needs } from "../../helpers/permissions.ts";
import { tempFolder } from "../../helpers/temp_folder.ts";
import { checkPage } from "./page_checks.ts";
import { classesData, HOSTILE } from "./report_fixture.ts";

const data = classesData(20, 100);

const run = (name: string, others: Partial<RunSummary> = {}): RunSummary => ({
  name,
  config: data.config,
  events: data.events,
  scores: { accuracy: 0.8, loss: 0.5, seconds: 61.2 },
  intervals: { accuracy: [0.7, 0.9] },
  classScores: { a: 0.5, b: 0.75 },
  isFinished: true,
  ...others,
});

const words = (html: string) =>
  html.replaceAll(/<[^>]+>/g, " ").replaceAll(/\s+/g, " ");

Deno.test("comparisonHtml() shows scores with intervals, the best in bold", async () => {
  const page = await comparisonHtml([
    run("first", { scores: { accuracy: 0.75, loss: 0.4, seconds: 10 } }),
    run("second", { classScores: { a: 0.9, b: 0.75, c: 1 } }),
  ]);
  checkPage(page);
  assertMatch(words(page), /Accuracy 0\.750 0\.700 – 0\.900 0\.800 0\.700 –/);
  assertMatch(page, /<strong>0\.800<\/strong>/); // more accuracy
  assertMatch(page, /<strong>0\.400<\/strong>/); // less loss
  assert(!/<strong>0\.(750|500)/.test(page));
  assertMatch(words(page), /Seconds 10 61/);
  assertMatch(words(page), /a 0\.500 0\.900 b 0\.750 0\.750 c – 1\.000/);
});

Deno.test("comparisonHtml() lists the settings that differ, and other data", async () => {
  const { config } = data;
  const same = await comparisonHtml([
    run("first"),
    run("second", { config: { ...config, outputDir: "other" } }),
  ]);
  assertMatch(same, /The runs have the same settings/);
  assert(!same.includes("different data"));
  const page = await comparisonHtml([
    run("first"),
    run("second", {
      config: {
        ...config,
        epochs: 3,
        flags: { epochs: 3 },
        digests: { data: { "messages.csv": "cd" } },
      },
    }),
  ]);
  checkPage(page);
  const text = words(page);
  assertMatch(text, /2 differences: /);
  assertMatch(text, /epochs 4 3 digests\.data\.messages\.csv (ab)+\S* cd/);
  assertMatch(text, /The runs have different data/);
});

Deno.test("comparisonHtml() takes six runs, and names that are HTML", async () => {
  const names = HOSTILE.map((name, i) => `${name}${i}`);
  const page = await comparisonHtml(names.map((name) => run(name)));
  checkPage(page);
  assert(page.includes("&lt;script&gt;"));
  assertEquals(
    await comparisonHtml(names.map((name) => run(name))),
    page,
  );
});

Deno.test(
  needs("readRun() reads a run that goes on, or has ended", "read", "write"),
  async () => {
    await using folder = await tempFolder();
    const write = (name: string, text: string) =>
      Deno.writeTextFile(`${folder.path}/${name}`, text);
    const read = () => readRun(folder.path, "a");
    await assertRejects(read, Error, "it has no config.json");
    await write("config.json", '{"seed":1}');
    await assertRejects(read, Error, "it has no metrics.jsonl");
    await write(
      "metrics.jsonl",
      '{"event":"eval","step":1,"epoch":0,"accuracy":0.5,"loss":1}\n{"eve',
    );
    const before = await read();
    assertEquals(before.scores, { accuracy: 0.5, loss: 1 });
    assertEquals([before.isFinished, before.config], [false, { seed: 1 }]);
    assertMatch(
      await comparisonHtml([before, run("b")]),
      /\ba\s+has not ended/,
    );
    await write("results.json", "{");
    await assertRejects(
      read,
      Error,
      "results.json is no JSON object: it may be torn; remove it to train again, or leave the run out",
    );
    await write(
      "results.json",
      JSON.stringify({
        accuracy: 0.75,
        epochs: 1,
        adapter: "x",
        perClass: { c: { f1: 0.5, precision: 1 } },
        intervals: { accuracy: [0.5, 1] },
      }),
    );
    const after = await read();
    assertEquals(after.scores, { accuracy: 0.75 });
    assertEquals(after.classScores, { c: 0.5 });
    assertEquals(after.intervals.accuracy, [0.5, 1]);
    await write("results.json", '{"accuracy":');
    await assertRejects(read, Error, "results.json is no JSON object");
  },
);
