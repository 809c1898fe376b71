import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { ProgressBar } from "../../../lib/training/progress_bar.ts";
import {
  type EventLog,
  TrainingLog,
} from "../../../scripts/run_folder/training_log.ts";
import type { Device, Tensor } from "../../../mod.ts";
import { fakeClock } from "../../helpers/fake_clock.ts";
import { printed } from "../../helpers/printed.ts";

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
  const events: EventLog = {
    get lineCount() {
      return lines.length;
    },
    log: (line) => lines.push(line),
    cutBack(count) {
      const isThere = count <= lines.length;
      if (isThere) lines.length = count;
      return isThere;
    },
  };
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

const REMEDY =
  "use a lower --learning-rate, or --max-grad-norm 1, or --debug-nan to find the first tensor that is not finite";
const STEP = { epoch: 0, learningRate: 5e-5, samples: 8 };
const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

Deno.test("TrainingLog logs steps in order, whenever their losses arrive", async () => {
  using clock = fakeClock();
  const { log, lines, drawn } = startLog(1, clock);
  const [first, second] = [scalar(), scalar()];
  const gradNorm = scalar(2).tensor;
  log.add(first.tensor, [0, 1]);
  log.step({ ...STEP, step: 1 });
  log.add(second.tensor, [2, 3]);
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
    for (const part of parts) log.add(scalar(part).tensor, [0]);
    log.step({ ...STEP, step: number });
  };
  step(1, 0.25, 0.5);
  step(2, 0.125);
  step(3, 0.5);
  assertEquals(await log.meanLoss(), (0.75 + 0.125 + 0.5) / 3);
  step(4, 1, 1);
  assertEquals(await log.meanLoss(), (0.75 + 0.125 + 0.5 + 2) / 4);
  log.evaluation({ epoch: 0, step: 4, trainSeconds: 1 }, { loss: 1 });
  step(5, 3);
  assertEquals(await log.meanLoss(), 3); // of the steps since the evaluation
  assertEquals(
    lines.map(({ step, loss }) => [step, loss]),
    [[2, 0.125], [4, 2], [4, 1]],
  );
});

Deno.test("TrainingLog names step, rows and gradient norm of the first loss that is not finite", async (t) => {
  for (const value of [NaN, Infinity]) {
    await t.step(`${value}`, async () => {
      const { log, lines } = startLog();
      for (const [i, loss] of [0.5, value, NaN, 0.25].entries()) {
        log.add(scalar(loss).tensor, [4 * i, 9]);
        log.add(scalar(0.25).tensor, [7]);
        const gradNorm = scalar(1.25 + i).tensor;
        log.step({ ...STEP, step: i + 1, gradNorm });
      }
      const message =
        `The loss of step 2 is ${value}: its rows, from 0, are 4, 9, 7, and its gradient norm is 2.25; ${REMEDY}`;
      await turn();
      log.add(scalar(1).tensor, [0]);
      const next = () => log.step({ ...STEP, step: 5 });
      assertEquals(assertThrows(next, Error).message, message);
      const end = await assertRejects(() => log.meanLoss(), Error);
      assertEquals(end.message, message);
      assertEquals(lines.map(({ step }) => step), [1]);
    });
  }
});

Deno.test("TrainingLog.microBatches() waits for the losses of the current step", async () => {
  const { log, lines } = startLog();
  log.add(scalar(1).tensor, [5]);
  log.step({ ...STEP, step: 1 });
  log.add(scalar(2).tensor, [1, 2]);
  log.add(scalar(NaN).tensor, [0]);
  assertEquals(await log.microBatches(), [
    { loss: 2, rows: [1, 2] },
    { loss: NaN, rows: [0] },
  ]);
  assertEquals(lines.map(({ step }) => step), [1]);
});

Deno.test("TrainingLog.evaluation() logs scores, and refuses a loss that is not finite", async () => {
  const { log, lines } = startLog();
  const place = { epoch: 0, step: 3, trainSeconds: 2 };
  const evaluate = (loss: number) =>
    log.evaluation({ ...place, split: "validation" }, { f1: 0.5, loss });
  const message = `The evaluation loss after step 3 is Infinity: `;
  log.add(scalar(0.5).tensor, [6, 2]);
  log.step({ ...STEP, step: 3 });
  await log.meanLoss();
  evaluate(0.875);
  assertEquals(lines.at(-1), {
    event: "eval",
    ...place,
    split: "validation",
    f1: 0.5,
    loss: 0.875,
  });
  assertEquals(
    assertThrows(() => evaluate(Infinity), Error).message,
    message + REMEDY, // the rows of the step are not those of the evaluation
  );
  assertEquals(lines.length, 2);
});

Deno.test("TrainingLog warns of a spike, also after its state was restored", async () => {
  const spike = async (log: TrainingLog) => {
    log.add(scalar(30).tensor, [8, 1]);
    log.step({ ...STEP, step: 31, gradNorm: scalar(123.456).tensor });
    log.add(scalar(0.5).tensor, [2]);
    log.step({ ...STEP, step: 32 });
    await log.meanLoss();
  };
  const { log } = startLog();
  using output = printed();
  for (let step = 1; step <= 30; step++) {
    log.add(scalar(0.5).tensor, [0]);
    log.step({ ...STEP, step });
  }
  await log.meanLoss();
  assertEquals(output.lines, []);
  const saved = JSON.parse(JSON.stringify(log.stateDict()));
  await spike(log);
  const resumed = startLog();
  resumed.lines.push(...Array(31).fill({}));
  resumed.log.loadStateDict(saved);
  assertEquals(resumed.lines.length, 30);
  await spike(resumed.log);
  const warning =
    "Warning: the loss of step 31 is 30.0000, after a mean of 0.5000: its rows, from 0, are 8, 1, and its gradient norm is 123.5";
  assertEquals(output.lines, [warning, warning]);
});

Deno.test("TrainingLog goes on where its state was saved", async () => {
  const step = (log: TrainingLog, number: number, loss: number) => {
    log.add(scalar(loss).tensor, [0]);
    log.step({ ...STEP, step: number });
  };
  const { log, lines } = startLog();
  step(log, 1, 1);
  await log.meanLoss();
  const saved = log.stateDict();
  step(log, 2, 2);
  await log.meanLoss();
  const resumed = startLog();
  resumed.lines.push(...lines);
  resumed.log.loadStateDict(saved);
  step(resumed.log, 2, 2);
  assertEquals(await resumed.log.meanLoss(), 1.5);
  assertEquals(resumed.lines, lines);
  using output = printed();
  startLog().log.loadStateDict(saved);
  assertEquals(output.lines, [
    "Warning: metrics.jsonl lacks lines from before the checkpoint; it goes on with those that are there",
  ]);
});
