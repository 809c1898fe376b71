import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type {
  DataSummary,
  ModelSummary,
  Plan,
  Reply,
} from "../../web/messages.ts";
import { reduce } from "../../web/reduce.ts";
import {
  type Action,
  canStart,
  INITIAL,
  isActive,
  type State,
  suitedSettings,
} from "../../web/state.ts";

const DATA: DataSummary = {
  choice: { text: ["text"], label: "label", heldOut: 0.2 },
  classes: [{ name: "a", count: 5 }, { name: "b", count: 5 }],
  trainRows: 8,
  heldOutRows: 2,
  withoutText: 0,
  withoutLabel: 0,
  undrawn: 0,
  duplicates: 0,
  contradictions: 0,
  words: { median: 3, longest: 5 },
};
const MODEL: ModelSummary = {
  name: "tiny",
  origin: "embedded",
  modelType: "bert",
  layers: 2,
  hiddenSize: 8,
  parameters: 1000,
  maxLength: 32,
};
const PLAN: Plan = {
  settings: { epochs: 1, learningRate: 1e-3, batchSize: 4 },
  totalSteps: 2,
  stepsPerEpoch: 2,
  classes: ["a", "b"],
  isPair: false,
  maxLength: 32,
  truncated: 0,
  batch: [],
  baselines: { majority: 0.5, words: 0.6 },
};

function after(...events: readonly (Reply | Action)[]): State {
  return events.reduce(reduce, INITIAL);
}

const READY: readonly (Reply | Action)[] = [
  { type: "device", description: "a card", isSoftware: false },
  { type: "data", data: DATA },
  { type: "model", model: MODEL },
];
const RUNNING: readonly (Reply | Action)[] = [
  ...READY,
  { type: "starting" },
  { type: "plan", plan: PLAN },
];

Deno.test("canStart() needs device, data and model, and no training that runs", () => {
  assert(canStart(after(...READY)));
  for (let missing = 0; missing < READY.length; missing++) {
    assert(!canStart(after(...READY.filter((_, i) => i !== missing))));
  }
  assert(!canStart(after(...RUNNING)));
  assert(!canStart(after(...READY, { type: "opening", section: "model" })));
});

Deno.test("a file that is dropped while a model is trained is refused in words", () => {
  const before = after(...RUNNING);
  const { problems, announcement, run, table } = after(
    ...RUNNING,
    { type: "occupied", section: "data" },
  );
  assertEquals(problems.data?.title, "A model is being trained");
  assertStringIncludes(announcement, "Stop it, or wait for its end");
  assertEquals([run, table], [before.run, before.table]);
});

Deno.test("suitedSettings() has more epochs for few rows, and smaller steps for large models", () => {
  const few = suitedSettings({ trainRows: 300 }, { parameters: 1e6 });
  const many = suitedSettings({ trainRows: 30_000 }, { parameters: 1e8 });
  assertEquals(few, { epochs: 16, learningRate: 5e-4, batchSize: 16 });
  assertEquals(many, { epochs: 3, learningRate: 3e-5, batchSize: 16 });
});

Deno.test("reduce() keeps the settings of a training while it runs", () => {
  const settings = { epochs: 7, learningRate: 1e-4, batchSize: 2 };
  const state = after(...READY, { type: "set", settings });
  assertEquals(state.settings, settings);
  const running = after(...RUNNING, { type: "data", data: DATA });
  assertEquals(running.settings, PLAN.settings);
});

Deno.test("reduce() follows a training through its phases", () => {
  const phase = (...events: readonly (Reply | Action)[]) =>
    after(...RUNNING, ...events).run!.phase;
  assertEquals(after(...READY, { type: "starting" }).run!.phase, "preparing");
  assertEquals(phase(), "running");
  assertEquals(phase({ type: "paused" }), "paused");
  assertEquals(phase({ type: "paused" }, { type: "resumed" }), "running");
  assertEquals(phase({ type: "stopping" }), "stopping");
  const problem = { section: "train", title: "t", text: "x" } as const;
  assertEquals(phase({ type: "failed", problem }), "failed");
  // The disk is full: the training goes on.
  assertEquals(phase({ type: "problem", problem }), "running");
  assert(!isActive(after(...RUNNING, { type: "failed", problem }).run));
  // A late answer changes nothing that has ended.
  assertEquals(
    phase({ type: "failed", problem }, { type: "paused" }),
    "failed",
  );
});

Deno.test("reduce() collects steps and evaluations, and says the accuracy", () => {
  const point = (step: number) => ({ step, loss: 1 / step, learningRate: 0 });
  const state = after(
    ...RUNNING,
    { type: "steps", points: [point(1)], secondsLeft: 5 },
    { type: "steps", points: [point(2)], secondsLeft: 4 },
    { type: "evaluation", point: { step: 2, loss: 0.5, accuracy: 0.75 } },
  );
  assertEquals(state.run!.steps.map(({ step }) => step), [1, 2]);
  assertEquals(state.run!.secondsLeft, 4);
  assertEquals(
    state.announcement,
    "Step 2: 75 % of the held-out rows are right",
  );
});

Deno.test("reduce() shows answers to the text that was typed last alone", () => {
  const typed = (text: string) =>
    ({ type: "typed", texts: [text, ""] }) as const;
  const answer = (id: number, probability: number): Reply => ({
    type: "prediction",
    id,
    probabilities: [{ label: 0, probability }],
  });
  const state = after(typed("a"), typed("ab"), answer(1, 0.1), answer(2, 0.9));
  assertEquals(state.trial.probabilities, [{ label: 0, probability: 0.9 }]);
  assertEquals(after(typed("a"), typed("ab"), answer(1, 0.1)).trial, {
    id: 2,
    texts: ["ab", ""],
  });
});

Deno.test("reduce() drops rows and problems of a table that is replaced", () => {
  const problem = { section: "data", title: "t", text: "x" } as const;
  const state = after(
    ...READY,
    { type: "problem", problem },
    { type: "opening", section: "data" },
  );
  assertEquals(state.data, undefined);
  assertEquals(state.problems, {});
  assertEquals(state.busy, "data");
});
