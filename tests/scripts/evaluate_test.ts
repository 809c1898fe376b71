import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { assertAllClose, GOLDEN_LOSS } from "../helpers/all_close.ts";
import { needs } from "../helpers/permissions.ts";
import {
  commandOf,
  type Ended,
  GIVEN,
  type StartOptions,
  trainFixture,
} from "./train_fixture.ts";

Deno.test("the evaluate task may only read, and write below runs", () => {
  assertEquals(commandOf("evaluate").permissions, [
    "--allow-read",
    "--allow-write=runs",
  ]);
});

Deno.test(
  needs(
    "evaluate.ts agrees with training, and writes nothing but a report",
    "read",
    "write",
    "run",
  ),
  async (t) => {
    await using fixture = await trainFixture();
    const evaluate = (flags: string, options: StartOptions = {}) =>
      fixture.run(flags, { task: "evaluate", ...options });
    const trained = await fixture.run(
      `${GIVEN} --epochs 3 --learning-rate 1e-2 --output-dir runs/a`,
    );
    assertEquals(trained.code, 0, trained.stderr);
    const { best, baseline } = JSON.parse(
      await fixture.text("runs/a/results.json"),
    );
    // The saved model is that of the best epoch.
    const results = (await fixture.events("a"))
      .find(({ event, epoch }) => event === "eval" && epoch === best.epoch)!;

    const flags = "--model runs/a/model --data data";
    const run = await evaluate(flags);
    await t.step("the same scores, loss and baseline", () => {
      assertEquals(run.code, 0, run.stderr);
      const { accuracy, f1, loss, rows, split, ...others } = lastLine(run);
      assertEquals({ accuracy, f1, rows, split }, {
        accuracy: results.accuracy!,
        f1: results.f1!,
        rows: 5,
        split: "validation",
      });
      assertAllClose([loss], [results.loss], GOLDEN_LOSS);
      assertEquals(
        { accuracy: others.baseline.accuracy, f1: others.baseline.f1 },
        baseline,
      );
      assertEquals(others.baseline.label, "LABEL_1");
    });
    await t.step("tables, or JSON only", async () => {
      const { stdout } = run;
      assertStringIncludes(
        stdout,
        "runs/a/model on validation of data: 5 rows\n",
      );
      assertMatch(
        stdout,
        /\n +accuracy +f1 +matthewsCorrelation +loss\nmodel /,
      );
      assertMatch(stdout, /\nmajority class, LABEL_1 +0\.6 +0\.75 +0\n/);
      assertMatch(
        stdout,
        /\ntrue \\ predicted +LABEL_0 +LABEL_1\nLABEL_0 +\d +\d\nLABEL_1 +\d +\d\n/,
      );
      const json = await evaluate(`${flags} --json`);
      assertEquals(json.stdout, `${stdout.trimEnd().split("\n").at(-1)}\n`);
    });
    await t.step("columns and labels by name", async () => {
      const renamed = (await fixture.text("data/validation.tsv"))
        .replace("idx\tlabel\tsentence1\tsentence2", "idx\tsame\ta\tb")
        .replace(/^(\d+\t)(\d)/gm, "$1LABEL_$2");
      await fixture.write("own/test.tsv", renamed);
      const own = await evaluate(
        "--model runs/a/model --data own --split test --text-columns a,b --label-column same",
      );
      assertEquals(own.code, 0, own.stderr);
      const { accuracy, confusionMatrix } = lastLine(own);
      assertEquals(
        { accuracy, confusionMatrix },
        {
          accuracy: results.accuracy!,
          confusionMatrix: lastLine(run).confusionMatrix,
        },
      );
    });
    await t.step("the accuracy for each value of a column", async () => {
      const { stdout, stderr, code } = await evaluate(`${flags} --by label`);
      assertEquals(code, 0, stderr);
      const { by, confusionMatrix } = lastLine({ stdout } as Ended);
      const [[zeros0, zeros1], [ones0, ones1]] = confusionMatrix;
      assertEquals(by, [
        { value: "1", rows: 3, accuracy: ones1 / (ones0 + ones1) },
        { value: "0", rows: 2, accuracy: zeros0 / (zeros0 + zeros1) },
      ]);
      assertMatch(stdout, /\nlabel +rows +accuracy\n1 +3 +\S+\n0 +2 +\S+\n/);
    });
    await t.step("regression", async () => {
      await fixture.saveModel("regression", 1);
      const scores = await evaluate("--model regression --data data");
      assertEquals(scores.code, 0, scores.stderr);
      assertEquals(Object.keys(lastLine(scores)).slice(4), [
        "pearson",
        "spearmanr",
        "loss",
      ]);
      const by = await evaluate(
        "--model regression --data data --by label",
      );
      assertEquals([by.code, by.error], [
        2,
        "error: --by label needs labels to count, and regression predicts numbers: leave it out",
      ]);
    });
    await t.step(
      "a row of 5,000 words is truncated, with one warning",
      async () => {
        await fixture.write(
          "long/test.tsv",
          `sentence1\tsentence2\tlabel\n${"rain ".repeat(5000)}\train\t1\n`,
        );
        const long = await evaluate("--model model --data long --split test");
        assertEquals(long.code, 0, long.stderr);
        assertEquals(long.stderr.match(/were truncated\n/g)?.length, 1);
      },
    );
    await t.step(
      "columns of other names, where one reading is possible",
      async () => {
        const renamed = (await fixture.text("data/validation.tsv"))
          .replace(
            "idx\tlabel\tsentence1\tsentence2",
            "idx\tkind\ttext1\ttext2",
          );
        await fixture.write("own/guess.tsv", renamed);
        const own = await evaluate(
          "--model runs/a/model --data own/guess.tsv --json",
        );
        assertEquals(own.code, 0, own.stderr);
        assertMatch(
          own.stderr,
          /^Text columns: text1, text2; label column: kind$/m,
        );
        assertEquals(lastLine(own).accuracy, results.accuracy);
        assertEquals(/column/.test(run.stderr), false); // GLUE's are no guess
      },
    );
    await t.step("nothing was written", async () => {
      assertEquals(await fixture.list("runs"), ["a"]);
      assertEquals(
        await fixture.list("."),
        ["data", "long", "model", "own", "regression", "runs"],
      );
    });
    await t.step("--report writes a page beside the model", async () => {
      const before = await fixture.list("runs/a");
      const page = await evaluate(`${flags} --json --report`);
      assertEquals(page.code, 0, page.stderr);
      assertEquals(
        page.error,
        "The report is in runs/a/report-validation.html",
      );
      assertEquals(page.stdout, `${run.stdout.trimEnd().split("\n").at(-1)}\n`);
      assertEquals(
        await fixture.list("runs/a"),
        [...before, "report-validation.html"].sort(),
      );
      const html = await fixture.text("runs/a/report-validation.html");
      assertStringIncludes(
        html,
        '<h1 dir="auto">runs/a/model on validation of data</h1>',
      );
      assertStringIncludes(html, "evaluated on 5 rows of validation");
      assertStringIncludes(html, "Likely label errors");
      assertStringIncludes(html, "majority class 0.600");
      assertStringIncludes(
        html,
        "./denow task evaluate --model runs/a/model --data data --report runs/a/report-validation.html",
      );
      assertMatch(html, /SHA-256 of the model/);
    });
    await t.step("--report FILE, of one file", async () => {
      const page = await evaluate(
        "--model runs/a/model --data own/guess.tsv --report runs/new/own.html",
      );
      assertEquals(page.code, 0, page.stderr);
      const html = await fixture.text("runs/new/own.html");
      assertStringIncludes(html, "evaluated on 5 rows of guess");
    });
  },
);

