import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { writeArrow } from "../../lib/data/write_arrow.ts";
import { Dataset, loadSafetensors, saveSafetensors } from "../../mod.ts";
import { needs } from "../helpers/permissions.ts";
import {
  type Ended,
  type TrainFixture,
  trainFixture,
} from "./train_fixture.ts";

const MODEL = ["contradiction", "entailment", "neutral"];
const DATA = ["entailment", "neutral", "contradiction"];

const WORDS = ["the", "ferry", "leaves", "island", "at", "seven", "rain", "."];
const PAIRS = Array.from({ length: 24 }, (_, i) => ({
  sentence1: Array.from(
    { length: 2 + i % 5 },
    (_, k) => WORDS[(i + k * k) % WORDS.length],
  ).join(" "),
  sentence2: Array.from(
    { length: 1 + i % 3 },
    (_, k) => WORDS[(3 * i + k) % WORDS.length],
  ).join(" "),
}));

/** Gives a model label names, and a classifier whose predictions differ from row to row. */
async function nameLabels(
  fixture: TrainFixture,
  path: string,
  names: readonly string[],
): Promise<void> {
  await fixture.saveModel(path, names.length);
  const config = JSON.parse(await fixture.text(`${path}/config.json`));
  config.id2label = { ...names };
  config.label2id = Object.fromEntries(names.map((name, i) => [name, i]));
  const writeConfig = (change: object) =>
    fixture.write(
      `${path}/config.json`,
      JSON.stringify({ ...config, ...change }),
    );
  const file = `${path}/model.safetensors`;
  const tensors = loadSafetensors(
    await Deno.readFile(`${fixture.path}/${file}`),
  );
  const { data, ...weight } = tensors.get("classifier.weight")!;
  const scaled = (data as Float32Array).map((value) => 100 * value);
  tensors.set("classifier.weight", { ...weight, data: scaled });
  const bias = new Float32Array(names.length);
  tensors.set("classifier.bias", {
    dtype: "F32",
    shape: [names.length],
    data: bias,
  });
  await fixture.write(file, saveSafetensors(tensors));
  // A bias against the mean of the logits, which regression prints as they are.
  await writeConfig({ problem_type: "regression" });
  const logits = (await predictions(fixture, path))
    .map(({ scores }) => Object.values(scores!));
  bias.set(
    names.map((_, i) =>
      -logits.reduce((sum, row) => sum + row[i]!, 0) / logits.length
    ),
  );
  await fixture.write(file, saveSafetensors(tensors));
  await writeConfig({});
}

/** A line of predict. */
interface Prediction {
  readonly label: string;
  readonly scores?: Record<string, number>;
}

/** Predictions of the pairs. */
async function predictions(
  fixture: TrainFixture,
  model: string,
): Promise<Prediction[]> {
  const { stdout } = await fixture.run(`--model ${model}`, {
    task: "predict",
    stdin: PAIRS.map((pair) => `${Object.values(pair).join("\t")}\n`).join(""),
  });
  return stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
}

/** Writes splits whose labels are numbers with these names in the file. */
async function writeNamed(
  fixture: TrainFixture,
  folder: string,
  labels: readonly string[],
  names: readonly string[],
): Promise<void> {
  const lower = names.map((name) => name.toLowerCase());
  const dataset = new Dataset({
    sentence1: PAIRS.map(({ sentence1 }) => sentence1),
    sentence2: PAIRS.map(({ sentence2 }) => sentence2),
    label: labels.map((label) => lower.indexOf(label)),
  }, { labelNames: { label: names } });
  for (const split of ["train", "validation"]) {
    await fixture.write(`${folder}/${split}.arrow`, writeArrow(dataset));
  }
}

const accuracyOf = ({ stdout, stderr }: Ended): number => {
  const last = stdout.trimEnd().split("\n").at(-1)!;
  return last === "" ? stderr as unknown as number : JSON.parse(last).accuracy;
};

