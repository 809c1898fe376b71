import { assert, assertEquals, assertRejects } from "@std/assert";
import type { OutputFiles } from "../../mod.ts";
import type { EvaluationPoint, StepPoint } from "../../web/messages.ts";
import { Lock } from "../../web/worker/gate.ts";
import { type Listener, Training } from "../../web/worker/training.ts";
import { device } from "../helpers/device.ts";
import { needs } from "../helpers/permissions.ts";
import { tinyData, tinyFiles, tokenizer } from "./tiny_model.ts";

const SETTINGS = { epochs: 3, learningRate: 1e-2, batchSize: 4 };

async function create(
  changes: Partial<Parameters<typeof Training.create>[0]> = {},
): Promise<Training> {
  return Training.create({
    device,
    tokenizer: await tokenizer(),
    files: changes.files ?? await tinyFiles(),
    data: await tinyData(),
    maxLength: 32,
    settings: SETTINGS,
    lock: new Lock(),
    ...changes,
  });
}

/** Collects what a training tells. */
class Course implements Listener {
  readonly steps: StepPoint[] = [];
  readonly evaluations: EvaluationPoint[] = [];
  onStep(point: StepPoint): void {
    this.steps.push(point);
  }
  onEvaluation(point: EvaluationPoint): void {
    this.evaluations.push(point);
  }
  onCheckpoint(): Promise<void> {
    return Promise.resolve();
  }
}

async function weightsOf(training: Training): Promise<Uint8Array> {
  const files: OutputFiles = {};
  await training.classifier.model.savePretrained(files);
  return await files["model.safetensors"]!.bytes();
}

Deno.test(
  needs("Training goes on from a saved state with the same bits", "read"),
  async () => {
    const whole = await create();
    const course = new Course();
    await whole.run(course);
    assertEquals(
      course.steps.map(({ step }) => step),
      [...Array(12).keys()].map((i) => i + 1),
    );
    assertEquals(course.evaluations.length, 12);

    const first = await create();
    const files: OutputFiles = {};
    const early = new Course();
    let history;
    early.onCheckpoint = async () => {
      if (first.step !== 5) return; // inside an epoch
      await first.save(files);
      history = structuredClone(first.history);
      first.stop();
    };
    await first.run(early);
    const second = await create({ files, history: history! });
    assertEquals(second.step, 5);
    await second.run(new Course());
    assertEquals(second.history, whole.history);
    assertEquals(await weightsOf(second), await weightsOf(whole));
    assertEquals(second.probabilities, whole.probabilities);
  },
);

Deno.test(
  needs("Training pauses, answers meanwhile, and stops", "read"),
  async () => {
    const training = await create();
    const course = new Course();
    const paused = Promise.withResolvers<void>();
    course.onStep = (point) => {
      course.steps.push(point);
      if (point.step === 2) {
        training.pause();
        paused.resolve();
      }
    };
    const run = training.run(course);
    await paused.promise;
    const [row] = await training.classifier.probabilities([["it rains"]]);
    assertEquals(row!.length, 2);
    const reached = training.step;
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert(training.step <= reached + 1 && training.step < 12);
    training.stop();
    await run;
    assert(training.step < 12);
    assertEquals(course.steps.length, training.step);
  },
);

Deno.test(
  needs("Training shows its first batch, and two baselines", "read"),
  async () => {
    const { plan } = await create();
    assertEquals(plan.batch.length, 4);
    const { tokens } = plan.batch[0]!;
    assertEquals(tokens[0], { text: "[CLS]", isSpecial: true });
    assertEquals(plan.baselines, { majority: 0.5, words: 1 });
    assertEquals(plan.totalSteps, 12);
  },
);

Deno.test(
  needs("Training that diverges names the step and the remedy", "read"),
  async () => {
    const training = await create({
      settings: { ...SETTINGS, learningRate: 1e38 },
    });
    await assertRejects(
      () => training.run(new Course()),
      RangeError,
      "Start again with a smaller learning rate",
    );
  },
);
