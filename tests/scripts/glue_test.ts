import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import project from "../../deno.json" with { type: "json" };
import { TASKS } from "../../scripts/glue/tasks.ts";
import { loadSafetensors, saveSafetensors } from "../../mod.ts";
import parquet from "../data/fixtures/parquet.json" with { type: "json" };
import { needs, ROOT } from "../helpers/permissions.ts";
import {
  type Ended,
  type TrainFixture,
  trainFixture,
} from "./train_fixture.ts";

const TASK = project.tasks.glue.command;
const SCRIPT = new URL("scripts/train_glue.ts", ROOT).href;

/** Runs the script as `deno task glue` does. */
async function glue(fixture: TrainFixture, flags: string): Promise<Ended> {
  const output = await new Deno.Command("deno", {
    args: [
      "run",
      "--no-prompt",
      ...TASK.split(" ").slice(2, -1),
      SCRIPT,
      ...flags.split(" "),
    ],
    cwd: fixture.url,
    stdin: "null",
  }).output();
  const [stdout, stderr] = [output.stdout, output.stderr]
    .map((bytes) => new TextDecoder().decode(bytes));
  const error = stderr!.trimEnd().split("\n").at(-1)!;
  return { code: output.code, stdout: stdout!, stderr: stderr!, error };
}

/** A fixture with a model without a head, as pretrained models are. */
async function glueFixture(): Promise<TrainFixture> {
  const fixture = await trainFixture();
  const path = `${fixture.path}/model/model.safetensors`;
  const tensors = loadSafetensors(await Deno.readFile(path));
  const rest = [...tensors].filter(([name]) => !name.startsWith("classifier"));
  await Deno.writeFile(path, saveSafetensors(Object.fromEntries(rest)));
  return fixture;
}

const WORDS = ["the", "ferry", "leaves", "island", "at", "seven", "rain", "."];
const sentence = (i: number, length: number) =>
  Array.from({ length }, (_, k) => WORDS[(i + k * k) % WORDS.length]).join(" ");

/** Rows as in GLUE: labels are numbers, -1 if they are not public. */
function rowsOf(
  task: typeof TASKS[keyof typeof TASKS],
  count: number,
  known: boolean,
): Record<string, unknown>[] {
  const classes = task.labels === "numbers" ? 0 : task.labels.length;
  return Array.from({ length: count }, (_, i) => ({
    ...Object.fromEntries(
      task.textColumns.map((name, k) => [name, sentence(i + k, 2 + i % 4)]),
    ),
    label: known ? classes ? i % classes : i % 6 * 0.8 : -1,
    idx: i,
  }));
}

const jsonl = (rows: object[]) =>
  rows.map((row) => JSON.stringify(row) + "\n").join("");

const MODEL = "--model model --epochs 1 --batch-size 4";

Deno.test("the glue task has the permissions of the train task", () => {
  assertEquals(
    TASK,
    "deno run --allow-read --allow-write=runs scripts/train_glue.ts",
  );
});

Deno.test(
  needs(
    "train_glue.ts runs every task of GLUE to its end",
    "read",
    "write",
    "run",
  ),
  async (t) => {
    await using fixture = await glueFixture();
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
  needs("train_glue.ts trains on the user's own files", "read", "write", "run"),
  async (t) => {
    await using fixture = await glueFixture();
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
    await t.step("whole numbers other than 0, 1, …", async () => {
      await write("stars", (i) => 1 + i % 2 * 4);
      const { config } = await run("stars", "title");
      assertEquals(config.id2label, { 0: "1", 1: "5" });
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

Deno.test(
  needs(
    "train_glue.ts trains to the same bytes on Parquet and on text",
    "read",
    "write",
    "run",
  ),
  async () => {
    await using fixture = await glueFixture();
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
    "train_glue.ts reports errors before the first step, and writes nothing",
    "read",
    "write",
    "run",
  ),
  async (t) => {
    await using fixture = await glueFixture();
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
    await data("null", [row("a", null)], [row("a")]);
    await data("mixed", [row("a"), row(1)], [row("a")]);
    await data("mrpc", [{ sentence1: "a", sentence2: "b", label: 2 }], [
      { sentence1: "a", sentence2: "b", label: 0 },
    ]);
    const cases: [flags: string, message: string][] = [
      [
        "--epochs 1",
        "Nothing to train on: give --task cola|sst2|mrpc|qqp|stsb|mnli|qnli|rte|wnli, or --data and --text-columns for your own files",
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
        "--output-dir elsewhere cannot be written with the permissions given, which for the glue task cover runs alone: name a folder below runs, or use deno run --allow-read --allow-write=elsewhere scripts/train_glue.ts …",
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
        "missing/train.jsonl has 2 of 3 rows without a label, the first of them row 1: leave these rows out",
      ],
      [
        custom("minus"),
        "minus/validation.jsonl has 1 of 2 rows without a label, the first of them row 1",
      ],
      [
        custom("null"),
        'null/train.jsonl has no text in column "text" of row 0: it must be text',
      ],
      [
        custom("mixed"),
        'mixed/train.jsonl has labels of type string and number in column "label": they must be all text or all numbers',
      ],
      [
        `--task mrpc --data mrpc ${MODEL}`,
        "mrpc/train.jsonl has label 2 in row 0, and the labels are not_equivalent, equivalent",
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
