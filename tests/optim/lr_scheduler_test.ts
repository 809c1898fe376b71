// lr_scheduler_golden.json has λ of transformers 5.23.0 at steps 0..14 for each
// case, computed with:
//
//   def factors(name, options, lr):  # options in snake_case
//       optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr)
//       warmup, training = (options.pop(k, None) for k in ("num_warmup_steps", "num_training_steps"))
//       scheduler = transformers.get_scheduler(name, optimizer, warmup, training, options)
//       return [float(scheduler.lr_lambdas[0](step)) for step in range(15)]
import { assertEquals, assertThrows } from "@std/assert";
import {
  getLrLambda,
  getScheduler,
  LambdaLR,
} from "../../lib/optim/lr_scheduler.ts";
import type { SchedulerOptions } from "../../lib/optim/lr_lambda.ts";
import { assertAllClose, F64_HOST } from "../helpers/all_close.ts";
import golden from "./lr_scheduler_golden.json" with { type: "json" };

const NAMES = [
  "linear",
  "cosine",
  "cosine_with_restarts",
  "polynomial",
  "constant",
  "constant_with_warmup",
  "inverse_sqrt",
  "cosine_with_min_lr",
  "cosine_warmup_with_min_lr",
  "warmup_stable_decay",
];

Deno.test("getLrLambda() matches transformers", async (t) => {
  assertEquals(new Set(golden.map(({ name }) => name)), new Set(NAMES));
  for (const { name, options, lr, factors } of golden) {
    await t.step(`${name} ${JSON.stringify(options)}`, () => {
      const expected = factors.split(" ").map(Number);
      const lambda = getLrLambda(name, options as SchedulerOptions, lr);
      assertAllClose(
        expected.map((_, step) => lambda(step)),
        expected,
        F64_HOST,
      );
    });
  }
});

Deno.test("getScheduler() matches the Hugging Face course: 1377 steps down to 0", () => {
  // Source: torch.optim.AdamW(lr=5e-5) under get_scheduler("linear", …, 0, 1377).
  const expected = new Map([
    [0, 5e-5],
    [1, 4.9963689179375456e-5],
    [459, 3.3333333333333335e-5],
    [918, 1.6666666666666667e-5],
    [1376, 3.6310820624546114e-8],
    [1377, 0],
    [1378, 0],
  ]);
  const optimizer = { paramGroups: [{ lr: 5e-5 }] };
  const scheduler = getScheduler("linear", optimizer, {
    numWarmupSteps: 0,
    numTrainingSteps: 1377,
  });
  for (let step = 0; step <= 1378; step++, scheduler.step()) {
    if (expected.has(step)) {
      assertEquals(scheduler.getLastLr(), [expected.get(step)]);
    }
  }
});

Deno.test("LambdaLR sets every group to its initial rate times λ(step)", () => {
  const groups: { lr: number; initialLr?: number }[] = [{ lr: 8 }, { lr: 2 }];
  const scheduler = new LambdaLR({ paramGroups: groups }, (s) => 1 / 2 ** s);
  assertEquals(groups, [{ lr: 8, initialLr: 8 }, { lr: 2, initialLr: 2 }]);
  scheduler.step();
  scheduler.step();
  assertEquals(groups, [{ lr: 2, initialLr: 8 }, { lr: 0.5, initialLr: 2 }]);
  assertEquals(scheduler.getLastLr(), [2, 0.5]);
});

Deno.test("LambdaLR sets the rate of the first warm-up step to 0", () => {
  const optimizer = { paramGroups: [{ lr: 1 }] };
  getScheduler("linear", optimizer, { numWarmupSteps: 2, numTrainingSteps: 4 });
  assertEquals(optimizer.paramGroups[0]?.lr, 0);
});

Deno.test("LambdaLR resumes from its state, through JSON", () => {
  const options = { numWarmupSteps: 2, numTrainingSteps: 9 };
  const make = (...rates: number[]) =>
    getScheduler(
      "cosine",
      { paramGroups: rates.map((lr) => ({ lr })) },
      options,
    );
  const uninterrupted = make(0.3, 0.7);
  for (let i = 0; i < 5; i++) uninterrupted.step();
  const state = JSON.parse(JSON.stringify(uninterrupted.stateDict()));
  assertEquals(state, { lastEpoch: 5, baseLrs: [0.3, 0.7] });

  const resumed = make(1, 1);
  resumed.loadStateDict(state);
  for (let i = 5; i < 9; i++) {
    assertEquals(resumed.getLastLr(), uninterrupted.getLastLr());
    resumed.step();
    uninterrupted.step();
  }
  assertThrows(
    () => make(1).loadStateDict(state),
    RangeError,
    "its state has 2 parameter groups, but the optimizer has 1",
  );
});

Deno.test("getScheduler() starts from a group's initialLr if it is set", () => {
  const optimizer = { paramGroups: [{ lr: 0.25, initialLr: 4 }] };
  const scheduler = getScheduler("cosine_with_min_lr", optimizer, {
    numWarmupSteps: 0,
    numTrainingSteps: 1,
    minLr: 1,
  });
  assertEquals(scheduler.getLastLr(), [4]);
  scheduler.step();
  assertEquals(scheduler.getLastLr(), [1]);
});

