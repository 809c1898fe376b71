import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  checkOptions,
  describe,
  isPromise,
  nameRemedy,
} from "../lib/check_options.ts";
import {
  AdamW,
  bceWithLogits,
  BertConfig,
  BertForSequenceClassification,
  BertModel,
  constant,
  crossEntropy,
  dataCollatorForLanguageModeling,
  dataCollatorWithPadding,
  DataLoader,
  Dataset,
  DatasetDict,
  Dropout,
  Embedding,
  fromArray,
  getScheduler,
  GradientAccumulation,
  LayerNorm,
  LengthGroupedSampler,
  Linear,
  loadDataFile,
  loadDataset,
  OnnxModel,
  Parameter,
  ProgressBar,
  RandomSampler,
  readTsv,
  requestDevice,
  SGD,
  Tokenizer,
  zeros,
} from "../mod.ts";
import { device } from "./helpers/device.ts";
import { needs } from "./helpers/permissions.ts";
import { tempFolder } from "./helpers/temp_folder.ts";

const NAMES = { batchSize: true, seed: true } as const;
const check = (options: unknown) =>
  checkOptions("make a thing", options, NAMES);

Deno.test("checkOptions() accepts known names, undefined values and no options", () => {
  check(undefined);
  check({});
  check({ batchSize: 1, seed: undefined });
  check({ other: undefined });
  check(Object.assign(Object.create(null), { seed: 1 }));
});

Deno.test("checkOptions() refuses other names and says which to use", async (t) => {
  const cases: [options: unknown, reason: string][] = [
    [{ batch_size: 8 }, 'there is no option "batch_size"; use batchSize'],
    [{ BatchSize: 8 }, 'there is no option "BatchSize"; use batchSize'],
    [{ "batch-size": 8 }, 'there is no option "batch-size"; use batchSize'],
    [{ seed: 1, lr: 1 }, 'there is no option "lr"; known are batchSize, seed'],
    [
      { toString: 1 },
      'there is no option "toString"; known are batchSize, seed',
    ],
    [8, "its options are the number 8, not an object; pass { batchSize: 8 }"],
    [
      true,
      "its options are the boolean true, not an object; pass { batchSize: true }",
    ],
    [
      "8",
      'its options are the string "8", not an object; pass { batchSize: "8" }',
    ],
    [null, "its options are null, not an object; pass { batchSize: … }"],
    [[8], "its options are an array, not an object; pass { batchSize: … }"],
    [
      new Date(0),
      "its options are a Date, not an object; pass { batchSize: … }",
    ],
    [
      Promise.resolve(),
      "its options are a promise, not an object; pass { batchSize: … }",
    ],
    [check, "its options are a function, not an object; pass { batchSize: … }"],
  ];
  for (const [options, reason] of cases) {
    await t.step(reason, () => {
      const { message } = assertThrows(() => check(options), TypeError);
      assertEquals(message, `Cannot make a thing: ${reason}`);
    });
  }
});

Deno.test("checkOptions() shows the given example", () => {
  assertThrows(
    () => checkOptions("make a thing", 0, NAMES, "{ seed: 42 }"),
    TypeError,
    "its options are the number 0, not an object; pass { seed: 42 }",
  );
});

Deno.test("describe() names a value", () => {
  assertEquals(
    [
      undefined,
      null,
      5,
      "cuda",
      {},
      [],
      new Int8Array(1),
      new Uint8Array(1),
      check,
    ].map(describe),
    [
      "undefined",
      "null",
      "the number 5",
      'the string "cuda"',
      "an object",
      "an array",
      "an Int8Array",
      "a Uint8Array",
      "a function",
    ],
  );
});

Deno.test("isPromise() tells promises from objects", () => {
  assertEquals(
    [Promise.resolve(), { then() {} }, { then: 1 }, {}, null].map(isPromise),
    [true, true, false, false, false],
  );
});

Deno.test("nameRemedy() finds a name by its letters", () => {
  assertEquals(
    nameRemedy("num_labels", ["seed", "numLabels"]),
    "use numLabels",
  );
  assertEquals(nameRemedy("labels", ["seed", "lr"]), "known are seed, lr");
});

const TABLE = ["columnNames", "delimiter", "labelColumns"].join(", ");
const config = new BertConfig({
  vocabSize: 8,
  hiddenSize: 4,
  numHiddenLayers: 1,
  numAttentionHeads: 1,
  intermediateSize: 4,
});
const rows = new Dataset({ text: ["a"] });
const splits = new DatasetDict({ train: rows });
const parameter = () => new Parameter(device, [1], constant(0));
const optimizer = { paramGroups: [{ lr: 1 }] };
const collateFn = (rows: unknown[]) => rows;

