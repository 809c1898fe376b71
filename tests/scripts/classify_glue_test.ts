import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { TASKS } from "../../scripts/classify/tasks.ts";
import parquet from "../data/fixtures/parquet.json" with { type: "json" };
import { needs } from "../helpers/permissions.ts";
import {
  classifyFixture,
  glue,
  jsonl,
  MODEL,
  rowsOf,
  TASK,
} from "./classify_fixture.ts";

Deno.test("the classify task has the permissions of the train task", () => {
  assertEquals(
    TASK,
    "deno run --allow-read --allow-write=runs scripts/train_classifier.ts",
  );
});

Deno.test(
  needs(
    "train_classifier.ts runs every task of GLUE to its end",
    "read",
    "write",
    "run",
  ),
  async (t) => {
    await using fixture = await classifyFixture();
    for (const [name, task] of Object.entries(TASKS)) {
      await t.step(name, async () => {
        const files = {
          train: rowsOf(task, 9, true),
          ...Object.fromEntries(
            task.validation.map((split) => [split, rowsOf(task, 6, true)]),
          ),
          ...Object.fromEntries(
            Object.keys(task.submissions)
              .map((split) => [split, rowsOf(task, 5, false)]),
          ),
        };
        for (const [split, rows] of Object.entries(files)) {
          await fixture.write(`${name}/${split}.jsonl`, jsonl(rows));
        }
        const run = `runs/${name}`;
        const { code, stderr } = await glue(
          fixture,
          `--task ${name} --data ${name} --output-dir ${run} ${MODEL}`,
        );
        assertEquals(code, 0, stderr);
        const results = JSON.parse(await fixture.text(`${run}/results.json`));
        assertEquals(Object.keys(results.validation), [...task.validation]);
        assertEquals(results.steps, 3);
        assert(Number.isFinite(results.loss));
        const config = JSON.parse(
          await fixture.text(`${run}/model/config.json`),
        );
        if (task.labels !== "numbers") {
          assertEquals(config.id2label, { ...task.labels });
        }
        const files2 = Object.values(task.submissions).sort();
        assertEquals(await fixture.list(`${run}/predictions`), files2);
        for (const file of files2) {
          const lines = (await fixture.text(`${run}/predictions/${file}`))
            .trimEnd().split("\n");
          assertEquals(lines[0], "index\tprediction");
          assertEquals(lines.length, 6);
          const allowed = task.labels === "numbers"
            ? /^\d\t-?\d+\.\d{3}$/
            : task.submitted === "names"
            ? new RegExp(`^\\d\t(${task.labels.join("|")})$`)
            : /^\d\t[01]$/;
          for (const line of lines.slice(1)) assert(allowed.test(line), line);
        }
      });
    }
  },
);

Deno.test(
  needs(
    "train_classifier.ts trains to the same bytes on Parquet and on text",
    "read",
    "write",
    "run",
  ),
  async () => {
    await using fixture = await classifyFixture();
    const decode = (name: keyof typeof parquet.files) =>
      Uint8Array.fromBase64(parquet.files[name]);
    await fixture.write(
      "hub/mrpc/train-00000-of-00002.parquet",
      decode("shard0"),
    );
    await fixture.write(
      "hub/mrpc/train-00001-of-00002.parquet",
      decode("shard1"),
    );
    await fixture.write(
      "hub/mrpc/validation-00000-of-00001.parquet",
      decode("pagesVersion2"),
    );
    await fixture.write("js/train.parquet", decode("writerGroups"));
    await fixture.write("js/validation.parquet", decode("writerSnappy"));
    const columns = ["idx", "label", "sentence1", "sentence2"] as const;
    const tsv = [
      columns,
      ...parquet.rows.map((row) => columns.map((c) => row[c])),
    ]
      .map((row) => row.join("\t") + "\n").join("");
    await fixture.write("text/train.tsv", tsv);
    await fixture.write("text/validation.tsv", tsv);
    const weights: string[] = [];
    for (const data of ["hub", "js", "text"]) {
      const { code, stderr } = await glue(
        fixture,
        `--task mrpc --max-length 32 --data ${data} --output-dir runs/${data} ${MODEL}`,
      );
      assertEquals(code, 0, stderr);
      const bytes = await Deno.readFile(
        `${fixture.path}/runs/${data}/model/model.safetensors`,
      );
      weights.push(bytes.toBase64());
    }
    assertEquals(new Set(weights).size, 1);
  },
);

