import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertStringIncludes,
} from "@std/assert";
import { loadSafetensors, saveSafetensors } from "../../mod.ts";
import {
  assertAllClose,
  F64_HOST,
  GOLDEN_LOSS,
  GOLDEN_NORM,
} from "../helpers/all_close.ts";
import { needs } from "../helpers/permissions.ts";
import {
  type Event,
  GIVEN,
  TRAIN_LABELS,
  trainFixture,
  tsv,
} from "./train_fixture.ts";

const only = (events: Event[], event: string) =>
  events.filter((line) => line.event === event);
const rates = (events: Event[]) =>
  only(events, "step").map(({ learningRate }) => learningRate!);

Deno.test(
  needs(
    "train_mrpc.ts --max-steps ends inside an epoch",
    "read",
    "write",
    "run",
  ),
  async () => {
    await using fixture = await trainFixture();
    // Two batches per epoch, of 8 rows and 1; every row is truncated to 12 tokens.
    await fixture.write("long/train.tsv", tsv(TRAIN_LABELS, 40));
    await fixture.write("long/validation.tsv", tsv([1, 0], 40));
    const run = await fixture.run(
      "--model model --data long --max-length 12 --max-steps 3 --epochs 9 --logging-steps 2 --output-dir runs/a",
      // Only the paths that the run reads, as in README.
      { permissions: ["--allow-read=model,long,runs", "--allow-write=runs"] },
    );
    assertEquals(run.code, 0, run.stderr);
    assertStringIncludes(run.stdout, "\nFirst batch: inputIds [8, 12] i32, ");
    assertStringIncludes(
      run.stderr,
      "Warning: 9 of 9 rows of train, 2 of 2 rows of validation have more than 12 tokens and were truncated\n",
    );
    // predict truncates where training did.
    const saved = await fixture.text("runs/a/model/tokenizer_config.json");
    assertEquals(JSON.parse(saved).model_max_length, 12);
    const events = await fixture.events("a");
    assertEquals(
      events.map(({ event, step, epoch }) => [event, step, epoch]),
      [["step", 2, 0], ["eval", 2, 0], ["eval", 3, 1]],
    );
    assertAllClose(rates(events), [5e-5 * 2 / 3], F64_HOST);
    assertMatch(run.stdout, /\ntraining 3\/3 {2}loss \S+ {2}lr 1\.67e-5 {2}/);
    const results = JSON.parse(await fixture.text("runs/a/results.json"));
    assertEquals([results.steps, results.epochs], [3, 2]);
    assertAllClose(
      [results.samplesPerSecond * results.seconds],
      [9 + 8],
      F64_HOST,
    );
    assertEquals((await fixture.list("runs/a/model")).length, 5);
  },
);

Deno.test(
  needs(
    "train_mrpc.ts --max-steps overrides --epochs; a flag overrides the preset",
    "read",
    "write",
    "run",
  ),
  async () => {
    await using fixture = await trainFixture();
    const run = await fixture.run(
      `${GIVEN} --preset run_glue --batch-size 4 --learning-rate 1e-3 --lr-scheduler-type cosine --warmup-ratio 0.3 --dropout 0 --epochs 1 --max-steps 7 --logging-steps 1 --output-dir runs/a`,
    );
    assertEquals(run.code, 0, run.stderr);
    const { weightDecay, maxGradNorm, batchSize, maxLength, learningRate } =
      JSON.parse(await fixture.text("runs/a/config.json"));
    assertEquals(
      { weightDecay, maxGradNorm, batchSize, maxLength, learningRate },
      {
        weightDecay: 0,
        maxGradNorm: 1,
        batchSize: 4,
        maxLength: 128,
        learningRate: 1e-3,
      },
    );
    const events = await fixture.events("a");
    assertEquals(
      only(events, "step").map(({ epoch }) => epoch),
      [0, 0, 0, 1, 1, 1, 2],
    );
    assertEquals(only(events, "eval").map(({ epoch }) => epoch), [0, 1, 2]);
    // ⌈0.3 · 7⌉ = 3 steps of warm-up, then ½(1 + cos πt) over the other 4
    const cosine = [0, 1, 2, 3].map((i) => (1 + Math.cos(Math.PI * i / 4)) / 2);
    assertAllClose(
      rates(events),
      [0, 1 / 3, 2 / 3, ...cosine].map((factor) => 1e-3 * factor),
      F64_HOST,
    );
    for (const { gradNorm } of only(events, "step")) {
      assertEquals(gradNorm! > 0, true, `${gradNorm}`);
    }
    const results = JSON.parse(await fixture.text("runs/a/results.json"));
    assertEquals([results.steps, results.epochs], [7, 3]);
  },
);

