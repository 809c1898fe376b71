import { assertEquals, assertMatch } from "@std/assert";
import {
  AdamW,
  BertConfig,
  BertForSequenceClassification,
  constant,
  crossEntropy,
  DataLoader,
  Dataset,
  DatasetDict,
  fromArray,
  getScheduler,
  HostTensor,
  Linear,
  Module,
  Parameter,
  SGD,
  Tokenizer,
} from "../mod.ts";
import { device } from "./helpers/device.ts";
import { needs } from "./helpers/permissions.ts";

const printed = (value: unknown) => Deno.inspect(value);

const rows = new Dataset({ text: ["a", "b", "c"], label: [0, 1, 0] });

Deno.test("console.log prints sizes and columns of data", () => {
  assertEquals(printed(rows), "Dataset { rows: 3, columns: [text, label] }");
  const splits = { train: rows, validation: rows.select([0]) };
  assertEquals(
    printed(new DatasetDict(splits)),
    "DatasetDict { train: 3 rows, validation: 1 rows; columns text, label }",
  );
  const options = { batchSize: 2, shuffle: true, collateFn: () => 0 };
  assertEquals(
    printed(new DataLoader(rows, options)),
    "DataLoader { length: 2, batchSize: 2, rows: 3, sampler: RandomSampler }",
  );
});

Deno.test("console.log prints shape, type and first values of a HostTensor", () => {
  assertEquals(
    printed({ labels: HostTensor.from([[1, 0]]) }),
    "{ labels: HostTensor [1, 2] i32: 1, 0 }",
  );
  assertEquals(
    printed(HostTensor.from([1, 2, 3, 4, 5, 6, 7, 8, 9.5])),
    "HostTensor [9] f32: 1, 2, 3, 4, 5, 6, 7, 8, …",
  );
});

Deno.test("console.log prints shape, type and origin of a Tensor", () => {
  using scope = device.scope();
  const x = fromArray(device, [1, 2], [1, 2], { requiresGrad: true });
  assertEquals(printed(x), "Tensor [1, 2] f32, requires grad");
  const labels = { data: [1], shape: [1] };
  const loss = crossEntropy(x, labels);
  assertEquals(
    printed(loss),
    "Tensor [] f32, requires grad, from crossEntropy",
  );
  const ids = fromArray(device, [1], [1], { dtype: "u32" });
  assertEquals(printed(ids), "Tensor [1] u32");
  scope[Symbol.dispose]();
  assertEquals(printed(ids), "Tensor [1] u32, disposed");
});

Deno.test("console.log of a Parameter allocates nothing", () => {
  const parameter = new Parameter(device, [2, 3], constant(1));
  assertEquals(printed(parameter), "Parameter [2, 3] f32, requires grad");
  assertEquals(parameter.isAllocated, false);
});

class Net extends Module {
  readonly sizes = [1, 2];
  readonly layers = [new Linear(device, 1, 2), new Linear(device, 2, 2)];
  readonly head = new Linear(device, 2, 1500, { bias: false });
  readonly scale = new Parameter(device, [1], constant(1));
  readonly tied = this.head.weight;
  readonly empty: Module[] = [];
}

Deno.test("console.log prints a Module and its direct parts", () => {
  assertEquals(
    printed(new Net().eval()),
    `Net (3,011 parameters, eval)
  layers: 2 × Linear (10 parameters)
  head: Linear (3,000 parameters)
  scale: Parameter [1] f32, requires grad
  tied: Parameter [1500, 2] f32, requires grad`,
  );
  const config = new BertConfig({
    vocabSize: 40_000,
    hiddenSize: 32,
    numHiddenLayers: 1,
    numAttentionHeads: 1,
    intermediateSize: 8,
  });
  assertMatch(
    printed(BertForSequenceClassification.fromConfig(config, { device })),
    /^BertForSequenceClassification \(1\.3 M parameters, train\)\n {2}bert: BertModel \(1\.3 M parameters\)\n/,
  );
});

Deno.test("console.log prints at most twelve parts of a Module", () => {
  class Wide extends Module {}
  const wide = Object.assign(
    new Wide(),
    Object.fromEntries(
      Array.from({ length: 14 }, (_, i) => [`p${i}`, new Net().scale]),
    ),
  );
  const lines = printed(wide).split("\n");
  assertEquals(lines.length, 14);
  assertEquals(lines.at(-1), "  and 2 more");
});

Deno.test("console.log prints the settings of optimizers and schedulers", () => {
  const [a, b] = [new Net().scale, new Net().scale];
  const optimizer = new AdamW([{ params: [a], lr: 0.5 }, { params: [b] }]);
  const others = "betas: [0.9,0.999], eps: 1e-8, weightDecay: 0.01";
  assertEquals(
    printed(optimizer),
    `AdamW { 1 parameters, lr: 0.5, ${others}; 1 parameters, lr: 0.001, ${others} }`,
  );
  const sgd = new SGD([a], { lr: 0.5 });
  assertMatch(printed(sgd), /^SGD \{ 1 parameters, lr: 0\.5, momentum: 0, /);
  const steps = { numWarmupSteps: 0, numTrainingSteps: 2 };
  const scheduler = getScheduler("linear", sgd, steps);
  scheduler.step();
  assertEquals(printed(scheduler), "LambdaLR { lastEpoch: 1, lr: [0.25] }");
});

Deno.test(
  needs("console.log prints the sizes of a Tokenizer", "read"),
  async () => {
    const tokenizer = await Tokenizer.fromPretrained("data/model");
    const { vocabSize, modelMaxLength } = tokenizer;
    assertEquals(
      printed(tokenizer),
      `Tokenizer { vocabSize: ${vocabSize}, modelMaxLength: ${modelMaxLength} }`,
    );
  },
);

Deno.test("console.log counts shared parameters once", () => {
  class Shared extends Module {
    readonly layer = new Linear(device, 1, 1);
    readonly layers = [this.layer, this.layer];
  }
  assertMatch(printed(new Shared()), /layers: 2 × Linear \(2 parameters\)/);
});
