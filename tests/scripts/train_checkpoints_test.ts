import {
  assertEquals,
  assertNotEquals,
  assertStringIncludes,
} from "@std/assert";
import { checkpointSteps } from "../../scripts/run_folder/checkpoints.ts";
import { needs } from "../helpers/permissions.ts";
import { GIVEN, type TrainFixture, trainFixture } from "./train_fixture.ts";

// Three steps an epoch, in which the losses fall.
const FLAGS =
  `${GIVEN} --batch-size 4 --learning-rate 1e-3 --dropout 0 --logging-steps 1`;

const weights = (fixture: TrainFixture, path: string) =>
  Deno.readFile(`${fixture.path}/runs/${path}/model.safetensors`);

/** `results.json` without times, and the lines of `metrics.jsonl` without them. */
async function outcome(fixture: TrainFixture, run: string) {
  const { seconds, samplesPerSecond, ...results } = JSON.parse(
    await fixture.text(`runs/${run}/results.json`),
  );
  const events = (await fixture.events(run))
    .map(({ trainSeconds: _, ...event }) => event);
  return { results, events, seconds, samplesPerSecond };
}

Deno.test(
  needs(
    "train_mrpc.ts stops early, and ends with the weights of the best evaluation",
    "read",
    "write",
    "run",
  ),
  async (t) => {
    await using fixture = await trainFixture();
    // The greatest loss is that of the first evaluation.
    const best = "--metric-for-best-model eval_loss --greater-is-better";
    await t.step("--load-best-model-at-end, the default", async () => {
      const run = await fixture.run(
        `${FLAGS} ${best} --epochs 9 --early-stopping-patience 2 --save-total-limit 1 --output-dir runs/a`,
      );
      assertEquals(run.code, 0, run.stderr);
      assertStringIncludes(
        run.stdout,
        "\nNo better loss in 2 evaluations: training stops\nThe best loss was that of step 3: its weights are the model\n",
      );
      const { results, events } = await outcome(fixture, "a");
      const losses = events.filter(({ event }) => event === "eval")
        .map(({ loss }) => loss);
      assertEquals(losses, losses.toSorted((a, b) => b - a));
      assertEquals(
        [results.steps, results.epochs, results.best.step, results.loss],
        [9, 3, 3, losses.at(-1)],
      );
      // The limit is 1, and the best one is kept besides.
      const names = await fixture.list("runs/a");
      assertEquals(
        names.filter((name) => /^checkpoint/.test(name)),
        ["checkpoint-3", "checkpoint-9"],
      );
      const model = await weights(fixture, "a/model");
      assertEquals(model, await weights(fixture, "a/checkpoint-3"));
      assertNotEquals(model, await weights(fixture, "a/checkpoint-9"));
    });
    await t.step("--no-load-best-model-at-end", async () => {
      const run = await fixture.run(
        `${FLAGS} ${best} --no-load-best-model-at-end --save-steps 2 --eval-steps 4 --max-steps 5 --output-dir runs/b`,
      );
      assertEquals(run.code, 0, run.stderr);
      assertEquals(
        (await fixture.events("b")).filter(({ event }) => event === "eval")
          .map(({ step }) => step),
        [4, 5],
      );
      assertEquals(await fixture.list("runs/b"), [
        "checkpoint-4",
        "checkpoint-5",
        "config.json",
        "metrics.jsonl",
        "model",
        "report.html",
        "results.json",
        "tensorboard",
      ]);
      const model = await weights(fixture, "b/model");
      assertEquals(model, await weights(fixture, "b/checkpoint-5"));
      assertNotEquals(model, await weights(fixture, "b/checkpoint-4"));
    });
    await t.step("--save-strategy no", async () => {
      const run = await fixture.run(
        `${FLAGS} --save-strategy no --epochs 1 --output-dir runs/c`,
        // The folder of the run is all that it has to write.
        { permissions: ["--allow-read", "--allow-write=runs/c"] },
      );
      assertEquals(run.code, 0, run.stderr);
      assertEquals(
        await fixture.list("runs/c"),
        [
          "config.json",
          "metrics.jsonl",
          "model",
          "report.html",
          "results.json",
          "tensorboard",
        ],
      );
    });
  },
);