Deno.test(
  needs(
    "train_classifier.ts reports errors before the first step, and writes nothing",
    "read",
    "write",
    "run",
  ),
  async (t) => {
    await using fixture = await classifyFixture();
    const row = (label: unknown, text: unknown = "rain") => ({ text, label });
    const data = async (
      name: string,
      train: object[],
      validation: object[],
    ) => {
      await fixture.write(`${name}/train.jsonl`, jsonl(train));
      await fixture.write(`${name}/validation.jsonl`, jsonl(validation));
    };
    const custom = (name: string) =>
      `--data ${name} --text-columns text ${MODEL}`;
    await data("good", [row("a"), row("b")], [row("a")]);
    await data("other", [row("a"), row("b")], [row("c")]);
    await data("types", [row("a"), row("b")], [row(0)]);
    await data("missing", [row("a"), row(null), row("")], [row("a")]);
    await data("minus", [row(0), row(1)], [row(1), row(-1)]);
    const pair = { sentence1: null, sentence2: "rain", label: 0 };
    await data("null", [pair], [pair]);
    await data("mixed", [row("a"), row(1)], [row("a")]);
    await data("mrpc", [{ sentence1: "a", sentence2: "b", label: 2 }], [
      { sentence1: "a", sentence2: "b", label: 0 },
    ]);
    const cases: [flags: string, message: string][] = [
      [
        "--epochs 1",
        "Nothing to train on: give --data with a file of texts and labels, or --task cola|sst2|mrpc|qqp|stsb|mnli|qnli|rte|wnli",
      ],
      [
        "--task snli",
        '--task must be one of cola, sst2, mrpc, qqp, stsb, mnli, qnli, rte, wnli, not "snli"',
      ],
      [
        "--task mrpc --text-columns a",
        "--task mrpc defines its columns: leave out --text-columns and --label-column, or --task",
      ],
      [
        "--data good --text-columns a,b,c",
        '--text-columns must be one column, or two separated by a comma, not "a,b,c"',
      ],
      [
        "--task mrpc",
        "--model google-bert/bert-base-uncased is not a folder, and data/hub has nothing of that name: fetch it with deno task fetch --model google-bert/bert-base-uncased, or check the path",
      ],
      [
        "--task rte --model model",
        "--data nyu-mll/glue:rte is not a folder, and data/hub has nothing of that name: fetch it with deno task fetch --dataset nyu-mll/glue:rte, or check the path",
      ],
      [
        `--data good --text-columns nope ${MODEL}`,
        'good/train.jsonl has no column "nope", only text, label: name one of these with --text-columns',
      ],
      [
        `--task rte --data good ${MODEL}`,
        'good/train.jsonl has no column "sentence1", only text, label: name its columns as GLUE does, sentence1, sentence2, label, or leave out --task and name yours with --text-columns and --label-column',
      ],
      [
        `${custom("good")} --label-column text`,
        "--text-columns text and --label-column text must be different columns: name each once",
      ],
      [
        `${custom("good")} --output-dir elsewhere`,
        "--output-dir elsewhere cannot be written with the permissions given, which for the classify task cover runs alone: name a folder below runs, or use deno run --allow-read --allow-write=elsewhere scripts/train_classifier.ts …",
      ],
      [
        `${custom("good")} --metric-for-best-model recall`,
        '--metric-for-best-model must be one of f1, accuracy, loss, not "recall"',
      ],
      [
        `${custom("good")} --label-column nope`,
        'good/train.jsonl has no column "nope", only text, label: name one of these with --label-column',
      ],
      [
        custom("other"),
        'other/validation.jsonl has label "c" in row 0, and the labels are a, b: correct it, or leave the row out',
      ],
      [
        custom("types"),
        "types/validation.jsonl has label 0 in row 0, and the labels are a, b",
      ],
      [
        custom("missing"),
        'missing/train.jsonl has only the label "a" in column "label": there is nothing to learn',
      ],
      [
        custom("minus"),
        "minus/validation.jsonl has label -1 in row 1, and the labels are 0, 1: correct it, or leave the row out",
      ],
      [
        `--task rte --data null ${MODEL}`,
        'null/train.jsonl has no text in column "sentence1" of row 0: it must be text',
      ],
      [
        custom("mixed"),
        'mixed/train.jsonl has labels of type string and number in column "label": they must be all text, all numbers, or all true and false',
      ],
      [
        `--task mrpc --data mrpc ${MODEL}`,
        "mrpc/train.jsonl has label 2 in row 0, and the labels are not_equivalent, equivalent",
      ],
      [
        `--task mnli --data good/train.jsonl ${MODEL}`,
        "--data good/train.jsonl is one file, and the task needs validation_matched: give a folder with train, validation_matched, validation_mismatched",
      ],
      [
        `--data good/validation.jsonl --text-columns text ${MODEL}`,
        "--data good/validation.jsonl is one file of 1 rows, and --validation-split 0.1 of them is 1: it needs rows for training and for validation",
      ],
      [
        `--task mnli --data good ${MODEL}`,
        "Cannot load good: it has no validation_matched split",
      ],
    ];
    for (const [flags, message] of cases) {
      await t.step(flags, async () => {
        const { code, error } = await glue(fixture, flags);
        assertStringIncludes(error, message);
        assertEquals(code, 2);
        const left = await fixture.list(".");
        assertEquals(left.includes("runs"), false);
      });
    }
  },
);
