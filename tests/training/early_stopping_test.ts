import { assertEquals, assertThrows } from "@std/assert";
import {
  EarlyStopping,
  type EarlyStoppingOptions,
  type EarlyStoppingState,
} from "../../mod.ts";
import fixture from "../fixtures/early_stopping.json" with { type: "json" };

/** Numbers that JSON cannot hold are strings in the fixture. */
const CASES = fixture.cases.map(({ name, options, evaluations }) => ({
  name,
  options,
  evaluations: evaluations.map(
    ([metric, isBest, best, patienceCounter, shouldStop]) => {
      const worst = options.greaterIsBetter ? -Infinity : Infinity;
      return {
        metric: Number(metric),
        isBest,
        // transformers begins with the worst, which no evaluation had
        best: Number(best) === worst ? undefined : Number(best),
        patienceCounter,
        shouldStop,
      };
    },
  ),
}));

const read = (earlyStopping: EarlyStopping) => ({
  isBest: earlyStopping.isBest,
  best: earlyStopping.best,
  patienceCounter: earlyStopping.stateDict().patienceCounter,
  shouldStop: earlyStopping.shouldStop,
});

/** A state as a file holds it. */
const saved = (earlyStopping: EarlyStopping): EarlyStoppingState =>
  JSON.parse(JSON.stringify(earlyStopping.stateDict()));

Deno.test("EarlyStopping agrees with transformers' Trainer after each evaluation", async (t) => {
  for (const { name, options, evaluations } of CASES) {
    await t.step(name, () => {
      const earlyStopping = new EarlyStopping(options);
      for (const { metric, ...expected } of evaluations) {
        earlyStopping.update(metric);
        assertEquals(read(earlyStopping), expected);
      }
    });
  }
});

Deno.test("EarlyStopping resumes from its state, through JSON, at any evaluation", async (t) => {
  for (const { name, options, evaluations } of CASES) {
    await t.step(name, () => {
      for (let at = 0; at <= evaluations.length; at++) {
        const first = new EarlyStopping(options);
        for (const { metric } of evaluations.slice(0, at)) first.update(metric);
        const resumed = new EarlyStopping(options);
        resumed.update(0.3); // must leave nothing behind
        resumed.loadStateDict(saved(first));
        assertEquals(read(resumed), read(first));
        assertEquals(resumed.stateDict(), first.stateDict());
        for (const { metric, ...expected } of evaluations.slice(at)) {
          resumed.update(metric);
          assertEquals(read(resumed), expected);
        }
      }
    });
  }
});

Deno.test("EarlyStopping has no best metric before the first evaluation", () => {
  const earlyStopping = new EarlyStopping({ patience: 1 });
  assertEquals(read(earlyStopping), {
    isBest: false,
    best: undefined,
    patienceCounter: 0,
    shouldStop: false,
  });
});

Deno.test("EarlyStopping prefers a greater metric and never stops by default", () => {
  const earlyStopping = new EarlyStopping();
  for (let i = 0; i < 100; i++) earlyStopping.update(-i);
  assertEquals(earlyStopping.best, 0);
  assertEquals(earlyStopping.shouldStop, false);
});

Deno.test("EarlyStopping.stateDict() holds what JSON can hold", () => {
  const earlyStopping = new EarlyStopping({ greaterIsBetter: false });
  const states: EarlyStoppingState[] = [earlyStopping.stateDict()];
  for (const metric of [NaN, 0.5, -Infinity]) {
    earlyStopping.update(metric);
    states.push(earlyStopping.stateDict());
  }
  const common = { greaterIsBetter: false, patienceCounter: 0 };
  assertEquals(states, [
    { ...common, evaluations: 0, bestEvaluation: null, bestMetric: null },
    { ...common, evaluations: 1, bestEvaluation: null, bestMetric: null },
    { ...common, evaluations: 2, bestEvaluation: 2, bestMetric: 0.5 },
    { ...common, evaluations: 3, bestEvaluation: 3, bestMetric: null },
  ]);
  assertEquals(JSON.parse(JSON.stringify(states)), states);
});