Deno.test(
  needs(
    "evaluate.ts and train_classifier.ts match labels to those of the model by name",
    "read",
    "write",
    "run",
  ),
  async (t) => {
    await using fixture = await trainFixture();
    await nameLabels(fixture, "nli", MODEL);
    const labels = (await predictions(fixture, "nli"))
      .map(({ label }) => label);
    // Else the order of the numbers would not matter.
    assertEquals(new Set(labels).size > 1, true, `${labels}`);
    const evaluate = (flags: string) =>
      fixture.run(flags, { task: "evaluate" });

    await t.step("the names of an Arrow file, in another order", async () => {
      await writeNamed(fixture, "other", labels, DATA);
      const run = await evaluate("--model nli --data other");
      assertEquals(accuracyOf(run), 1);
      assertMatch(run.stdout, /\ntrue \\ predicted +contradiction +entail/);
    });
    await t.step("in capitals, and as text", async () => {
      const capitals = DATA.map((name) => name.toUpperCase());
      await writeNamed(fixture, "capitals", labels, capitals);
      assertEquals(
        accuracyOf(await evaluate("--model nli --data capitals")),
        1,
      );
      const rows = PAIRS.map((pair, i) =>
        JSON.stringify({ ...pair, label: labels[i]!.toUpperCase() })
      );
      await fixture.write("text.jsonl", rows.join("\n"));
      assertEquals(
        accuracyOf(await evaluate("--model nli --data text.jsonl")),
        1,
      );
    });
    await t.step("other names are refused, with both", async () => {
      await writeNamed(fixture, "sentiment", labels.map(() => "neutral"), [
        "negative",
        "neutral",
        "positive",
      ]);
      for (const task of ["evaluate", "check-onnx"] as const) {
        const { code, error } = await fixture.run(
          "--model nli --data sentiment",
          { task, permissions: ["--allow-read"] },
        );
        assertEquals([code, error], [
          2,
          "error: sentiment/validation.arrow has the labels negative, neutral, positive, and those of the model are contradiction, entailment, neutral: evaluate a model that was trained on these labels, or name its labels as here in id2label of its config.json",
        ]);
      }
    });

    const columns = "--text-columns sentence1,sentence2";
    const glue = (flags: string) => fixture.run(flags, { task: "classify" });
    await t.step("training keeps the head and its names", async () => {
      const run = await glue(
        `--model nli --data other ${columns} --max-steps 1 --learning-rate 0 --output-dir runs/a`,
      );
      assertEquals(run.code, 0, run.stderr);
      assertStringIncludes(
        run.stdout,
        "\nLabels are numbered as in the model: contradiction, entailment, neutral\n",
      );
      const results = JSON.parse(await fixture.text("runs/a/results.json"));
      assertEquals(results.accuracy, 1);
      const saved = JSON.parse(await fixture.text("runs/a/model/config.json"));
      assertEquals(saved.id2label, { ...MODEL });
      assertEquals(
        accuracyOf(await evaluate("--model runs/a/model --data other")),
        1,
      );
    });
    await t.step("training on other labels has a new head", async () => {
      const run = await glue(
        `--model nli --data sentiment ${columns} --max-steps 1 --output-dir runs/b`,
      );
      assertEquals(run.code, 0, run.stderr);
      assertStringIncludes(
        run.stdout,
        "\nThe labels of the model are contradiction, entailment, neutral, and those of the data negative, neutral, positive: its head starts from new weights\n",
      );
      assertMatch(run.stdout, /\nclassifier\.weight +\| NEW\n/);
      const saved = JSON.parse(await fixture.text("runs/b/model/config.json"));
      assertEquals(Object.values(saved.id2label), [
        "negative",
        "neutral",
        "positive",
      ]);
    });
  },
);

Deno.test(
  needs(
    "train_mrpc.ts keeps F1 that of label 1 of the data, whatever number the model has for it",
    "read",
    "write",
    "run",
  ),
  async () => {
    await using fixture = await trainFixture();
    const names = ["not_equivalent", "equivalent"];
    await nameLabels(fixture, "swapped", names.toReversed());
    const labels = (await predictions(fixture, "swapped"))
      .map(({ label }) => label);
    labels[0] = names.find((name) => name !== labels[0])!; // one is wrong
    await writeNamed(fixture, "pairs", labels, names);
    const run = await fixture.run(
      "--model swapped --data pairs --max-steps 1 --learning-rate 0 --output-dir runs/a",
    );
    assertEquals(run.code, 0, run.stderr);
    const { accuracy, f1 } = JSON.parse(
      await fixture.text("runs/a/results.json"),
    );
    const positive = labels.filter((label) => label === "equivalent").length;
    const wrong = labels[0] === "equivalent" ? 0 : 1; // predicted too often
    const right = positive - (1 - wrong);
    assertEquals(
      { accuracy, f1 },
      { accuracy: 23 / 24, f1: 2 * right / (2 * right + 1) },
    );
    const evaluated = await fixture.run("--model swapped --data pairs --json", {
      task: "evaluate",
    });
    const scores = JSON.parse(evaluated.stdout);
    assertEquals([scores.accuracy, scores.f1], [accuracy, f1]);
    assertEquals(scores.labels, names.toReversed());
  },
);
