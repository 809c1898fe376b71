import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  AdamW,
  addLora,
  autocast,
  BertConfig,
  BertForSequenceClassification,
  clipGradNorm,
  type Communicator,
  DataLoader,
  Dataset,
  DatasetDict,
  type Device,
  HostTensor,
  type LabelledBatch,
  noGrad,
  requestDevice,
  type Row,
  SingleProcess,
} from "../../../mod.ts";
import { scalerOf } from "../../../scripts/train/half_precision.ts";
import {
  BatchMemoryError,
  planMemory,
} from "../../../scripts/train/memory_plan.ts";
import { localCommunicators } from "../../distributed/local_communicators.ts";
import { requestReplaced } from "../../gpu/late_device.ts";
import { printed } from "../../helpers/printed.ts";
import { withMemory } from "../../helpers/small_memory.ts";

const CONFIG = new BertConfig({
  vocabSize: 1100, // enough rows for a sparse gradient
  hiddenSize: 64,
  numHiddenLayers: 2,
  numAttentionHeads: 2,
  intermediateSize: 128,
  maxPositionEmbeddings: 64,
});
const EPOCHS = 3;
const BATCH_SIZE = 4;

/** Rows of many lengths, few of them long. */
function split(rows: number, longest: number): Dataset {
  const lengths = Array.from(
    { length: rows },
    (_, i) => 3 + Math.floor((longest - 3) * ((7 * i % rows) / rows) ** 3),
  );
  return new Dataset({
    inputIds: lengths.map((length, row) =>
      Array.from({ length }, (_, i) => 1 + (31 * row + i) % 1099)
    ),
    labels: lengths.map((_, i) => i % 2),
  });
}

const DATA = new DatasetDict({
  train: split(40, 60),
  validation: split(10, 30),
});

function collateFn(rows: Row[]): LabelledBatch {
  const ids = rows.map(({ inputIds }) => inputIds as number[]);
  const longest = Math.max(...ids.map(({ length }) => length));
  const padded = (value: (id: number) => number) =>
    HostTensor.from(
      ids.map((row) =>
        Array.from({ length: longest }, (_, i) => row[i] ? value(row[i]) : 0)
      ),
    );
  return {
    inputIds: padded((id) => id),
    tokenTypeIds: padded(() => 0),
    attentionMask: padded(() => 1),
    labels: HostTensor.from(rows.map(({ labels }) => labels as number)),
  };
}

interface Settings {
  readonly evalBatchSize?: number;
  readonly checkpointing?: boolean;
  readonly lora?: boolean;
  readonly fp16?: boolean;
  readonly autoBatchSize?: boolean;
  readonly communicator?: Communicator;
}

/** Makes a run. */
function runOn(device: Device, settings: Settings = {}) {
  const { evalBatchSize = 2, communicator = new SingleProcess() } = settings;
  const model = BertForSequenceClassification.fromConfig(CONFIG, { device });
  if (settings.lora) addLora(model, { r: 2 });
  if (settings.checkpointing) model.gradientCheckpointingEnable();
  const loader = new DataLoader<Row, LabelledBatch>(DATA.train, {
    ...{ batchSize: BATCH_SIZE, shuffle: true, seed: 9, collateFn },
    communicator,
  });
  return {
    ...{ model, device, loader, epochs: EPOCHS, data: DATA, communicator },
    optimizer: new AdamW(model.parameters(), { lr: 1e-3 }),
    evalOptions: { batchSize: evalBatchSize, collateFn },
    options: { autoBatchSize: settings.autoBatchSize, fp16: settings.fp16 },
  };
}

type Run = ReturnType<typeof runOn>;

/** Plans without a line. */
async function quietly(run: Run) {
  using _output = printed();
  return await planMemory(run);
}

/** Trains and evaluates; returns the losses. */
async function train(run: Run): Promise<number[]> {
  const { model, device, loader, optimizer, data, evalOptions, options } = run;
  const scaler = scalerOf(device, options);
  const losses: Promise<number>[] = [];
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    model.train();
    for await (const batch of loader) {
      using _step = device.scope();
      using _autocast = autocast(device, { enabled: scaler.isEnabled });
      const { loss } = model.forward(batch);
      scaler.scale(loss).backward();
      scaler.unscale(optimizer);
      clipGradNorm(model.parameters(), 1);
      scaler.step(optimizer);
      scaler.update();
      optimizer.zeroGrad();
      losses.push(device.readLater(loss));
    }
    model.eval();
    using _noGrad = noGrad();
    for await (const batch of new DataLoader(data.validation, evalOptions)) {
      using _scope = device.scope();
      await model.forward(batch).logits.toArray();
    }
  }
  await device.flushReads();
  return await Promise.all(losses);
}