Deno.test("EarlyStopping.loadStateDict() lets patience and threshold change", () => {
  const first = new EarlyStopping({ patience: 1 });
  for (const metric of [0.5, 0.4]) first.update(metric);
  assertEquals(first.shouldStop, true);
  const longer = new EarlyStopping({ patience: 3, threshold: 0.25 });
  longer.loadStateDict(saved(first));
  assertEquals(longer.shouldStop, false);
});

Deno.test("EarlyStopping.loadStateDict() refuses a wrong state and changes nothing", async (t) => {
  const earlyStopping = new EarlyStopping({ patience: 5 });
  for (const metric of [0.5, 0.7, 0.6]) earlyStopping.update(metric);
  const state = earlyStopping.stateDict();
  const wrong: [string, Partial<Record<keyof EarlyStoppingState, unknown>>][] =
    [
      ["other direction", { greaterIsBetter: false }],
      ["no direction", { greaterIsBetter: undefined }],
      ["half an evaluation", { evaluations: 2.5 }],
      ["no number of evaluations", { evaluations: undefined }],
      ["fewer than no evaluation", { evaluations: -1 }],
      ["a best evaluation of later", { bestEvaluation: 4 }],
      ["a best evaluation of before", { bestEvaluation: 0 }],
      ["half a best evaluation", { bestEvaluation: 1.5 }],
      ["no best evaluation", { bestEvaluation: undefined }],
      ["a metric of no evaluation", { bestEvaluation: null }],
      ["a metric as text", { bestMetric: "0.7" }],
      ["no metric", { bestMetric: undefined }],
      ["a metric that is NaN", { bestMetric: NaN }],
      ["more without improvement than were", { patienceCounter: 3 }],
      ["no patience counter", { patienceCounter: undefined }],
      ["a patience counter below 0", { patienceCounter: -1 }],
    ];
  for (const [name, change] of wrong) {
    await t.step(name, () => {
      assertThrows(
        () =>
          earlyStopping.loadStateDict(
            { ...state, ...change } as EarlyStoppingState,
          ),
        RangeError,
        "Cannot load the state of EarlyStopping: ",
      );
      assertEquals(earlyStopping.stateDict(), state);
    });
  }
  assertThrows(
    () => earlyStopping.loadStateDict(null as unknown as EarlyStoppingState),
    TypeError,
    "Cannot load the state of EarlyStopping: it is null, not an object as stateDict() returns it",
  );
});

Deno.test("EarlyStopping refuses options out of range", () => {
  const ranges: EarlyStoppingOptions[] = [
    { patience: 0 },
    { patience: 1.5 },
    { patience: -Infinity },
    { patience: NaN },
    { patience: "3" as unknown as number },
    { threshold: -0.1 },
    { threshold: NaN },
    { threshold: Infinity },
    { threshold: "0.1" as unknown as number },
  ];
  for (const options of ranges) {
    const [[name, value]] = Object.entries(options) as [[string, unknown]];
    const error = assertThrows(() => new EarlyStopping(options), RangeError);
    assertEquals(
      error.message.replace(/;.*/, ""),
      `Cannot make EarlyStopping: ${name} must be ${
        name === "patience"
          ? "a whole number of evaluations from 1"
          : "0 or more"
      }, not ${value}`,
    );
  }
});

Deno.test("EarlyStopping refuses values of a wrong type", () => {
  assertThrows(
    () => new EarlyStopping({ greaterIsBetter: "yes" as unknown as boolean }),
    TypeError,
    'Cannot make EarlyStopping: greaterIsBetter is the string "yes"; pass true for an accuracy, false for a loss',
  );
  assertThrows(
    () => new EarlyStopping(3 as EarlyStoppingOptions),
    TypeError,
    "Cannot make EarlyStopping: its options are the number 3, not an object; pass { patience: 3 }",
  );
  assertThrows(
    () => new EarlyStopping({ greater_is_better: false } as object),
    TypeError,
    'Cannot make EarlyStopping: there is no option "greater_is_better"; use greaterIsBetter',
  );
  const earlyStopping = new EarlyStopping();
  assertThrows(
    () => earlyStopping.update(undefined as unknown as number),
    TypeError,
    "Cannot compare an evaluation: its metric is undefined; pass one number, such as scores.accuracy",
  );
  assertEquals(earlyStopping.stateDict(), new EarlyStopping().stateDict());
});
