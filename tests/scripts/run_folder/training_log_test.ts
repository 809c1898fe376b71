import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { ProgressBar } from "../../../lib/training/progress_bar.ts";
import {
  type EventLog,
  TrainingLog,
} from "../../../scripts/run_folder/training_log.ts";
import type { Device, Tensor } from "../../../mod.ts";
import { fakeClock } from "../../helpers/fake_clock.ts";

/** A scalar on the GPU; its value arrives when the test says so, or at once. */
function scalar(value?: number) {
  const { promise, resolve } = Promise.withResolvers<number>();
  if (value !== undefined) resolve(value);
  return { tensor: promise as unknown as Tensor, arrive: resolve };
}

/** A log, its lines, and the last line of its progress bar. */
function startLog(loggingSteps = 1, clock = { ms: 0 }) {
  const device = {
    readLater: (scalar: unknown) => scalar as Promise<number>,
    flushReads: () => Promise.resolve(),
  } as unknown as Device;
  const lines: Record<string, unknown>[] = [];
  const events: EventLog = { log: (line) => lines.push(line) };
  const drawn: string[] = [];
  const progress = new ProgressBar(9, {
    unit: "samples",
    output: {
      write(text) {
        drawn.push(text);
        clock.ms += 5000; // so that every change is drawn
      },
    },
  });
  return {
    log: new TrainingLog(device, events, progress, loggingSteps),
    lines,
    drawn: () => drawn.at(-1)!,
  };
}

const STEP = { epoch: 0, learningRate: 5e-5, samples: 8 };
const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

Deno.test("TrainingLog logs steps in order, whenever their losses arrive", async () => {
  using clock = fakeClock();
  const { log, lines, drawn } = startLog(1, clock);
  const [first, second] = [scalar(), scalar()];
  const gradNorm = scalar(2).tensor;
  log.add(first.tensor);
  log.step({ ...STEP, step: 1 });
  log.add(second.tensor);
  log.step({ ...STEP, step: 2, gradNorm });
  second.arrive(0.5);
  await turn();
  assertEquals(lines, []);
  assertEquals(drawn().includes("training 2/9  lr"), true, drawn());
  first.arrive(0.75);
  await turn();
  const { samples: _, ...line } = { event: "step", ...STEP };
  assertEquals(lines, [
    { ...line, step: 1, loss: 0.75 },
    { ...line, step: 2, loss: 0.5, gradNorm: 2 },
  ]);
  assertEquals(drawn().includes("training 2/9  loss 0.5000"), true, drawn());
});

Deno.test("TrainingLog adds the parts of a step, and returns the mean of an epoch", async () => {
  const { log, lines } = startLog(2);
  const step = (number: number, ...parts: number[]) => {
    for (const part of parts) log.add(scalar(part).tensor);
    log.step({ ...STEP, step: number });
  };
  step(1, 0.25, 0.5);
  step(2, 0.125);
  step(3, 0.5);
  assertEquals(await log.meanLoss(), (0.75 + 0.125 + 0.5) / 3);
  step(4, 1, 1);
  assertEquals(await log.meanLoss(), 2);
  assertEquals(
    lines.map(({ step, loss }) => [step, loss]),
    [[2, 0.125], [4, 2]],
  );
});

Deno.test("TrainingLog names the first step whose loss is not finite", async (t) => {
  const remedy = "use a lower --learning-rate, or --max-grad-norm 1";
  for (const value of [NaN, Infinity]) {
    await t.step(`${value}`, async () => {
      const { log, lines } = startLog();
      for (const [i, loss] of [0.5, value, NaN, 0.25].entries()) {
        log.add(scalar(loss).tensor);
        log.step({ ...STEP, step: i + 1 });
      }
      const message = `The loss of step 2 is ${value}: ${remedy}`;
      await turn();
      const next = () => log.step({ ...STEP, step: 5 });
      assertEquals(assertThrows(next, Error).message, message);
      const end = await assertRejects(() => log.meanLoss(), Error);
      assertEquals(end.message, message);
      assertEquals(lines.map(({ step }) => step), [1]);
    });
  }
});

Deno.test("TrainingLog.evaluation() logs scores, and refuses a loss that is not finite", () => {
  const { log, lines } = startLog();
  log.add(scalar(0.5).tensor);
  log.step({ ...STEP, step: 3 });
  log.evaluation({ epoch: 0, split: "validation" }, { f1: 0.5, loss: 0.875 });
  const line = { event: "eval", epoch: 0, split: "validation" };
  assertEquals(lines, [{ ...line, f1: 0.5, loss: 0.875 }]);
  assertEquals(
    assertThrows(() => log.evaluation({ epoch: 1 }, { loss: Infinity }), Error)
      .message,
    "The evaluation loss after step 3 is Infinity: use a lower --learning-rate, or --max-grad-norm 1",
  );
  assertEquals(lines.length, 1);
});
