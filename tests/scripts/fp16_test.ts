import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { BertForSequenceClassification, requestDevice } from "../../mod.ts";
import { needs } from "../helpers/permissions.ts";
import { GIVEN, type TrainFixture, trainFixture } from "./train_fixture.ts";

const SETTINGS =
  `${GIVEN} --output-dir runs/a --learning-rate 1e-2 --seed 5 --epochs 2 --batch-size 2 --gradient-accumulation-steps 2 --max-grad-norm 0.5 --logging-steps 1`;

async function weightsOf(fixture: TrainFixture, path: string): Promise<string> {
  const bytes = await Deno.readFile(
    `${fixture.path}/${path}/model.safetensors`,
  );
  return bytes.toBase64();
}

Deno.test(
  needs(
    "the train task with --fp16 trains, goes on, and rounds",
    "read",
    "write",
    "run",
  ),
  async () => {
    await using fixture = await trainFixture();
    const whole = await fixture.run(`${SETTINGS} --fp16`);
    assertEquals([whole.code, whole.stderr], [0, whole.stderr]);
    const results = JSON.parse(await fixture.text("runs/a/results.json"));
    assertEquals(results.skippedSteps, 0);
    const state = JSON.parse(
      await fixture.text("runs/a/checkpoint-6/trainer_state.json"),
    );
    const scaler = { scale: 65536, growthTracker: 6, skippedSteps: 0 };
    assertEquals(state.scaler, scaler);
    const events = await fixture.events("a");
    const expected = await weightsOf(fixture, "runs/a/model");

    // as if it had been killed in the second epoch
    for (const path of ["results.json", "checkpoint-6", "model"]) {
      await Deno.remove(`${fixture.path}/runs/a/${path}`, { recursive: true });
    }
    const resumed = await fixture.run("--resume runs/a");
    assertEquals([resumed.code, resumed.stderr], [0, resumed.stderr]);
    assertStringIncludes(resumed.stdout, "Going on after step 3");
    assertEquals(await weightsOf(fixture, "runs/a/model"), expected);

    const f32 = await fixture.run(SETTINGS.replace("runs/a", "runs/b"));
    assertEquals([f32.code, f32.stderr], [0, f32.stderr]);
    const steps = (list: typeof events) =>
      list.filter(({ event }) => event === "step");
    const [half, plain] = [steps(events), steps(await fixture.events("b"))];
    assertEquals(half[0]!.loss, plain[0]!.loss);
    assert(half.some(({ loss }, i) => loss !== plain[i]!.loss));
    assertEquals(
      JSON.parse(await fixture.text("runs/b/results.json")).skippedSteps,
      undefined,
    );
  },
);

Deno.test(
  needs(
    "the train task with --fp16 says that it skips steps, and skips them",
    "read",
    "write",
    "run",
  ),
  async () => {
    await using fixture = await trainFixture();
    {
      using device = await requestDevice();
      const model = await BertForSequenceClassification.fromPretrained(
        `${fixture.path}/model`,
        { device },
      );
      for (const [name, parameter] of model.namedParameters()) {
        if (!name.endsWith("intermediate.dense.weight")) continue;
        const values = await parameter.toArray();
        parameter.load(values.map((value) => 1e7 * value));
      }
      await model.savePretrained(`${fixture.path}/large`);
      await Deno.copyFile(
        `${fixture.path}/model/tokenizer.json`,
        `${fixture.path}/large/tokenizer.json`,
      );
    }
    const run = await fixture.run(
      `${SETTINGS.replace("--model model", "--model large")} --fp16`,
    );
    assertEquals([run.code, run.stderr], [0, run.stderr]);
    assertMatch(
      run.stderr,
      /^Warning: --fp16 skipped 3 of 3 steps: their gradients were not finite\. The loss is scaled by 8192 now; where most steps are skipped, leave out --fp16$/m,
    );
    const results = JSON.parse(await fixture.text("runs/a/results.json"));
    assertEquals(results.skippedSteps, 6);
    assertEquals(
      await weightsOf(fixture, "runs/a/model"),
      await weightsOf(fixture, "large"),
      "no weight changed",
    );
  },
);
