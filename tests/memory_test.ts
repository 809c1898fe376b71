import { assert, assertEquals } from "@std/assert";
import {
  AdamW,
  argmax,
  type Batch,
  BertConfig,
  BertForSequenceClassification,
  clipGradNorm,
  type Device,
  getScheduler,
  HostTensor,
  noGrad,
  requestDevice,
} from "../mod.ts";

const CONFIG = new BertConfig({
  vocabSize: 1100, // enough rows for a sparse gradient
  hiddenSize: 64,
  numHiddenLayers: 2,
  numAttentionHeads: 2,
  intermediateSize: 64,
  maxPositionEmbeddings: 64,
});

/** Lengths of a batch's sequences, not multiples of a power of two. */
const LENGTHS = [5, 17, 9, 30];

/** Makes a batch of sequences of these lengths; its ids depend on `salt`. */
function batchOf(lengths: readonly number[], salt = 0): Batch {
  const longest = Math.max(...lengths);
  const padded = (value: (row: number, position: number) => number) =>
    HostTensor.from(
      lengths.map((length, row) =>
        Array.from(
          { length: longest },
          (_, position) => position < length ? value(row, position) : 0,
        )
      ),
    );
  return {
    inputIds: padded((row, position) =>
      1 + (7 * row + position + 50 * salt) % 1099
    ),
    tokenTypeIds: padded((row, position) => Number(position > row)),
    attentionMask: padded(() => 1),
    labels: HostTensor.from(lengths.map((_, row) => row % 2)),
  };
}

/** Makes a model and a function for one training step. */
function trainer(device: Device) {
  const model = BertForSequenceClassification.fromConfig(CONFIG, { device });
  const optimizer = new AdamW(model.parameters(), { lr: 1e-3 });
  const scheduler = getScheduler("linear", optimizer, {
    numWarmupSteps: 0,
    numTrainingSteps: 1000,
  });
  const step = (batch: Batch): Promise<number> => {
    using _step = device.scope();
    const { loss } = model.forward(batch);
    loss!.backward();
    clipGradNorm(model.parameters(), 1);
    optimizer.step();
    scheduler.step();
    optimizer.zeroGrad();
    return device.readLater(loss!);
  };
  return { model, step };
}

const KERNELS = ["software", "hardware"] as const;

/** Runs `step`; returns the increase of the device's counters and live memory. */
function costOf(device: Device, step: () => unknown) {
  const [counters, { liveBytes }] = [device.counters, device.memory];
  step();
  const { submits, waits, pipelines, bindGroups, buffers, liveBuffers } =
    device.counters;
  return {
    submits: submits - counters.submits,
    waits: waits - counters.waits,
    pipelines: pipelines - counters.pipelines,
    bindGroups: bindGroups - counters.bindGroups,
    buffers: buffers - counters.buffers,
    liveBuffers: liveBuffers - counters.liveBuffers,
    liveBytes: device.memory.liveBytes - liveBytes,
  };
}

const ONE_SUBMIT = {
  submits: 1,
  waits: 0,
  pipelines: 0,
  bindGroups: 0,
  buffers: 0,
  liveBuffers: 0,
  liveBytes: 0,
};

Deno.test("a training step is one submit, without waits or leaks", async (t) => {
  for (const kernels of KERNELS) {
    await t.step(`${kernels} kernels`, async () => {
      using device = await requestDevice({ kernels });
      const { step } = trainer(device);
      const losses: Promise<number>[] = [];
      const train = () => losses.push(step(batchOf(LENGTHS, losses.length)));
      train(); // allocates parameters and optimizer state, compiles pipelines
      train(); // creates bind groups with these buffers
      for (let i = 2; i < 10; i++) {
        assertEquals(costOf(device, train), ONE_SUBMIT, `step ${i}`);
      }
      await device.flushReads();
      assertEquals(device.counters.waits, 1, "for ten losses");
      assert((await Promise.all(losses)).every(Number.isFinite));
    });
  }
});

Deno.test("an evaluation step is one submit, without waits or leaks", async (t) => {
  for (const kernels of KERNELS) {
    await t.step(`${kernels} kernels`, async () => {
      using device = await requestDevice({ kernels });
      const { model, step } = trainer(device);
      await Promise.all([step(batchOf(LENGTHS)), device.flushReads()]);
      model.eval();
      using _noGrad = noGrad();
      const predictions: Promise<Int32Array>[] = [];
      const evaluate = (read: boolean) => {
        using _scope = device.scope();
        const { logits, loss } = model.forward(batchOf(LENGTHS));
        assert(!logits.requiresGrad && !loss!.requiresGrad);
        if (read) predictions.push(argmax(logits));
      };
      evaluate(false);
      for (let i = 1; i < 5; i++) {
        assertEquals(costOf(device, () => evaluate(false)), ONE_SUBMIT);
      }
      evaluate(true);
      assertEquals(
        costOf(device, () => evaluate(true)),
        { ...ONE_SUBMIT, waits: 1 },
        "with its predictions",
      );
      const [first, second] = await Promise.all(predictions);
      assertEquals(first, second);
    });
  }
});

Deno.test("memory use is constant over batches of many lengths", async (t) => {
  const batches = [[30, 8], [4, 5, 6, 7], [64], [17, 40, 3], [1], [12, 12, 12]];
  for (const kernels of KERNELS) {
    await t.step(`${kernels} kernels`, async () => {
      using device = await requestDevice({ kernels });
      const { model, step } = trainer(device);
      const rounds: {
        liveBytes: number;
        peakBytes: number;
        buffers: number;
      }[] = [];
      for (let round = 0; round < 10; round++) {
        for (const lengths of batches) step(batchOf(lengths, round));
        model.eval();
        using _noGrad = noGrad();
        for (const lengths of batches) {
          using _scope = device.scope();
          await argmax(model.forward(batchOf(lengths, round)).logits);
        }
        model.train();
        const { buffers } = device.counters;
        rounds.push({ ...device.memory, buffers });
      }
      // The set of buffers settles in the second round.
      for (const round of rounds.slice(2)) assertEquals(round, rounds[1]);
    });
  }
});

Deno.test("process memory is constant: no kernel is recompiled for other sizes", async () => {
  using device = await requestDevice();
  const { step } = trainer(device);
  let before = 0;
  for (let i = 0; i < 150; i++) {
    if (i === 50) before = Deno.memoryUsage().rss;
    const batch = batchOf([9, 20, 14, 30, 12, 8, 40, 25], i);
    await Promise.all([step(batch), device.flushReads()]);
  }
  const growth = (Deno.memoryUsage().rss - before) / 100;
  assert(growth < 250e3, `${Math.round(growth)} bytes per step`);
});
