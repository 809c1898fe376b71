import { assertEquals } from "@std/assert";
import {
  evaluations,
  parseEvents,
  stepSeries,
} from "../../../scripts/report/series.ts";

const steps = (n: number) =>
  Array.from({ length: n }, (_, i) => ({
    event: "step",
    step: i + 1,
    loss: i % 2,
    learningRate: i,
  }));

Deno.test("stepSeries() keeps the steps of a short run", () => {
  const { points, stepsPerPoint } = stepSeries(
    [{ event: "eval", step: 1, loss: 5 }, ...steps(3), { event: "step" }],
    "loss",
  );
  assertEquals(points.map(({ step, mean }) => [step, mean]), [
    [1, 0],
    [2, 1],
    [3, 0],
  ]);
  assertEquals(stepsPerPoint, 1);
  assertEquals(stepSeries(steps(3), "gradNorm").points, []);
});

Deno.test("stepSeries() takes means and ranges of a long run", () => {
  const { points, stepsPerPoint } = stepSeries(steps(1000), "loss");
  assertEquals([points.length, stepsPerPoint], [100, 10]);
  assertEquals(points[0], { step: 5.5, mean: 0.5, low: 0, high: 1 });
  assertEquals(points.at(-1)!.step, 995.5);
  assertEquals(stepSeries(steps(50_000), "loss").points.length, 120);
});

Deno.test("evaluations() takes the scores of a split", () => {
  const events = [
    { event: "step", step: 1, loss: 1 },
    {
      event: "eval",
      step: 2,
      epoch: 0,
      accuracy: 0.5,
      loss: 0.7,
      trainSeconds: 9,
    },
    {
      event: "eval",
      step: 4,
      epoch: 1,
      split: "mismatched",
      accuracy: 0.4,
      loss: 1,
    },
    {
      event: "eval",
      step: 4,
      epoch: 1,
      split: "matched",
      accuracy: 0.6,
      loss: 1,
    },
  ];
  assertEquals(evaluations(events, "matched"), [
    { step: 2, epoch: 1, loss: 0.7, scores: { accuracy: 0.5 } },
    { step: 4, epoch: 2, loss: 1, scores: { accuracy: 0.6 } },
  ]);
  assertEquals(evaluations(events).length, 3);
});

Deno.test("parseEvents() leaves out a torn line", () => {
  assertEquals(parseEvents('{"event":"step","step":1}\n{"event":"st'), [
    { event: "step", step: 1 },
  ]);
});
