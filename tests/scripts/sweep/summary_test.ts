import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import {
  resultText,
  settingsTable,
  summarize,
  sweepJson,
} from "../../../scripts/sweep/summary.ts";
import { checkPage } from "../report/page_checks.ts";
import { sweepPage } from "../../../scripts/sweep/page.ts";
import { stateOf } from "./sweep_fixture.ts";

const STATES = [
  stateOf(1e-5, 1, "finished", 0.5),
  stateOf(1e-5, 2, "finished", 0.6),
  stateOf(1e-5, 3, "finished", 0.7),
  stateOf(1e-3, 1, "finished", 0.8),
  stateOf(1e-3, 2, "finished", 0.9),
  stateOf(1e-3, 3, "finished", 0.7),
];

Deno.test("summarize() has the mean and the sample standard deviation over the seeds", () => {
  const { settings, best, metric } = summarize(STATES);
  assertEquals(metric, { name: "f1", greaterIsBetter: true });
  const rounded = settings.map(({ flags, score }) => [
    flags.learningRate,
    score!.mean.toFixed(12),
    score!.std!.toFixed(12),
  ]);
  // sqrt((0.1² + 0² + 0.1²) / 2) = 0.1
  assertEquals(rounded, [
    [1e-3, "0.800000000000", "0.100000000000"],
    [1e-5, "0.600000000000", "0.100000000000"],
  ]);
  assertEquals(best, {
    flags: { learningRate: 1e-3 },
    run: "learning-rate=0.001_seed=2",
    command:
      "./denow task classify --data a.csv --learning-rate 0.001 --seed 2",
  });
});

Deno.test("summarize() puts settings with unfinished runs last, and knows losses", () => {
  const partial = [
    ...STATES.slice(3, 5),
    { ...stateOf(1e-3, 3, "stopped"), reason: "worse" },
    ...STATES.slice(0, 3),
  ];
  const { settings, best } = summarize(partial);
  assertEquals(settings.map(({ finished }) => finished), [3, 2]);
  assertEquals(best!.flags, { learningRate: 1e-5 });
  // A single value has no deviation.
  assertEquals(
    summarize(STATES.slice(0, 1)).settings[0]!.score,
    { mean: 0.5, std: null },
  );
  const byLoss = [[1e-5, 0.4], [1e-3, 0.2], [1e-2, 0.6]].map(([rate, loss]) => {
    const state = stateOf(rate!, 1, "finished");
    const { summary } = state;
    const config = { ...summary!.config, metricForBestModel: "eval_loss" };
    return {
      ...state,
      summary: { ...summary!, config, scores: { loss: loss! } },
    };
  });
  assertEquals(
    summarize(byLoss).settings.map(({ flags }) => flags.learningRate),
    [1e-3, 1e-5, 1e-2],
  );
  assertEquals(summarize([stateOf(1, 1, "pending")]).best, undefined);
});

Deno.test("summarize() breaks ties by the lower loss", () => {
  const tied = [[1e-5, 1, 0.6], [1e-3, 1, 0.5], [1e-3, 2, 0.4], [1e-2, 1, 0.7]]
    .map(([rate, seed, loss]) => {
      const state = stateOf(rate!, seed!, "finished");
      const { summary } = state;
      return {
        ...state,
        summary: { ...summary!, scores: { f1: 0.5, loss: loss! } },
      };
    });
  const { settings, best } = summarize(tied);
  assertEquals(
    settings.map(({ flags }) => flags.learningRate),
    [1e-3, 1e-5, 1e-2],
  );
  assertEquals(best!.run, "learning-rate=0.001_seed=2");
});

Deno.test("resultText() says if no run is better than words alone", () => {
  const withWords = (...words: number[]) =>
    words.map((f1, i) => ({ ...STATES[i]!, words: { f1 } }));
  const text = (...words: number[]) =>
    resultText("runs/s", summarize(withWords(...words)));
  assertStringIncludes(
    text(0.75, 0.75),
    "\nNo run is better than the word baseline, 0.7500\n",
  );
  // The scores are 0.5 and 0.6.
  assertStringIncludes(text(0.75, 0.6), "word baseline, 0.6000, 0.7500\n");
  assertEquals(text(0.75, 0.59).includes("No run"), false);
  assertEquals(
    resultText("runs/s", summarize(STATES)).includes("No run"),
    false,
  );
});

Deno.test("settingsTable() has the test score where there is one", () => {
  const { head, rows } = settingsTable(
    summarize([
      { ...STATES[0]!, test: { f1: 0.25, loss: 1 } },
      STATES[1]!,
    ]),
  );
  assertEquals(head, ["learning-rate", "runs", "f1", "f1, test"]);
  assertEquals(rows, [["1e-5", "2 of 2", "0.5500 ± 0.0707", "0.2500"]]);
});

Deno.test("resultText() says if the runs have different data", () => {
  const note = "different data";
  assertEquals(resultText("runs/s", summarize(STATES)).includes(note), false);
  assertEquals(resultText("runs/s", summarize(STATES)).includes("of 6"), false);
  assertStringIncludes(
    resultText("runs/s", summarize([...STATES, stateOf(1, 1, "unfinished")])),
    "\n6 of 7 runs have finished\n",
  );
  const { summary, ...rest } = STATES[0]!;
  const config = { ...summary!.config, digests: { data: { "a.csv": "01" } } };
  const other = { ...rest, summary: { ...summary!, config } };
  const text = resultText("runs/s", summarize([other, ...STATES.slice(1)]));
  assertStringIncludes(text, note);
  assertMatch(
    text,
    /^learning-rate +runs +f1\n0\.001 +3 of 3 +0\.8000 ± 0\.1000\n/,
  );
});

Deno.test("sweepJson() has no scores of a run that goes on", () => {
  const states = [STATES[0]!, stateOf(1e-3, 1, "unfinished")];
  const { runs, best } = JSON.parse(sweepJson({}, summarize(states)));
  assertEquals(runs.map(({ status }: { status: string }) => status), [
    "finished",
    "unfinished",
  ]);
  assertEquals(runs[0].scores.f1, 0.5);
  assertEquals(runs[1].scores, undefined);
  assertEquals(best.run, "learning-rate=0.00001_seed=1");
});

Deno.test("sweepPage() has the scores, the lines and the reasons", async () => {
  const states = [
    ...STATES.slice(0, 4),
    { ...stateOf(1e-3, 2, "stopped"), reason: "f1 is <low>" },
    stateOf(1e-3, 3, "pending"),
  ];
  const page = await sweepPage(summarize(states), "runs/s");
  checkPage(page);
  assertStringIncludes(page, "0.6000 ± 0.1000");
  assertStringIncludes(page, "stopped: f1 is &lt;low&gt;");
  assertStringIncludes(page, "Parallel coordinates of 4 finished runs");
  assertEquals(page.split("<figure>").length - 1, 4);
  assertEquals(page, await sweepPage(summarize(states), "runs/s"));
  // Before the first run has begun.
  checkPage(await sweepPage(summarize([stateOf(1, 1, "pending")]), "runs/s"));
});