// deno-lint-ignore no-explicit-any -- each test reads other fields
function lastLine({ stdout }: Ended): any {
  return JSON.parse(stdout.trimEnd().split("\n").at(-1)!);
}

Deno.test(
  needs(
    "evaluate.ts reports errors with code 2 and nothing on stdout",
    "read",
    "write",
    "run",
  ),
  async (t) => {
    await using fixture = await trainFixture();
    await fixture.write("no-tokenizer/config.json", "{}");
    const splits = {
      "empty": "",
      "column": "sentence1\tsentence2\nrain\train\n",
      "text": "sentence1\tlabel\tidx\nrain\t1\t0\n",
      "hidden": "sentence1\tsentence2\tlabel\nrain\train\t-1\n",
      "utf8": Uint8Array.of(0x72, 0xff, 0x0a),
    };
    for (const [name, content] of Object.entries(splits)) {
      await fixture.write(`${name}/test.tsv`, content);
    }
    const cases: [flags: string, message: string][] = [
      [
        "--data data",
        "Missing --model: give the model folder of a run, such as runs/…/model",
      ],
      [
        "--model nowhere --data data",
        "Cannot read nowhere: there is no such file or folder; name the folder of a model; download one of the Hugging Face Hub with deno task fetch --model OWNER/NAME",
      ],
      [
        "--model no-tokenizer --data data",
        "Cannot read a tokenizer from no-tokenizer: it has no tokenizer.json; transformers writes one with AutoTokenizer.from_pretrained(…).save_pretrained(…)",
      ],
      [
        "--model model --data nowhere",
        "Cannot read nowhere: there is no such file or folder; check the path",
      ],
      [
        "--model model --data data --split test",
        "Cannot load data: it has no test split; looked for test.arrow, test.parquet, test.tsv, test.csv, test.jsonl, test.json, test-00000-of-00001.parquet and found train.tsv, validation.tsv; add such a file, or name another folder",
      ],
      [
        "--model model --split test --data empty",
        "Cannot read empty/test.tsv: the file is empty; write or download it again",
      ],
      [
        "--model model --split test --data column",
        "column/test.tsv has the columns sentence1, sentence2, and none can be told to be that of the labels: name it with --label-column, or several of 0 and 1 for several labels a row, separated by commas",
      ],
      [
        "--model model --data data --label-column sentence1,label --text-columns sentence2",
        "--label-column sentence1,label is for models that give several labels a row: name one column",
      ],
      [
        "--model model --data data --report",
        "--report report-validation.html cannot be written with the permissions given, which for the evaluate task cover runs alone: name a file below runs, or use deno run --allow-read --allow-write=. scripts/evaluate.ts …",
      ],
      [
        "--model model --data data --report runs/page.htm",
        '--report must be a file that ends in .html, not "runs/page.htm"',
      ],
      [
        "--model model --split validation --data data --by kind",
        'data/validation.tsv has no column "kind", only idx, label, sentence1, sentence2: give --by one of these',
      ],
      [
        "--model model --split test --data text",
        "text/test.tsv has the columns sentence1, label, idx, and none can be told to be that of the texts: name it with --text-columns, or two for pairs, separated by commas",
      ],
      [
        "--model model --split test --data hidden",
        "hidden/test.tsv has label -1 in row 0, and the labels of the model are LABEL_0, LABEL_1: rows without a label can be predicted, not evaluated",
      ],
      [
        "--model model --split test --data utf8",
        'Cannot read utf8/test.tsv: it is not UTF-8 text in line 1; save it in that encoding, in Excel as "CSV UTF-8"',
      ],
      [
        "--model model data",
        'Unexpected argument "data": every value follows its flag, see --help',
      ],
    ];
    for (const [flags, message] of cases) {
      await t.step(flags, async () => {
        const { code, error, stdout, stderr } = await fixture.run(flags, {
          task: "evaluate",
        });
        assertEquals({ code, error, stdout }, {
          code: 2,
          error: `error: ${message}`,
          stdout: "",
        });
        assertEquals(/^ +at /m.test(stderr), false, stderr);
      });
    }
    await t.step("--help needs no permission", async () => {
      const { code, stdout, stderr } = await fixture.run("--help", {
        task: "evaluate",
        permissions: [],
      });
      assertEquals([code, stderr], [0, ""]);
      assertStringIncludes(stdout, "./denow task evaluate --model DIR");
    });
  },
);