Deno.test("planMemory() gives the peak that the run then has, within a tenth", async (t) => {
  const cases: [string, Settings][] = [
    ["all weights", {}],
    ["checkpointing", { checkpointing: true }],
    ["LoRA", { lora: true }],
    ["half precision", { fp16: true }],
    ["half precision and checkpointing", { fp16: true, checkpointing: true }],
    ["a batch size chosen by it", { autoBatchSize: true }],
    ["large evaluation batches", { evalBatchSize: 10 }],
  ];
  for (const [name, settings] of cases) {
    await t.step(name, async () => {
      using device = await requestDevice({
        kernels: "hardware",
        tuning: "none",
      });
      const run = runOn(device, settings);
      const plan = await quietly(run);
      const { weights, gradients, moments, activations, peak } = plan;
      assertEquals(weights + gradients + moments + activations, peak);
      await train(run);
      const { peakBytes } = device.memory;
      assert(
        peakBytes >= 0.9 * peak && peakBytes <= 1.1 * peak,
        `${peakBytes} of ${peak}`,
      );
    });
  }
});

Deno.test("planMemory() counts what is trained alone", async () => {
  using device = await requestDevice({ kernels: "hardware", tuning: "none" });
  const all = await quietly(runOn(device));
  const table = 4 * 1100 * 64;
  const padded = 64 * 4 * 2; // blocks of the classifier
  const parameters = [...runOn(device).model.parameters()]
    .reduce((sum, { byteLength }) => sum + byteLength, 0);
  assert(all.weights >= parameters && all.weights <= parameters + padded);
  assertEquals(all.moments, 2 * all.weights);
  // That of the word embeddings is of the rows in the batch.
  assert(all.gradients < all.weights - table / 2, `${all.gradients}`);

  const { weights, gradients, moments } = await quietly(
    runOn(device, { lora: true }),
  );
  assert(weights > all.weights);
  // 2 · 2 layers of [2, 64] and [64, 2], and the classifier, [2, 64] and [2]
  const trained = 4 * (4 * 2 * 128 + 128 + 64);
  assertEquals([gradients, moments], [trained + 2 * 4, 2 * trained]);
});

Deno.test("planMemory() changes no number of the run", async () => {
  const losses: number[][] = [];
  for (const isPlanned of [true, false]) {
    using device = await requestDevice();
    const run = runOn(device);
    run.model.eval();
    if (isPlanned) {
      await quietly(run);
      assertEquals(run.model.training, false);
      assertEquals(run.loader.state, { epoch: 0, batch: 0 });
    }
    losses.push(await train(run));
  }
  assertEquals(losses[0], losses[1]);
});

Deno.test("planMemory() plans for the batch with the most tokens of all epochs", async () => {
  using device = await requestDevice();
  const run = runOn(device);
  let most = 0;
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    for await (const { attentionMask } of run.loader) {
      const tokens = [...attentionMask.data].filter((value) => value === 1);
      most = Math.max(most, tokens.length);
    }
  }
  using output = printed();
  await planMemory(runOn(device));
  assertEquals(output.lines.length, 1);
  assertEquals(
    output.lines[0]!.includes(` for batches of up to ${most} tokens (weights `),
    true,
    output.lines[0],
  );
});

Deno.test("planMemory() throws in all processes if one has too little memory", async () => {
  const processes = localCommunicators(2);
  const small = await requestReplaced((gpu) => {
    const { createBuffer } = withMemory(gpu, 1_600_000);
    return { createBuffer };
  });
  const devices = [await requestDevice({ kernels: "hardware" }), small];
  using _output = printed();
  const plans = devices.map((device, i) =>
    planMemory(runOn(device, { communicator: processes[i]! }))
  );
  await Promise.all(plans.map((plan, i) =>
    assertRejects(
      () => plan,
      BatchMemoryError,
      ["another process has too little memory", "not enough memory left"][i],
    )
  ));
  for (const device of devices) device.destroy();
});