Deno.test(
  needs(
    "train_mrpc.ts --gradient-accumulation-steps gives the steps of larger batches",
    "read",
    "write",
    "run",
  ),
  async () => {
    await using fixture = await trainFixture();
    // Nine rows, six per step: windows of 2 + 2 + 2 rows, and of 2 + 1.
    const flags =
      `${GIVEN} --dropout 0 --learning-rate 1e-3 --epochs 3 --max-grad-norm 1 --logging-steps 1`;
    const parts = await fixture.run(
      `${flags} --batch-size 2 --gradient-accumulation-steps 3 --output-dir runs/parts`,
    );
    const whole = await fixture.run(
      `${flags} --batch-size 6 --output-dir runs/whole`,
    );
    assertEquals([parts.code, whole.code], [0, 0], parts.stderr);
    const [actual, expected] = [
      await fixture.events("parts"),
      await fixture.events("whole"),
    ];
    assertEquals(
      actual.map(({ event, step, epoch }) => [event, step, epoch]),
      expected.map(({ event, step, epoch }) => [event, step, epoch]),
    );
    assertEquals(only(actual, "step").length, 6);
    assertEquals(rates(actual), rates(expected));
    assertAllClose(
      actual.map(({ loss }) => loss),
      expected.map(({ loss }) => loss),
      GOLDEN_LOSS,
      "loss",
    );
    assertAllClose(
      only(actual, "step").map(({ gradNorm }) => gradNorm!),
      only(expected, "step").map(({ gradNorm }) => gradNorm!),
      GOLDEN_NORM,
      "gradNorm",
    );
  },
);

Deno.test(
  needs(
    "train_mrpc.ts runs without flags on the embedded model and data",
    "read",
    "write",
    "run",
  ),
  async () => {
    await using fixture = await trainFixture();
    const run = await fixture.run("--max-steps 1 --batch-size 1");
    assertEquals(run.code, 0, run.stderr);
    const [folder] = await fixture.list("runs");
    assertMatch(folder!, /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d$/);
    const config = JSON.parse(
      await fixture.text(`runs/${folder}/config.json`),
    );
    assertEquals(
      [config.model, config.data, config.outputDir, config.preset],
      [null, null, null, "embedded"],
    );
    assertEquals(Object.keys(config.digests.data), [
      "test.arrow",
      "train.arrow",
      "validation.arrow",
    ]);
    assertMatch(run.stdout, /\nclassifier\.\S+ +\| MISSING\n/);
    assert(!run.stdout.includes("random weights"));
    assertEquals((await fixture.list(`runs/${folder}/model`)).length, 5);
  },
);

Deno.test(
  needs(
    "train_mrpc.ts clears the gradients between steps",
    "read",
    "write",
    "run",
  ),
  async () => {
    await using fixture = await trainFixture();
    // With learning rate 0 the same nine rows have the same gradient twice.
    const run = await fixture.run(
      `${GIVEN} --batch-size 9 --dropout 0 --learning-rate 0 --max-grad-norm 1 --max-steps 2 --logging-steps 1 --output-dir runs/a`,
    );
    assertEquals(run.code, 0, run.stderr);
    const [first, second] = only(await fixture.events("a"), "step");
    assertAllClose(
      [second!.loss, second!.gradNorm!],
      [first!.loss, first!.gradNorm!],
      GOLDEN_NORM,
    );
  },
);

