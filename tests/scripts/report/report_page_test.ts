import { assert, assertEquals, assertMatch } from "@std/assert";
import { reportHtml } from "../../../scripts/report/report_page.ts";
import { checkPage } from "./page_checks.ts";
import {
  binaryData,
  CLASSES,
  classesData,
  HOSTILE,
  multiLabelData,
  regressionData,
} from "./report_fixture.ts";

const sectionsOf = (page: string) =>
  [...page.matchAll(/<section\s+id="(\w+)"/g)].map(([, id]) => id);

/** HTML of a section. */
function section(page: string, id: string): string {
  const start = page.search(new RegExp(`<section\\s+id="${id}"`));
  return page.slice(start, page.indexOf("</section>", start));
}

/** Words of a piece of HTML. */
const words = (html: string) =>
  html.replaceAll(/<[^>]+>/g, " ").replaceAll(/\s+/g, " ");

Deno.test("reportHtml() of classes has every section, twice the same", async () => {
  const page = await reportHtml(classesData(60, 200));
  checkPage(page);
  assertEquals(sectionsOf(page), [
    "scores",
    "training",
    "classes",
    "confidence",
    "rows",
    "data",
    "settings",
  ]);
  assertEquals(await reportHtml(classesData(60, 200)), page);
});

Deno.test("reportHtml() has the scores of other splits, but for the training rows", async () => {
  const data = classesData(60, 60);
  const { rows } = data.evaluation;
  const right = rows.filter(({ label, predictions }) =>
    predictions.indexOf(Math.max(...predictions)) === label
  );
  const page = await reportHtml({
    ...data,
    others: [{ split: "train", rows }, { split: "test", rows: right }],
  });
  checkPage(page);
  const scores = words(section(page, "scores"));
  assertMatch(
    scores,
    new RegExp(
      `Scores on test No setting was chosen by these ${right.length} rows, .* Accuracy share of rows predicted right 1\\.000 1\\.000 – 1\\.000`,
    ),
  );
  assert(!scores.includes("Scores on train"));
});

Deno.test("reportHtml() of two classes has the curves of thresholds", async () => {
  const page = await reportHtml(binaryData(60));
  checkPage(page);
  assertMatch(page, /<h3>Thresholds<\/h3>/);
  assert(!(await reportHtml(classesData(60, 60))).includes("Thresholds"));
});

Deno.test("reportHtml() of several labels has their thresholds", async () => {
  const page = await reportHtml(multiLabelData(60));
  checkPage(page);
  assertMatch(words(section(page, "classes")), /Threshold account .* 0\.400/);
  assert(!page.includes("Confusion matrix"));
});

Deno.test("reportHtml() of a regression has both texts, and no classes", async () => {
  const page = await reportHtml(regressionData(60));
  checkPage(page);
  assert(!sectionsOf(page).includes("confidence"));
  assertMatch(section(page, "rows"), /a second text/);
});

Deno.test("reportHtml() shows hostile texts and names, and runs none", async () => {
  const data = classesData(60, 200);
  const hostile = {
    ...data,
    title: HOSTILE[0]!,
    labelNames: CLASSES.map((name, i) => HOSTILE[i] || name),
    command: HOSTILE[1]!,
    baselines: { [HOSTILE[0]!]: { accuracy: 0.5 } },
    config: { ...data.config, flags: { [HOSTILE[0]!]: HOSTILE[1] } },
  };
  const page = await reportHtml(hostile);
  checkPage(page);
  assert(page.includes("&lt;script&gt;document.title"));
  assert(page.includes("&lt;img src=x onerror=alert(1)&gt;"));
  assert(!page.includes("\x07") && page.isWellFormed());
});

Deno.test("reportHtml() of very long texts and many classes stays small", async () => {
  const data = classesData(300, 300);
  const texts = ["&".repeat(20_000), "😀".repeat(20_000)];
  const many = Array.from({ length: 150 }, (_, i) => `class ${i} `.repeat(20));
  const page = await reportHtml({
    ...data,
    labelNames: many,
    evaluation: {
      ...data.evaluation,
      rows: data.evaluation.rows.map((row, i) => ({
        ...row,
        texts,
        label: i % 150,
        predictions: many.map((_, j) => j === (i * 7) % 150 ? 0.7 : 0.3 / 149),
      })),
    },
    labels: { train: data.labels.train!.map((_, i) => i % 150) },
    train: {
      ...data.train!,
      texts: data.train!.texts.map(() => texts),
      tokens: data.train!.tokens.map(() => 600),
    },
    duplicates: Array.from({ length: 100 }, (_, row) => ({
      values: texts,
      rows: [{ split: "train", row }, { split: "validation", row }],
    })),
  });
  checkPage(page);
  assert(new TextEncoder().encode(page).length < 1_500_000);
  assertMatch(page, /130 others/);
});

