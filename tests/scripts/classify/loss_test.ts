import { assertEquals, assertThrows } from "@std/assert";
import {
  DataLoader,
  fromArray,
  GradientAccumulation,
  HostTensor,
  mul,
  sum,
} from "../../../mod.ts";
import type { Label, Labels } from "../../../scripts/classify/labels.ts";
import { stepLoss } from "../../../scripts/classify/loss.ts";
import { assertAllClose, F32_OP } from "../../helpers/all_close.ts";
import { device } from "../../helpers/device.ts";
import { printed } from "../../helpers/printed.ts";
import { CLASSES, NUMBERS, SETS } from "./labels_fixture.ts";

type Options = Parameters<typeof stepLoss>[0];

const options = (more: Partial<Options> = {}): Options => ({
  classWeights: undefined,
  labelSmoothingFactor: undefined,
  ...more,
});

/** Logit `i` of row `row`. */
const logit = (row: number, i: number) => Math.sin(3 * row + 5 * i);

/** Loss of a step of the rows in two batches, a large and a small one; and the weight of each row. */
async function lossOfStep(
  given: Options,
  labels: Labels,
  rows: readonly Label[],
): Promise<[loss: number, weights: readonly number[] | undefined]> {
  using _output = printed();
  using _scope = device.scope();
  const loss = stepLoss(given, labels, rows);
  const loader = new DataLoader([...rows.keys()], {
    batchSize: rows.length - 1,
    collateFn: (rows) => rows,
  });
  const accumulation = new GradientAccumulation(loader, 2, {
    ...loss.rowWeights && { weights: loss.rowWeights },
  });
  let total = 0;
  for await (const batch of loader) {
    const { numLabels } = labels.head;
    const values = batch.flatMap((row) =>
      Array.from({ length: numLabels }, (_, i) => logit(row, i))
    );
    const logits = fromArray(device, Float32Array.from(values), [
      batch.length,
      numLabels,
    ]);
    const output = { logits, loss: mul(sum(logits), 0) }; // the model's own loss is 0
    const batchLabels = HostTensor.from(
      batch.map((row) => rows[row]!) as number[],
      labels === CLASSES ? "i32" : "f32",
    );
    total += await loss.part(output, batchLabels, accumulation.current).item();
  }
  return [total, loss.rowWeights];
}

/** -log softmax of the logits of a row, by class. */
function nll(row: number, count: number): number[] {
  const x = Array.from({ length: count }, (_, i) => logit(row, i));
  const log = Math.log(x.reduce((sum, value) => sum + Math.exp(value), 0));
  return x.map((value) => log - value);
}

Deno.test("stepLoss() of class weights is the weighted mean of all rows of a step, with smoothing", async () => {
  const rows = [0, 0, 2, 1, 0];
  const [weight, e] = [[0.5, 2, 3], 0.3];
  const smoothed = rows.map((label, row) =>
    nll(row, 3).map((value, i) =>
      weight[i]! * value * (e / 3 + (i === label ? 1 - e : 0))
    ).reduce((a, b) => a + b)
  );
  const total = rows.reduce((sum, label) => sum + weight[label]!, 0);
  const expected = smoothed.reduce((a, b) => a + b) / total;
  const [loss, weights] = await lossOfStep(
    options({ classWeights: "0.5,2,3", labelSmoothingFactor: e }),
    CLASSES,
    rows,
  );
  assertAllClose([loss], [expected], F32_OP);
  assertEquals(weights, [0.5, 0.5, 3, 2, 0.5]);
});

Deno.test("stepLoss() of smoothing alone is the mean of all rows of a step", async () => {
  const rows = [0, 1, 2];
  const e = 0.2;
  const losses = rows.map((label, row) => {
    const values = nll(row, 3);
    return (1 - e) * values[label]! +
      e * (values[0]! + values[1]! + values[2]!) / 3;
  });
  const [loss, weights] = await lossOfStep(
    options({ labelSmoothingFactor: e }),
    CLASSES,
    rows,
  );
  assertAllClose([loss], [losses.reduce((a, b) => a + b) / 3], F32_OP);
  assertEquals(weights, undefined);
});

Deno.test("stepLoss() balances classes, and weighs the label 1 of several", async () => {
  const [, weights] = await lossOfStep(
    options({ classWeights: "balanced" }),
    CLASSES,
    [0, 0, 1, 2],
  );
  assertEquals(weights, [2 / 3, 2 / 3, 4 / 3, 4 / 3]);
  const rows = [[1, 0], [0, 0], [0, 1], [0, 1]];
  const [loss] = await lossOfStep(
    options({ classWeights: "balanced" }),
    SETS,
    rows,
  );
  const softplus = (x: number) => Math.log(1 + Math.exp(x));
  const [p, q] = [3, 1]; // rows without the label by rows with it
  const expected = rows.flatMap((label, row) =>
    [p, q].map((weight, i) => {
      const x = logit(row, i);
      return label[i] === 1 ? weight * softplus(-x) : softplus(x);
    })
  ).reduce((a, b) => a + b) / 8;
  assertAllClose([loss], [expected], F32_OP);
});

Deno.test("stepLoss() without flags is the model's own", async () => {
  assertEquals(await lossOfStep(options(), CLASSES, [0, 1, 2]), [0, undefined]);
  assertEquals(
    await lossOfStep(options({ labelSmoothingFactor: 0 }), NUMBERS, [0.5, 1]),
    [0, undefined],
  );
});

Deno.test("stepLoss() refuses weights that do not fit the labels", () => {
  const cases: [Partial<Options>, Labels, Label[], string][] = [
    [
      { classWeights: "1,2" },
      CLASSES,
      [0],
      "--class-weights 1,2 has 2 weights, and there are 3 labels: give one for each, in the order a,b,c",
    ],
    [
      { classWeights: "balanced" },
      CLASSES,
      [0, 1],
      "--class-weights balanced cannot weigh the label c, which no training row has",
    ],
    [
      { classWeights: "balanced" },
      SETS,
      [[1, 0]],
      "--class-weights balanced cannot weigh the label b, which no training row has",
    ],
    [
      { classWeights: "balanced" },
      NUMBERS,
      [1],
      "--class-weights balanced is for classes, and the labels are numbers: leave it out",
    ],
    [
      { labelSmoothingFactor: 0.1 },
      SETS,
      [[1, 1]],
      "--label-smoothing-factor 0.1 is for classes, and the labels are several for each row: leave it out",
    ],
    [
      { labelSmoothingFactor: 0.1 },
      NUMBERS,
      [1],
      "--label-smoothing-factor 0.1 is for classes, and the labels are numbers: leave it out",
    ],
  ];
  for (const [more, labels, train, message] of cases) {
    const { message: actual } = assertThrows(() =>
      stepLoss(options(more), labels, train)
    ) as Error;
    assertEquals(actual.slice(0, message.length), message);
  }
});
