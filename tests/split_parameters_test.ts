import {
  AdamW,
  BertConfig,
  BertForMaskedLM,
  BertForSequenceClassification,
  clipGradNorm,
  type Device,
  HostTensor,
  type LabelledBatch,
  type Optimizer,
  SGD,
  type Tensor,
} from "../mod.ts";
import { KERNEL_SETS } from "./helpers/kernel_sets.ts";
import { needs } from "./helpers/permissions.ts";
import {
  assertIdentical,
  assertSameIfSplit,
  type Results,
  smallBindings,
} from "./helpers/small_bindings.ts";
import { tempFolder } from "./helpers/temp_folder.ts";

/** Bytes of a binding: 256 rows of the word embeddings. */
const LIMIT = 256 * 64 * 4;
const SPLIT = await smallBindings(LIMIT);
const VOCABULARY = 1100;

const CONFIG = new BertConfig({
  vocabSize: VOCABULARY,
  hiddenSize: 64,
  numHiddenLayers: 1,
  numAttentionHeads: 2,
  intermediateSize: 64,
  maxPositionEmbeddings: 8,
});

/** Ids of every shard, several of them more than once, some at its ends. */
const IDS = [[5, 255, 256, 1099, 5], [700, 0, 511, 512, 1023]];
const INPUT = {
  inputIds: HostTensor.from(IDS),
  tokenTypeIds: HostTensor.from([[0, 0, 0, 1, 1], [0, 0, 1, 1, 1]]),
  attentionMask: HostTensor.from([[1, 1, 1, 1, 1], [1, 1, 1, 1, 0]]),
};
const NONE = -100;

const MODELS = [
  {
    name: "BertForSequenceClassification",
    make: (device: Device) =>
      BertForSequenceClassification.fromConfig(CONFIG, { device }),
    batch: { ...INPUT, labels: HostTensor.from([0, 1]) },
  },
  {
    name: "BertForMaskedLM",
    make: (device: Device) => BertForMaskedLM.fromConfig(CONFIG, { device }),
    batch: {
      ...INPUT,
      labels: HostTensor.from([[NONE, 9, 256, NONE, 1099], [
        NONE,
        1024,
        NONE,
        3,
        NONE,
      ]]),
    },
  },
];

type Model = {
  make: (device: Device) => ReturnType<typeof MODELS[number]["make"]>;
};

/** Everything that three training steps compute, by name. */
async function train(
  { make, batch }: Model & { batch: LabelledBatch },
  device: Device,
): Promise<Results> {
  const results: Results = new Map();
  const keep = async (name: string, tensor: Tensor) => {
    results.set(name, await tensor.toArray());
  };
  const model = make(device).eval();
  const parameters = [...model.namedParameters()];
  const optimizer = new AdamW(model.parameters(), { lr: 1e-2 });
  for (let step = 0; step < 3; step++) {
    using _step = device.scope();
    // The second step adds the gradients of two passes.
    for (let pass = 0; pass < (step === 1 ? 2 : 1); pass++) {
      const { loss, logits } = model.forward(batch);
      await keep(`logits ${step} ${pass}`, logits);
      loss!.backward();
    }
    await keep(`norm ${step}`, clipGradNorm(model.parameters(), 0.5));
    if (step > 0) { // a read makes a sparse gradient dense
      for (const [name, p] of parameters) {
        await keep(`gradient ${step} ${name}`, p.grad!);
      }
    }
    optimizer.step();
    optimizer.zeroGrad();
  }
  for (const [name, p] of parameters) await keep(name, p);
  const { state } = optimizer.stateDict();
  for (const [i, { tensors }] of Object.entries(state)) {
    for (const [name, tensor] of Object.entries(tensors)) {
      await keep(`${name} ${i}`, tensor);
    }
  }
  return results;
}

Deno.test(
  needs(
    "a parameter larger than a binding is loaded, saved and resumed as a whole",
    "read",
    "write",
  ),
  async () => {
    const { make, batch } = MODELS[1]!;
    const step = (model: ReturnType<typeof make>, optimizer: Optimizer) => {
      using _step = model.parameters().next().value!.device.scope();
      model.forward(batch).loss!.backward();
      optimizer.step();
      optimizer.zeroGrad();
    };
    await using folder = await tempFolder();
    for (const [i, { name, device }] of SPLIT.entries()) {
      const whole = make(KERNEL_SETS[i]!.device).eval();
      const ofWhole = new AdamW(whole.parameters(), { lr: 0.01 });
      step(whole, ofWhole);
      await whole.savePretrained(`${folder.path}/${name}`);

      const split = await BertForMaskedLM.fromPretrained(
        `${folder.path}/${name}`,
        {
          device,
        },
      );
      await split.savePretrained(`${folder.path}/${name}_again`);
      const weights = (name: string) =>
        Deno.readFile(`${folder.path}/${name}/model.safetensors`);
      assertIdentical(
        await weights(`${name}_again`),
        await weights(name),
        "byte",
      );

      const saved = ofWhole.stateDict();
      const ofSplit = new AdamW(split.parameters(), { lr: 0.01 });
      ofSplit.loadStateDict({
        ...saved,
        state: Object.fromEntries(
          await Promise.all(
            Object.entries(saved.state).map(async ([i, { step, tensors }]) => {
              const arrays: Record<string, Float32Array> = {};
              for (const [name, tensor] of Object.entries(tensors)) {
                arrays[name] = await tensor.toArray();
              }
              return [i, { step, tensors: arrays }] as const;
            }),
          ),
        ),
      });
      step(whole, ofWhole);
      step(split, ofSplit);
      for (const [name, parameter] of whole.namedParameters()) {
        const other = split.stateDict()[name]!;
        assertIdentical(await other.toArray(), await parameter.toArray(), name);
      }

      const words = "bert.embeddings.word_embeddings.weight";
      const [from, to] = [
        split.stateDict()[words]!,
        make(device).stateDict()[words]!,
      ];
      const values = await from.toArray();
      to.load(values);
      assertIdentical(await to.toArray(), values, words);
      // An assigned gradient is copied to the shards.
      split.forward(batch).loss!.backward();
      to.grad = from.grad;
      const gradient = await from.grad!.toArray();
      new SGD([to], { lr: 1 }).step();
      const expected = values.map((value, i) => value - gradient[i]!);
      assertIdentical(await to.toArray(), expected, words);
    }
  },
);

Deno.test("a table larger than a binding trains to the same bits", async (t) => {
  for (const model of MODELS) {
    await assertSameIfSplit(
      t,
      model.name,
      SPLIT,
      (device) => train(model, device),
    );
  }
});