Deno.test("getScheduler() uses the default rate for lrEnd, for every group", () => {
  // Source: get_scheduler("polynomial", AdamW([{lr: 1e-2}, {}], lr=2e-2), 0, 4, {"lr_end": 1e-3})
  const expected = [
    [0.01, 0.02],
    [0.007625, 0.01525],
    [0.00525, 0.0105],
    [0.002875, 0.00575],
    [0.0005, 0.001],
    [0.0005, 0.001],
  ];
  const optimizer = {
    paramGroups: [{ lr: 1e-2 }, { lr: 2e-2 }],
    defaults: { lr: 2e-2 },
  };
  const scheduler = getScheduler("polynomial", optimizer, {
    numWarmupSteps: 0,
    numTrainingSteps: 4,
    lrEnd: 1e-3,
  });
  for (const rates of expected) {
    assertAllClose(scheduler.getLastLr(), rates, F64_HOST);
    scheduler.step();
  }
});

Deno.test("getScheduler() ignores options that are undefined", () => {
  const options: object = {
    numWarmupSteps: 0,
    numTrainingSteps: 4,
    power: undefined, // not even an option of linear
  };
  const scheduler = getScheduler(
    "linear",
    { paramGroups: [{ lr: 1 }] },
    options,
  );
  assertEquals(scheduler.getLastLr(), [1]);
});

Deno.test("getScheduler() rejects options that a schedule cannot use", async (t) => {
  const steps = { numWarmupSteps: 0, numTrainingSteps: 10 };
  const cases: [
    string,
    object,
    typeof TypeError | typeof RangeError,
    string,
  ][] = [
    [
      "linear",
      { numTrainingSteps: 10 },
      TypeError,
      "linear requires `numWarmupSteps`, please provide that argument",
    ],
    [
      "linear",
      { numWarmupSteps: 0, numTrainingSteps: undefined },
      TypeError,
      "linear requires `numTrainingSteps`, please provide that argument",
    ],
    [
      "warmup_stable_decay",
      steps,
      TypeError,
      "warmup_stable_decay requires `numDecaySteps`, please provide that argument",
    ],
    [
      "warmup_stable_decay",
      { numWarmupSteps: 0, numDecaySteps: 2 },
      TypeError,
      "warmup_stable_decay requires `numTrainingSteps` or `numStableSteps`, please provide one",
    ],
    [
      "linear",
      { ...steps, power: 2 },
      TypeError,
      "linear does not take `power`: its options are numWarmupSteps, numTrainingSteps",
    ],
    [
      "cosine_with_min_lr",
      { ...steps, minLr: 1e-6, minLrRate: 0.1 },
      TypeError,
      "Only one of `minLr` or `minLrRate` should be set",
    ],
    [
      "cosine_warmup_with_min_lr",
      steps,
      TypeError,
      "One of `minLr` or `minLrRate` should be set",
    ],
    [
      "polynomial",
      { ...steps, lrEnd: 5e-5 },
      RangeError,
      "lrEnd (0.00005) must be smaller than the initial lr (0.00005)",
    ],
    [
      "polynomial",
      { numWarmupSteps: 10, numTrainingSteps: 10 },
      RangeError,
      "polynomial has no decay steps: numWarmupSteps and numTrainingSteps are both 10",
    ],
    [
      "inverse_sqrt",
      { numWarmupSteps: 3, timescale: 0 },
      RangeError,
      "timescale must be greater than 0",
    ],
    [
      "linear",
      { ...steps, numWarmupSteps: -1 },
      RangeError,
      "numWarmupSteps must be 0 or more, not -1",
    ],
    [
      "linear",
      { ...steps, numTrainingSteps: NaN },
      RangeError,
      "numTrainingSteps must be 0 or more, not NaN",
    ],
    [
      "warmup_stable_decay",
      { ...steps, numDecaySteps: 2, decayType: "sqrt" },
      RangeError,
      'Unknown decayType "sqrt": it must be one of linear, cosine, 1-sqrt',
    ],
    [
      "reduce_lr_on_plateau",
      {},
      RangeError,
      'Scheduler "reduce_lr_on_plateau" is not available: it depends on a metric',
    ],
    [
      "greedy",
      {},
      RangeError,
      'Scheduler "greedy" is not available: it depends on a metric',
    ],
    [
      "toString",
      {},
      RangeError,
      `Unknown scheduler "toString": it must be one of ${NAMES.join(", ")}`,
    ],
  ];
  for (const [name, options, ErrorClass, message] of cases) {
    await t.step(`${name} ${JSON.stringify(options)}`, () => {
      assertThrows(
        () => getScheduler(name, { paramGroups: [{ lr: 5e-5 }] }, options),
        ErrorClass,
        message,
      );
    });
  }
});

Deno.test("getScheduler() shows the object for positional arguments", () => {
  const optimizer = { paramGroups: [{ lr: 1 }] };
  const numWarmupSteps: unknown = 0;
  assertThrows(
    () => getScheduler("linear", optimizer, numWarmupSteps as SchedulerOptions),
    TypeError,
    'Cannot make the scheduler "linear": its options are the number 0, not an object; pass { numWarmupSteps: 0, numTrainingSteps: 100 }',
  );
});