Deno.test(
  needs(
    "train_mrpc.ts --resume ends as if it had not been interrupted",
    "read",
    "write",
    "run",
  ),
  async (t) => {
    await using fixture = await trainFixture();
    const whole = await fixture.run(
      `${FLAGS} --dropout 0.1 --epochs 2 --save-total-limit 9 --save-steps 2 --output-dir runs/a`,
    );
    assertEquals(whole.code, 0, whole.stderr);
    const expected = await outcome(fixture, "a");
    const model = await weights(fixture, "a/model");
    const config = await fixture.text("runs/a/config.json");
    const last = await weights(fixture, "a/checkpoint-6");
    const at = (name: string) => `${fixture.path}/runs/a/${name}`;
    /** Removes what was written after a step, as if it had been killed later. */
    const interrupt = async (step: number) => {
      await Deno.remove(at("results.json"));
      const events = await fixture.text("runs/a/metrics.jsonl");
      await fixture.write("runs/a/metrics.jsonl", `${events}{"event":"st`);
      for (const other of checkpointSteps(at(""))) {
        if (other <= step) continue;
        await Deno.remove(at(`checkpoint-${other}`), { recursive: true });
      }
    };
    const check = async () => {
      const { seconds, ...resumed } = await outcome(fixture, "a");
      assertEquals(resumed.results, expected.results);
      assertEquals(resumed.events, expected.events);
      assertEquals(seconds > 0, true);
      assertEquals(resumed.samplesPerSecond > 0, true);
      assertEquals(await weights(fixture, "a/model"), model);
      assertEquals(await weights(fixture, "a/checkpoint-6"), last);
      assertEquals(await fixture.text("runs/a/config.json"), config);
      assertEquals(await fixture.list("runs"), ["a"]);
    };
    await t.step("from a checkpoint inside an epoch", async () => {
      await interrupt(4);
      // what a killed process leaves
      await Deno.mkdir(at("checkpoint-6.partial"));
      await fixture.write("runs/a/model/old", "");
      const { code, stdout, stderr } = await fixture.run("--resume runs/a/");
      assertEquals(code, 0, stderr);
      assertStringIncludes(
        stdout,
        "\nGoing on after step 4, from checkpoint-4\n",
      );
      assertStringIncludes(stdout, "\ntraining 6/6  ");
      await check();
      assertEquals((await fixture.list("runs/a/model")).length, 5);
      assertEquals(await fixture.list("runs/a"), [
        "checkpoint-2",
        "checkpoint-3", // the best
        "checkpoint-4",
        "checkpoint-6",
        "config.json",
        "metrics.jsonl",
        "model",
        "report.html",
        "results.json",
        "tensorboard",
      ]);
    });
    await t.step(
      "after the last step, with other settings of saving",
      async () => {
        await interrupt(6);
        const { code, stdout, stderr } = await fixture.run(
          "--resume --logging-steps 3 --save-total-limit 1",
        );
        assertEquals(code, 0, stderr);
        assertStringIncludes(
          stdout,
          "\nGoing on after step 6, from checkpoint-6\n",
        );
        await check();
      },
    );
    await t.step("from the start, without a checkpoint", async () => {
      await interrupt(0);
      const { code, stdout, stderr } = await fixture.run("--resume runs/a");
      assertEquals(code, 0, stderr);
      assertStringIncludes(
        stdout,
        "\nruns/a has no checkpoint: training starts again\n",
      );
      await check();
    });
    await t.step("not with other data", async () => {
      await interrupt(4);
      const before = await fixture.list("runs/a");
      const data = await fixture.text("data/train.tsv");
      await fixture.write("data/train.tsv", data.replace("ferry", "rain"));
      const { code, error } = await fixture.run("--resume runs/a");
      assertEquals([code, error], [
        2,
        "error: --resume runs/a cannot go on: train.tsv of its data has changed since it began; restore the file, or start a new run",
      ]);
      assertEquals(await fixture.list("runs/a"), before);
    });
  },
);