Deno.test(
  needs("every options object refuses a name of Python", "read", "write"),
  async (t) => {
    const tokenizer = await Tokenizer.fromPretrained("data/model");
    await using folder = await tempFolder();
    await BertForSequenceClassification.fromConfig(config, { device })
      .savePretrained(folder.path);
    const logits = fromArray(device, [1, 2], [1, 2]);
    const labels = { data: [0], shape: [1] };
    const cases: [
      name: string,
      use: string,
      call: (options: never) => unknown,
    ][] = [
      [
        "batch_size",
        "use batchSize",
        (o) => new DataLoader([1], { collateFn, ...o as object }),
      ],
      ["weight_decay", "use weightDecay", (o) => new AdamW([parameter()], o)],
      [
        "amsgrad",
        "known are lr, betas, eps, weightDecay",
        (o) => new AdamW([parameter()], o),
      ],
      ["weight_decay", "use weightDecay", (o) => new SGD([parameter()], o)],
      [
        "weight_decay",
        "use weightDecay",
        (o) => new SGD([{ params: [parameter()], ...o as object }]),
      ],
      [
        "num_warmup_steps",
        "use numWarmupSteps",
        (o) => getScheduler("linear", optimizer, o),
      ],
      ["generator", "known are seed", (o) => new RandomSampler([1], o)],
      [
        "batch_size",
        "use batchSize",
        (o) => new LengthGroupedSampler(rows, { batchSize: 1, ...o as object }),
      ],
      [
        "pad_to_multiple_of",
        "use padToMultipleOf",
        (o) => dataCollatorWithPadding(tokenizer, o),
      ],
      [
        "mlm_probability",
        "use mlmProbability",
        (o) => dataCollatorForLanguageModeling(tokenizer, o),
      ],
      ["batched", "known are onProgress", (o) => rows.map((row) => row, o)],
      ["batched", "known are onProgress", (o) => splits.map((row) => row, o)],
      ["max_length", "use maxLength", (o) => tokenizer.encode("a", "b", o)],
      [
        "skip_special_tokens",
        "use skipSpecialTokens",
        (o) => tokenizer.decode([1], o),
      ],
      [
        "model_max_length",
        "use modelMaxLength",
        (o) => tokenizer.savePretrained(folder.path, o),
      ],
      [
        "split",
        "known are splits, delimiter, labelColumns",
        (o) => loadDataset("data/pairs", o),
      ],
      ["sep", `known are ${TABLE}`, (o) => loadDataFile("a.csv", o)],
      ["sep", `known are ${TABLE}`, (o) => readTsv("a\n", "a.tsv", o)],
      [
        "num_labels",
        "use numLabels",
        (o) =>
          BertForSequenceClassification.fromPretrained("data/model", {
            device,
            ...o as object,
          }),
      ],
      [
        "add_pooling_layer",
        "use addPoolingLayer",
        (o) =>
          BertModel.fromPretrained("data/model", { device, ...o as object }),
      ],
      [
        "addPoolingLayer",
        "known are device, seed",
        (o) =>
          BertForSequenceClassification.fromConfig(config, {
            device,
            ...o as object,
          }),
      ],
      ["power_preference", "known are kernels", (o) => requestDevice(o)],
      [
        "desc",
        "known are label, unit, initial, output",
        (o) => new ProgressBar(1, o),
      ],
      [
        "device",
        "known are bias, initializer, weightInit, biasInit",
        (o) => new Linear(device, 1, 1, o),
      ],
      ["padding_idx", "use paddingIdx", (o) => new Embedding(device, 2, 1, o)],
      [
        "elementwise_affine",
        "known are eps",
        (o) => new LayerNorm(device, 1, o),
      ],
      ["inplace", "known are seed", (o) => new Dropout(0.5, o)],
      [
        "requires_grad",
        "known are isTable",
        (o) => new Parameter(device, [1], constant(0), o),
      ],
      [
        "requires_grad",
        "use requiresGrad",
        (o) => fromArray(device, [1], [1], o),
      ],
      ["requires_grad", "use requiresGrad", (o) => zeros(device, [1], o)],
      [
        "ignore_index",
        "use ignoreIndex",
        (o) => crossEntropy(logits, labels, o),
      ],
      [
        "pos_weight",
        "use posWeight",
        (o) => bceWithLogits(logits, labels, o),
      ],
      [
        "weight",
        "known are weights",
        (o) =>
          new GradientAccumulation(
            new DataLoader([1], { collateFn: (rows) => rows }),
            2,
            o,
          ),
      ],
      ["precision", "known are dtype, signal", async (o) => {
        using model = await OnnxModel.fromPretrained(folder.path);
        await model.savePretrained(folder.path, o);
      }],
    ];
    for (const [name, use, call] of cases) {
      await t.step(`${name}: ${call}`.split("\n", 1)[0]!, async () => {
        await assertRejects(
          async () => await call({ [name]: 1 } as never),
          TypeError,
          `there is no option "${name}"; ${use}`,
        );
      });
    }
  },
);
