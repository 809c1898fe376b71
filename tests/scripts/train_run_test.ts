import {
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertStringIncludes,
} from "@std/assert";
import {
  BertForSequenceClassification,
  dataCollatorWithPadding,
  DataLoader,
  loadDataset,
  requestDevice,
  Tokenizer,
} from "../../mod.ts";
import project from "../../deno.json" with { type: "json" };
import { assertAllClose, F64_HOST, GOLDEN_LOSS } from "../helpers/all_close.ts";
import { needs } from "../helpers/permissions.ts";
import { commandOf, GIVEN, trainFixture } from "./train_fixture.ts";

// Nine training rows in batches of 4, 4 and 1; evaluation labels 1 0 1 1 0.
const FLAGS =
  `${GIVEN} --epochs 2 --batch-size 4 --eval-batch-size 2 --learning-rate 1e-4 --logging-steps 1`;
const MODEL_FILES = [
  "config.json",
  "model.safetensors",
  "tokenizer.json",
  "tokenizer_config.json",
];

Deno.test("the train task may only read, and write below runs", () => {
  assertEquals(commandOf("train").permissions, [
    "--allow-read",
    "--allow-write=runs",
  ]);
});

Deno.test(
  needs(
    "train_mrpc.ts writes a run folder, the same for the same seed",
    "read",
    "write",
    "run",
  ),
  async (t) => {
    await using fixture = await trainFixture();
    const run = await fixture.run(`${FLAGS} --output-dir runs/a`);
    assertEquals(run.code, 0, run.stderr);
    const json = async (path: string) => JSON.parse(await fixture.text(path));
    const events = await fixture.events("a");
    const results = await json("runs/a/results.json");
    const { adapter } = results;
    // Three of five rows have label 1: F1 = 2·3 / (2·3 + 2)
    const baseline = { accuracy: 0.6, f1: 0.75 };

    await t.step("the files", async () => {
      assertEquals(await fixture.list("."), ["data", "model", "runs"]);
      assertEquals(await fixture.list("runs"), ["a"]);
      assertEquals(
        await fixture.list("runs/a"),
        ["checkpoint-3", "checkpoint-6", "config.json", "metrics.jsonl"]
          .concat("model", "report.html", "results.json", "tensorboard"),
      );
      assertEquals(
        await fixture.list("runs/a/checkpoint-6"),
        [...MODEL_FILES, "optimizer.safetensors", "trainer_state.json"].sort(),
      );
      assertEquals(
        await fixture.list("runs/a/model"),
        ["README.md", ...MODEL_FILES],
      );
    });

    await t.step(
      "report.html and the model card: the final model",
      async () => {
        const html = await fixture.text("runs/a/report.html");
        // The first of two evaluations that are as good.
        assertStringIncludes(
          html,
          "evaluated on 5 rows of validation after 3 steps",
        );
        assertStringIncludes(html, "majority class 0.600");
        assertStringIncludes(html, '<h2 id="training-title">Training</h2>');
        const card = await fixture.text("runs/a/model/README.md");
        assertStringIncludes(card, "| Accuracy | 0.6000 |");
        assertStringIncludes(card, "| steps of the weights | 3 |");
        assertStringIncludes(card, "fine-tuned on data with gradloop");
      },
    );

    await t.step(
      "config.json: settings, versions, adapter, digests",
      async () => {
        const { versions, digests, ...rest } = await json("runs/a/config.json");
        assertEquals(rest, {
          script: "train_mrpc",
          flags: {
            model: "model",
            data: "data",
            outputDir: "runs/a",
            batchSize: 4,
            evalBatchSize: 2,
            epochs: 2,
            learningRate: 1e-4,
            loggingSteps: 1,
          },
          model: "model",
          noPretrained: null,
          data: "data",
          validationSplit: null,
          delimiter: null,
          outputDir: "runs/a",
          preset: "course",
          batchSize: 4,
          evalBatchSize: 2,
          epochs: 2,
          maxSteps: null,
          learningRate: 1e-4,
          lrSchedulerType: "linear",
          warmupSteps: 0,
          warmupRatio: null,
          weightDecay: 0.01,
          maxGradNorm: 0,
          gradientAccumulationSteps: 1,
          maxLength: 512,
          dropout: null,
          autoBatchSize: null,
          gradientCheckpointing: null,
          fp16: null,
          loraR: null,
          loraAlpha: null,
          loraDropout: null,
          seed: 42,
          loggingSteps: 1,
          saveStrategy: "epoch",
          saveSteps: 500,
          saveTotalLimit: 2,
          loadBestModelAtEnd: true,
          metricForBestModel: "accuracy",
          greaterIsBetter: null,
          earlyStoppingPatience: null,
          earlyStoppingThreshold: 0,
          evalStrategy: "epoch",
          evalSteps: 500,
          debugNan: null,
          retryOnDeviceLost: 0,
          adapter,
        });
        assertEquals(versions, { gradloop: project.version, ...Deno.version });
        assertEquals(
          [Object.keys(digests.model), Object.keys(digests.data)],
          [MODEL_FILES.slice(0, 3), ["train.tsv", "validation.tsv"]],
        );
        for (const digest of Object.values(digests.model)) {
          assertMatch(`${digest}`, /^[0-9a-f]{64}$/);
        }
      },
    );

    await t.step("metrics.jsonl: a line per step and a line per epoch", () => {
      assertEquals(
        events.map(({ event, step, epoch }) => [event, step, epoch]),
        [
          ["step", 1, 0],
          ["step", 2, 0],
          ["step", 3, 0],
          ["eval", 3, 0],
          ["step", 4, 1],
          ["step", 5, 1],
          ["step", 6, 1],
          ["eval", 6, 1],
        ],
      );
      const steps = events.filter(({ event }) => event === "step");
      for (const { loss } of steps) {
        // -log softmax of (0, 1), a little more or less: 1.31 for label 0, 0.31 for label 1
        assertEquals(0.2 < loss && loss < 1.5, true, `${loss}`);
      }
      assertAllClose(
        steps.map(({ learningRate }) => learningRate!),
        [6, 5, 4, 3, 2, 1].map((left) => 1e-4 * left / 6),
        F64_HOST,
      );
      for (const event of events) {
        assertEquals(
          Object.keys(event),
          event.event === "step"
            ? ["event", "step", "epoch", "loss", "learningRate", "gradNorm"]
            : [
              "event",
              "epoch",
              "step",
              "accuracy",
              "f1",
              "loss",
              "trainSeconds",
            ],
        );
      }
    });

    await t.step(
      "results.json: the last evaluation, and the baseline",
      () => {
        const { accuracy, f1, loss } = events.at(-1)!;
        const { seconds, samplesPerSecond } = results;
        assertEquals(results, {
          ...baseline, // every prediction is 1
          loss,
          baseline,
          best: { epoch: 0, step: 3, ...baseline },
          epochs: 2,
          steps: 6,
          seconds,
          samplesPerSecond,
          adapter,
        });
        assertEquals({ accuracy, f1 }, baseline);
        assertEquals(seconds > 0, true);
        assertAllClose([samplesPerSecond * seconds], [2 * 9], F64_HOST);
      },
    );

    await t.step("the output", () => {
      const { stdout } = run;
      assertMatch(stdout, /^Running on \S/);
      assertStringIncludes(stdout, `Running on ${adapter}\n`);
      assertMatch(
        stdout,
        /\nFirst batch: inputIds \[4, (\d+)\] i32, tokenTypeIds \[4, \1\] i32, attentionMask \[4, \1\] i32, labels \[4\] i32\n {2}row 0, label [01]\n {4}segment 0: \[CLS\] [a-z .]+ \[SEP\]\n {4}segment 1: [a-z .]+ \[SEP\]\n {4}padding: \d+ tokens\n {2}row 1, /,
      );
      assertMatch(stdout, /\nOne forward: loss \d\.\d{4}, logits \[4, 2\]\n/);
      assertStringIncludes(
        stdout,
        "\nMajority-class baseline, label 1: accuracy 0.6000, F1 0.7500\n",
      );
      const [, overlap] = stdout.match(
        /\nLogistic regression on word overlap: (accuracy \d\.\d{4}, F1 \d\.\d{4})\n/,
      )!;
      assertMatch(
        stdout,
        /\ntraining 6\/6 {2}loss \d\.\d{4} {2}lr 1\.67e-5 {2}.* samples\/s {2}took \d+:\d\d\n/,
      );
      assertStringIncludes(
        stdout,
        `\nEpoch 2, step 6: accuracy 0.6000, F1 0.7500 (baseline accuracy 0.6000, F1 0.7500; word overlap ${overlap}), loss ${
          Number(results.loss).toFixed(4)
        }, training loss `,
      );
      // Labels 1 0 1 1 0, and every prediction is 1.
      const pair = "probability 0\\.\\d{3}\\n {4}[a-z .]+\\n {4}[a-z .]+\\n";
      const [right, wrong] = [
        `Validation pairs that the model gets right:\\n( {2}predicted LABEL_1, ${pair}){3}`,
        `Validation pairs that the model gets wrong:\\n( {2}predicted LABEL_1, ${
          pair.replace("\\n", ", label LABEL_0\\n")
        }){2}`,
      ];
      assertMatch(
        stdout,
        RegExp(
          `\\n${right}${wrong}The report, a page for the browser, is in runs/a/report\\.html\\nThe model is in runs/a/model\\nLabel a pair with it:\\n {2}\\./denow task predict --model runs/a/model '`,
        ),
      );
      const warning =
        "Warning: every prediction is 1: so far the model is no better than a constant\n";
      assertEquals(run.stderr, warning.repeat(2));
    });

    await t.step("the printed training loss is the mean over the steps", () => {
      const losses = events.slice(4, 7).map(({ loss }) => loss);
      const mean = losses.reduce((sum, loss) => sum + loss) / 3;
      assertStringIncludes(
        run.stdout,
        `, training loss ${
          mean.toFixed(4)
        }\nThe best accuracy was that of step 3: its weights are the model\nValidation pairs`,
      );
    });

    await t.step("model/ is the model of the best evaluation", async () => {
      const folder = `${fixture.path}/runs/a/model`;
      using device = await requestDevice();
      const tokenizer = await Tokenizer.fromPretrained(folder);
      const { validation } = (await loadDataset(`${fixture.path}/data`))
        .map((row) =>
          tokenizer.encode(row.sentence1 as string, row.sentence2 as string)
        )
        .removeColumns(["sentence1", "sentence2", "idx"])
        .renameColumn("label", "labels");
      const batch = await new DataLoader(validation, {
        batchSize: 5,
        collateFn: dataCollatorWithPadding(tokenizer),
      }).first();
      const model = await BertForSequenceClassification.fromPretrained(folder, {
        device,
      });
      assertEquals(model.loadReport, undefined);
      using _scope = device.scope();
      const loss = await model.forward(batch).loss!.item();
      assertAllClose([events[3]!.loss], [loss], GOLDEN_LOSS);
    });

    const bytes = (run: string) =>
      Deno.readFile(`${fixture.path}/runs/${run}/model/model.safetensors`);
    const metrics = async (run: string) =>
      (await fixture.text(`runs/${run}/metrics.jsonl`))
        .replaceAll(/"trainSeconds":[\d.]+/g, "");
    await t.step("the same seed gives the same bytes", async () => {
      const again = await fixture.run(`${FLAGS} --output-dir runs/b --seed 42`);
      assertEquals(again.code, 0, again.stderr);
      assertEquals(await metrics("b"), await metrics("a"));
      assertEquals(await bytes("b"), await bytes("a"));
    });

    await t.step("another seed gives different bytes", async () => {
      const other = await fixture.run(`${FLAGS} --output-dir runs/c --seed 7`);
      assertEquals(other.code, 0, other.stderr);
      assertNotEquals(await metrics("c"), await metrics("a"));
      assertNotEquals(await bytes("c"), await bytes("a"));
    });
  },
);
