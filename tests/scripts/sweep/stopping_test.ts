import { assertEquals } from "@std/assert";
import { reasonToStop, valuesByStep } from "../../../scripts/sweep/stopping.ts";

const F1 = { name: "f1", greaterIsBetter: true };
const LOSS = { name: "loss", greaterIsBetter: false };
const runs = (...values: number[]) => values.map((x) => new Map([[4, x]]));

Deno.test("valuesByStep() takes the first validation split", () => {
  const events = [
    { event: "step", step: 1, loss: 3 },
    { event: "eval", step: 2, split: "matched", accuracy: 0.5, loss: 1 },
    { event: "eval", step: 2, split: "mismatched", accuracy: 0.6, loss: 2 },
    { event: "eval", step: 4, split: "matched", accuracy: 0.7, loss: 0.5 },
  ];
  const accuracy = { name: "accuracy", greaterIsBetter: true };
  assertEquals([...valuesByStep(events, accuracy)], [[2, 0.5], [4, 0.7]]);
  assertEquals([...valuesByStep(events, LOSS)], [[2, 1], [4, 0.5]]);
  assertEquals([...valuesByStep(events, F1)], []);
});

Deno.test("reasonToStop() compares with the median at the same step", () => {
  const own = new Map([[2, 0.1], [4, 0.5]]);
  assertEquals(
    reasonToStop(own, runs(0.4, 0.6, 0.9), F1),
    "f1 is 0.500 at best up to step 4, and the median of 3 others there is 0.600",
  );
  // An even number: the mean of the two in the middle, 0.5, is not above.
  assertEquals(reasonToStop(own, runs(0.1, 0.4, 0.6, 0.9), F1), undefined);
  assertEquals(
    reasonToStop(own, runs(0.1, 0.45, 0.6, 0.9), F1)?.slice(-15),
    " there is 0.525",
  );
  // Runs that were not evaluated at this step do not count.
  const others = [...runs(0.6, 0.9), new Map([[2, 0.9]])];
  assertEquals(reasonToStop(own, others, F1), undefined);
});

Deno.test("reasonToStop() takes the best score so far, as a larger or smaller one is better", () => {
  const own = new Map([[2, 0.7], [4, 0.5]]);
  assertEquals(reasonToStop(own, runs(0.6, 0.6, 0.6), F1), undefined);
  assertEquals(typeof reasonToStop(own, runs(0.8, 0.8, 0.8), F1), "string");
  assertEquals(reasonToStop(own, runs(0.6, 0.6, 0.6), LOSS), undefined);
  assertEquals(typeof reasonToStop(own, runs(0.4, 0.4, 0.4), LOSS), "string");
});
