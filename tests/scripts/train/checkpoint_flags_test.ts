import { assertEquals, assertThrows } from "@std/assert";
import { mergeFlags } from "../../../scripts/train/checkpoint_flags.ts";
import { type Options, parseFlags } from "../../../scripts/train/options.ts";

function parse(line: string): Options {
  const options = parseFlags(line.split(" "));
  if (options === "help") throw new Error("unexpected --help");
  return options;
}

Deno.test("strategiesOf() lets steps imply their strategy", () => {
  const strategies = (line: string) => {
    const { saveStrategy, saveSteps, evalStrategy, evalSteps } = parse(line);
    return [saveStrategy, saveSteps, evalStrategy, evalSteps];
  };
  const cases: [string, (string | number)[]][] = [
    ["--seed 1", ["epoch", 500, "epoch", 500]],
    ["--save-steps 5", ["steps", 5, "epoch", 500]],
    ["--eval-steps 5", ["epoch", 500, "steps", 5]],
    ["--save-strategy steps", ["steps", 500, "epoch", 500]],
    ["--eval-strategy steps --eval-steps 1", ["epoch", 500, "steps", 1]],
  ];
  for (const [line, expected] of cases) {
    assertEquals(strategies(line), expected, line);
  }
});

Deno.test("strategiesOf() loads the best model only where there are checkpoints", () => {
  const loads = (line: string) => parse(line).loadBestModelAtEnd;
  assertEquals(loads("--save-steps 5"), true);
  assertEquals(loads("--save-steps 5 --no-load-best-model-at-end"), false);
  assertEquals(loads("--save-strategy no"), false);
});

Deno.test("strategiesOf() refuses flags that contradict each other", async (t) => {
  const cases: [string, string][] = [
    [
      "--save-strategy epoch --save-steps 5",
      "--save-strategy epoch and --save-steps 5 exclude each other: give --save-strategy steps, or leave out the steps",
    ],
    [
      "--save-steps 5 --save-strategy no",
      "--save-strategy no and --save-steps 5 exclude each other: give --save-strategy steps, or leave out the steps",
    ],
    [
      "--eval-strategy epoch --eval-steps 5",
      "--eval-strategy epoch and --eval-steps 5 exclude each other: give --eval-strategy steps, or leave out the steps",
    ],
    [
      "--eval-strategy no",
      '--eval-strategy must be one of epoch, steps, not "no"',
    ],
    [
      "--load-best-model-at-end --save-strategy no",
      "--load-best-model-at-end needs checkpoints: leave out --save-strategy no",
    ],
    [
      "--save-total-limit 0",
      '--save-total-limit must be a whole number of at least 1, not "0"',
    ],
  ];
  for (const [line, message] of cases) {
    await t.step(line, () => {
      assertEquals(assertThrows(() => parse(line), Error).message, message);
    });
  }
});

Deno.test("mergeFlags() lets a new strategy of saving replace that of the run", () => {
  const epoch = { seed: 1, saveStrategy: "epoch" };
  const steps = { saveStrategy: "steps", saveSteps: 5 };
  assertEquals(mergeFlags(epoch, {}), epoch);
  assertEquals(mergeFlags(epoch, { seed: 2 }), { ...epoch, seed: 2 });
  assertEquals(mergeFlags(epoch, { saveSteps: 7 }), { seed: 1, saveSteps: 7 });
  assertEquals(mergeFlags(epoch, steps), { seed: 1, ...steps });
  assertEquals(mergeFlags(steps, { saveStrategy: "no" }), {
    saveStrategy: "no",
  });
  assertEquals(mergeFlags(steps, { saveStrategy: "steps" }), steps);
  // given together, they are refused later
  const both = { saveStrategy: "epoch", saveSteps: 7 };
  assertEquals(mergeFlags(steps, both), both);
});