/** Row numbers in the table of likely label errors. */
const rowNumbers = (page: string) =>
  [...section(page, "rows").matchAll(/<th scope="row"[^>]*>\s*([\d,]+)/g)]
    .map(([, number]) => Number(number!.replace(",", "")));

Deno.test("reportHtml() lists likely label errors by their number in the file", async () => {
  const numbers = rowNumbers(await reportHtml(classesData(60, 200)));
  // Three of sixty labels are wrong on purpose; the model is right on most others.
  for (const row of [4, 204, 404]) {
    assert(numbers.slice(0, 8).includes(row), `${row} of ${numbers}`);
  }
});

Deno.test("reportHtml() lists fifty rows of all splits", async () => {
  const data = classesData(60, 200);
  const wrong = data.evaluation.rows.map((row, i) => ({
    ...row,
    row: i,
    label: 0,
    predictions: [0.01, 0.99, 0, 0, 0, 0, 0],
  }));
  const page = await reportHtml({
    ...data,
    others: [{ split: "train", rows: wrong }],
  });
  checkPage(page);
  assertEquals(rowNumbers(page).length, 50);
  assertMatch(section(page, "rows"), /<small>\s*train\s*<\/small>/);
  assertMatch(section(page, "rows"), /Rows of validation and train with/);
  assertMatch(section(page, "rows"), /in a spreadsheet, add 2\)/);
  const rows = data.evaluation.rows.map((row) => ({
    ...row,
    label: 1,
    predictions: [0, 1, 0, 0, 0, 0, 0],
  }));
  const right = await reportHtml({
    ...data,
    evaluation: { ...data.evaluation, rows },
  });
  checkPage(right);
  assertMatch(
    section(right, "rows"),
    /Every row is predicted as it is labelled/,
  );
});

Deno.test("reportHtml() lists truncated rows and duplicates", async () => {
  const data = section(await reportHtml(classesData(60, 200)), "data");
  const text = words(data);
  assertMatch(text, /4 training rows of 200 are longer than 128 tokens/);
  assertMatch(text, /train 3 \w+[ &;\w]* train 7 [ &;\w]*validation 404 /);
  assertMatch(
    text,
    /1 text occurs more than once: 1 row of validation is in the training rows too, 1 row repeats an earlier one of the same split, 1 text has different labels/,
  );
});

Deno.test("reportHtml() of an evaluation needs no run", async () => {
  const { train: _, duplicates: __, rowNumbers: ___, ...data } = classesData(
    60,
  );
  const page = await reportHtml({
    ...data,
    events: [],
    baselines: {},
    evaluation: { split: "test", rows: data.evaluation.rows },
    labels: { test: data.labels.validation! },
    config: {},
  });
  checkPage(page);
  assertEquals(sectionsOf(page).includes("training"), false);
  assert(!page.includes("Lengths"));
  assertMatch(
    words(page),
    /7 classes · test 60 rows · evaluated on 60 rows of test /,
  );
});

Deno.test("reportHtml() draws few steps one by one, and evaluations within an epoch by step", async () => {
  const data = classesData(60, 200);
  const events = [
    { event: "step", step: 1, epoch: 0, loss: 0.7, learningRate: 0 },
    { event: "eval", step: 1, epoch: 0, accuracy: 0.5, loss: 0.6 },
    {
      event: "step",
      step: 2,
      epoch: 0,
      loss: 0.6,
      learningRate: 0,
      gradNorm: 2,
    },
    { event: "eval", step: 2, epoch: 0, accuracy: 0.75, loss: 0.5 },
  ];
  const page = await reportHtml({ ...data, events });
  checkPage(page);
  const training = words(section(page, "training"));
  assertMatch(
    training,
    /Scores by step .* Step Accuracy Loss 1 0\.500 0\.600 2 0\.750 0\.500/,
  );
  assertMatch(training, /Gradient norm/);
  assert(!training.includes("logged steps"));
});
