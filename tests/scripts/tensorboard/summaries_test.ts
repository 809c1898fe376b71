import { assertEquals } from "@std/assert";
import { histogramOf } from "../../../scripts/tensorboard/histogram.ts";
import { trainSecondsOf } from "../../../scripts/tensorboard/wall_times.ts";

const step = (step: number) => ({ event: "step", step });
const evaluation = (step: number, trainSeconds: number) => ({
  event: "eval",
  step,
  trainSeconds,
});

Deno.test("trainSecondsOf() spreads the steps between evaluations", () => {
  const events = [
    step(1),
    step(4),
    evaluation(4, 8),
    evaluation(4, 8),
    step(5),
    step(6),
    evaluation(8, 16),
    step(9),
    step(10),
  ];
  assertEquals(
    trainSecondsOf(events, 20),
    [2, 8, 8, 8, 10, 12, 16, 18, 20],
  );
  assertEquals(trainSecondsOf([], 3), []);
  assertEquals(trainSecondsOf([step(1), step(2)], 3), [1.5, 3]);
  // An evaluation before the first step, and a line without a step.
  assertEquals(
    trainSecondsOf([evaluation(0, 0), { event: "note" }, step(2)], 3),
    [0, 0, 3],
  );
});

Deno.test("histogramOf() counts every value once", () => {
  const values = Array.from({ length: 100 }, (_, i) => Math.sin(i) + 0.1 * i);
  const { bucket, bucketLimit, num, min, max } = histogramOf(values);
  assertEquals(num, 100);
  assertEquals(bucket.reduce((a, b) => a + b), 100);
  assertEquals([min, max], [Math.min(...values), Math.max(...values)]);
  assertEquals(bucketLimit.at(-1), max);
  const edges = [min, ...bucketLimit];
  const counts = bucketLimit.map((_, i) =>
    values.filter((value) =>
      edges[i]! <= value && (value < edges[i + 1]! || i === 29)
    ).length
  );
  assertEquals(bucket, counts);
  const { bucket: one, bucketLimit: limit } = histogramOf([2, 2]);
  assertEquals([one, limit], [[2], [2]]);
});
