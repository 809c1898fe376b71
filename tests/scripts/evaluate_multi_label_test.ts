import { assertEquals, assertMatch } from "@std/assert";
import { multilabelReport } from "../../mod.ts";
import { assertAllClose, GOLDEN_LOSS } from "../helpers/all_close.ts";
import { needs } from "../helpers/permissions.ts";
import { predict, trainFixture } from "./train_fixture.ts";

const LABELS = ["a", "b", "c"];
/** Labels of each row, by number. */
const TRUE = [[0, 2], [], [1], [0, 1, 2], [2], [0]];
const TEXTS = ["rain", "the ferry", "island", "at seven", ".", "leaves"];

Deno.test(
  needs(
    "evaluate.ts scores models that give several labels a row",
    "read",
    "write",
    "run",
  ),
  async (t) => {
    await using fixture = await trainFixture();
    await fixture.saveModel("multi", 3);
    const config = JSON.parse(await fixture.text("multi/config.json"));
    Object.assign(config, {
      "problem_type": "multi_label_classification",
      id2label: { ...LABELS },
      label2id: { a: 0, b: 1, c: 2 },
      thresholds: { a: 0.45, b: 0.5, c: 0.52 },
    });
    await fixture.write("multi/config.json", JSON.stringify(config));
    const named = TRUE.map((row) => row.map((i) => LABELS[i]));
    const flags = TRUE.map((row) =>
      LABELS.map((_, i) => Number(row.includes(i)))
    );
    const table = (extra: (row: number) => object) =>
      TEXTS.map((sentence, row) =>
        JSON.stringify({
          sentence,
          kind: row % 2 ? "odd" : "even",
          ...extra(row),
        })
      ).join("\n");
    await fixture.write("names.jsonl", table((i) => ({ label: named[i] })));
    const tags = (i: number) => ({ label: i === 3 ? "" : named[i]!.join(",") });
    await fixture.write("missing.jsonl", table(tags));
    await fixture.write("numbers.jsonl", table((i) => ({ label: TRUE[i] })));
    await fixture.write(
      "separated.csv",
      "sentence,label\n" +
        TEXTS.map((text, i) => `${text},${named[i]!.join("; ") || ";"}\n`).join(
          "",
        ),
    );
    await fixture.write(
      "columns.csv",
      "sentence,c,a,b\n" +
        TEXTS.map((text, i) =>
          `${text},${flags[i]![2]},${flags[i]![0]},${flags[i]![1]}\n`
        ).join(""),
    );
    const evaluate = (flags: string) =>
      fixture.run(`--model multi ${flags}`, { task: "evaluate" });

    const { stdout } = await predict(
      fixture,
      "--model multi --data names.jsonl",
    );
    const predicted: {
      labels: string[];
      probabilities: Record<string, number>;
    }[] = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
    const run = await evaluate("--data names.jsonl --by kind");
    assertEquals(run.code, 0, run.stderr);
    const result = JSON.parse(run.stdout.trimEnd().split("\n").at(-1)!);

    await t.step("by the labels that predict.ts gives", () => {
      const report = multilabelReport(
        predicted.map(({ labels }) =>
          LABELS.map((label) => Number(labels.includes(label)))
        ),
        flags,
      );
      assertEquals(
        [result.f1Micro, result.f1Macro, result.subsetAccuracy],
        [report.micro.f1, report.macro.f1, report.subsetAccuracy],
      );
      const { label: _, ...ofB } = report.perLabel[1]!;
      assertEquals(result.perClass.b, ofB);
      const right = predicted.map(({ labels }, i) =>
        `${labels}` === `${named[i]}`
      );
      const rate = (first: number) =>
        [0, 2, 4].filter((i) => right[i + first]).length / 3;
      assertEquals(result.by, [
        { value: "even", rows: 3, accuracy: rate(0) },
        { value: "odd", rows: 3, accuracy: rate(1) },
      ]);
    });
    await t.step("and their mean binary cross-entropy", () => {
      // -(y ln p + (1 - y) ln(1 - p))
      const terms = predicted.flatMap(({ probabilities }, i) =>
        LABELS.map((label, k) =>
          -Math.log(
            flags[i]![k] ? probabilities[label]! : 1 - probabilities[label]!,
          )
        )
      );
      const mean = terms.reduce((a, b) => a + b) / terms.length;
      assertAllClose([result.loss], [mean], GOLDEN_LOSS);
    });
    await t.step("in tables", () => {
      assertMatch(run.stdout, /\n +f1Micro +f1Macro +subsetAccuracy +loss\n/);
      assertMatch(
        run.stdout,
        /\nlabel +precision +recall +f1 +support\na +\S+ +\S+ +\S+ +3\nb /,
      );
    });
    for (
      const source of [
        "--data numbers.jsonl",
        "--data separated.csv --label-separator ;",
        "--data columns.csv --label-column c,a,b",
      ]
    ) {
      await t.step(source, async () => {
        const other = await evaluate(`${source} --json`);
        assertEquals(other.code, 0, other.stderr);
        const { perClass, loss } = JSON.parse(other.stdout);
        assertEquals([perClass, loss], [result.perClass, result.loss]);
      });
    }
    await t.step("rows without a label are left out, and said", async () => {
      const flags = "--data missing.jsonl --label-separator , --report";
      const page = "runs/missing.html";
      const left = await evaluate(`${flags} ${page}`);
      assertEquals(left.code, 0, left.stderr);
      // Row 1 has the empty list there, and is empty here.
      assertMatch(
        left.stderr,
        /^missing\.jsonl: 2 of 6 rows left out, without label \(rows 1, 3\); a row with none of the labels has an empty list/m,
      );
      assertMatch(left.stdout, /\nlabel .*\na +\S+ +\S+ +\S+ +2\n/);
      const html = await fixture.text(page);
      assertMatch(html, /evaluated on 4 rows of missing/);
      // The thresholds of config.json, and the rows of the file.
      const wrong = predicted.flatMap(({ labels }, i) =>
        i === 1 || i === 3 || `${labels}` === `${named[i]}` ? [] : [i]
      );
      assertEquals(
        [...html.matchAll(/<th scope="row" class="row-number n">(\d+)/g)]
          .map(([, row]) => Number(row)).sort(),
        wrong,
      );
    });
    const errors: [flags: string, message: string][] = [
      [
        "--data separated.csv",
        'separated.csv has label "a; c" in row 0, and several labels a row are lists of names or of numbers: name the character between two of them with --label-separator',
      ],
      [
        "--data columns.csv --label-column a,b",
        "--label-column names a, b, and the labels of the model are a, b, c: name a column for each of these",
      ],
      [
        "--data columns.csv --label-column a,b,c,a",
        "--label-column names a, b, c, a, and the labels of the model are a, b, c: name a column for each of these",
      ],
      [
        "--data separated.csv --label-separator : ",
        'separated.csv has label "a; c" in row 0, and the labels of the model are a, b, c: correct it, or leave the row out',
      ],
      [
        "--data names.jsonl --label-column a,b,c",
        'names.jsonl has no column "a", only sentence, kind, label: name one of these with --label-column',
      ],
    ];
    for (const [flags, message] of errors) {
      await t.step(message, async () => {
        const { code, error } = await evaluate(flags);
        assertEquals([code, error], [2, `error: ${message}`]);
      });
    }
    await t.step("--label-separator is for these alone", async () => {
      const { code, error } = await fixture.run(
        "--model model --data data --label-separator ,",
        { task: "evaluate" },
      );
      assertEquals([code, error], [
        2,
        "error: --label-separator , is for models that give several labels a row: leave it out",
      ]);
    });
  },
);