Deno.test(
  needs(
    "train_mrpc.ts logs the gradient norm without clipping as with it",
    "read",
    "write",
    "run",
  ),
  async () => {
    await using fixture = await trainFixture();
    const train = async (maxNorm: string) => {
      const run = await fixture.run(
        `${GIVEN} --batch-size 4 --learning-rate 1e-3 --max-grad-norm ${maxNorm} --max-steps 4 --logging-steps 2 --output-dir runs/${maxNorm}`,
      );
      assertEquals(run.code, 0, run.stderr);
      const weights = `${fixture.path}/runs/${maxNorm}/model/model.safetensors`;
      return {
        norms: only(await fixture.events(maxNorm), "step")
          .map(({ step, gradNorm }) => [step, gradNorm]),
        weights: (await Deno.readFile(weights)).toBase64(),
      };
    };
    const [none, never] = [await train("0"), await train("1e9")];
    assertEquals(none.norms.map(([step]) => step), [2, 4]);
    assertEquals(none, never);
    assert(none.norms.every(([, norm]) => norm! > 0), `${none.norms}`);
  },
);

Deno.test(
  needs(
    "train_mrpc.ts shuffles the rows and applies dropout, both by the seed",
    "read",
    "write",
    "run",
  ),
  async () => {
    await using fixture = await trainFixture();
    // With learning rate 0 only the rows and dropout change the losses.
    const losses = async (flags: string) => {
      const run = await fixture.run(
        `${GIVEN} --batch-size 3 --learning-rate 0 --epochs 1 --logging-steps 1 --output-dir runs/a ${flags}`,
      );
      assertEquals(run.code, 0, run.stderr);
      const steps = only(await fixture.events("a"), "step");
      await Deno.remove(new URL("runs", fixture.url), { recursive: true });
      return steps.map(({ loss }) => loss);
    };
    const sum = (values: number[]) => values.reduce((a, b) => a + b);
    const [one, two, dropped] = [
      await losses("--seed 1 --dropout 0"),
      await losses("--seed 2 --dropout 0"),
      await losses("--seed 1 --dropout 0.5"),
    ];
    assertNotEquals(one, two);
    assertAllClose([sum(one)], [sum(two)], GOLDEN_LOSS);
    assert(Math.abs(sum(dropped) - sum(one)) > 1e-3, `${one} and ${dropped}`);
  },
);

Deno.test(
  needs(
    "train_mrpc.ts reports that it initialised the head of a pretrained encoder, by the seed",
    "read",
    "write",
    "run",
  ),
  async () => {
    await using fixture = await trainFixture();
    const tensors = loadSafetensors(
      await Deno.readFile(`${fixture.path}/model/model.safetensors`),
    );
    for (const name of ["weight", "bias"]) tensors.delete(`classifier.${name}`);
    await fixture.write("model/model.safetensors", saveSafetensors(tensors));
    const loss = async (name: string, seed: number) => {
      // The evaluation loss, without shuffling and dropout, at learning rate 0.
      const run = await fixture.run(
        `${GIVEN} --max-steps 1 --learning-rate 0 --seed ${seed} --output-dir runs/${name}`,
      );
      assertEquals(run.code, 0, run.stderr);
      assertMatch(
        run.stdout,
        /\nclassifier\.weight +\| MISSING\nclassifier\.bias +\| MISSING\n/,
      );
      return (await fixture.events(name)).at(-1)!.loss;
    };
    const first = await loss("a", 1);
    assertEquals(await loss("b", 1), first);
    assertNotEquals(await loss("c", 2), first);
  },
);
