import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  AdamW,
  AlbertConfig,
  AlbertForSequenceClassification,
  type Batch,
  BertConfig,
  BertForMaskedLM,
  BertForSequenceClassification,
  DebertaV2Config,
  DebertaV2ForSequenceClassification,
  type Device,
  DistilBertConfig,
  DistilBertForSequenceClassification,
  ElectraConfig,
  ElectraForSequenceClassification,
  HostTensor,
  type LabelledBatch,
  type ModelOptions,
  ModernBertConfig,
  ModernBertForSequenceClassification,
  MPNetConfig,
  MPNetForSequenceClassification,
  type PreTrainedModel,
  requestDevice,
  RobertaConfig,
  RobertaForSequenceClassification,
  type Tensor,
} from "../../mod.ts";
import { device } from "../helpers/device.ts";
import { KERNEL_SETS } from "../helpers/kernel_sets.ts";
import { assertSameValues, weightsOf } from "./fixture_model.ts";

const SIZES = {
  vocabSize: 51,
  hiddenSize: 24,
  numHiddenLayers: 3,
  numAttentionHeads: 2,
  intermediateSize: 40,
  maxPositionEmbeddings: 16,
  numLabels: 3,
};
const NONE = -100;
const WORDS = HostTensor.from([
  [NONE, 6, NONE, 8, 9, NONE, 3],
  [3, NONE, 5, NONE, NONE, NONE, NONE],
]);

/** A model whose loss is differentiated. */
type Trained = PreTrainedModel & {
  forward(batch: LabelledBatch): { readonly loss: Tensor };
};

/** Each architecture, with dropout and with tensors that layers share, if it has any. */
const MODELS: Readonly<Record<string, (options: ModelOptions) => Trained>> = {
  bert: (options) =>
    BertForSequenceClassification.fromConfig(new BertConfig(SIZES), options),
  "bert for masked words": (options) =>
    BertForMaskedLM.fromConfig(new BertConfig(SIZES), options),
  distilbert: (options) =>
    DistilBertForSequenceClassification.fromConfig(
      new DistilBertConfig(SIZES),
      options,
    ),
  roberta: (options) =>
    RobertaForSequenceClassification.fromConfig(
      new RobertaConfig(SIZES),
      options,
    ),
  electra: (options) =>
    ElectraForSequenceClassification.fromConfig(
      new ElectraConfig({ ...SIZES, embeddingSize: 16 }),
      options,
    ),
  // Group 0, 0, 0, 1, 1, 1 of two blocks each: weights are shared within and between layers.
  albert: (options) =>
    AlbertForSequenceClassification.fromConfig(
      new AlbertConfig({
        ...SIZES,
        embeddingSize: 16,
        numHiddenLayers: 6,
        numHiddenGroups: 2,
        innerGroupNum: 2,
        hiddenDropoutProb: 0.1,
        attentionProbsDropoutProb: 0.1,
      }),
      options,
    ),
  mpnet: (options) =>
    MPNetForSequenceClassification.fromConfig(new MPNetConfig(SIZES), options),
  "deberta-v2": (options) =>
    DebertaV2ForSequenceClassification.fromConfig(
      new DebertaV2Config({
        ...SIZES,
        relativeAttention: true,
        posAttType: "c2p|p2c",
        positionBuckets: 4,
        normRelEbd: "layer_norm",
        shareAttKey: true,
      }),
      options,
    ),
  modernbert: (options) =>
    ModernBertForSequenceClassification.fromConfig(
      new ModernBertConfig({
        ...SIZES,
        globalAttnEveryNLayers: 2, // full, local, full
        localAttention: 4,
        padTokenId: 0,
        embeddingDropout: 0.1,
        attentionDropout: 0.1,
        mlpDropout: 0.1,
      }),
      options,
    ),
};

/** Rows of seven and three tokens. */
function batchOf(labels: HostTensor, salt: number): Batch & LabelledBatch {
  const inputIds = [[5, 6, 7, 8, 9, 3, 4], [3, 4, 5, 0, 0, 0, 0]];
  return {
    inputIds: HostTensor.from(
      inputIds.map((row) => row.map((id) => id && 1 + (id + salt) % 50)),
    ),
    tokenTypeIds: HostTensor.from(inputIds.map((row) => row.map(() => 0))),
    attentionMask: HostTensor.from(
      inputIds.map((row) => row.map((id) => Math.sign(id))),
    ),
    labels,
  };
}

/** Losses and gradients of two steps of two micro-batches each, and the weights after them. */
async function train(model: Trained, device: Device) {
  const labels = model instanceof BertForMaskedLM
    ? WORDS
    : HostTensor.from([0, 2]);
  const optimizer = new AdamW(model.parameters(), { lr: 1e-2 });
  const losses: number[] = [];
  const gradients: Record<string, Float32Array> = {};
  for (let step = 0; step < 2; step++) {
    for (let i = 0; i < 2; i++) {
      using _step = device.scope();
      const { loss } = model.forward(batchOf(labels, 2 * step + i));
      loss.backward();
      losses.push(await loss.item());
    }
    for (const [name, { grad }] of model.namedParameters()) {
      if (grad) gradients[`${step}: ${name}`] = await grad.toArray();
    }
    optimizer.step();
    optimizer.zeroGrad();
  }
  return { losses, gradients, weights: await weightsOf(model) };
}

Deno.test("gradientCheckpointingEnable() changes no bit of losses, gradients and weights", async (t) => {
  for (const { name: kernels, device } of KERNEL_SETS) {
    for (const [name, make] of Object.entries(MODELS)) {
      await t.step(`${name}, ${kernels} kernels`, async () => {
        const [plain, checkpointed] = [make({ device }), make({ device })];
        checkpointed.gradientCheckpointingEnable();
        const expected = await train(plain, device);
        const actual = await train(checkpointed, device);
        assertEquals(actual.losses, expected.losses);
        assertEquals(new Set(actual.losses).size, 4);
        assertSameValues(actual.gradients, expected.gradients);
        assertSameValues(actual.weights, expected.weights);
      });
    }
  }
});

const [ROWS, TOKENS, HIDDEN] = [4, 64, 64];
/** Bytes of the input of a layer, `[T, H]`. */
const INPUT_BYTES = 4 * ROWS * TOKENS * HIDDEN;

/** A model of some layers, and its loss on rows of one length. */
function longRows(
  device: Device,
  numHiddenLayers: number,
  gradientCheckpointing: boolean,
): () => Tensor {
  const config = new BertConfig({
    ...SIZES,
    numHiddenLayers,
    hiddenSize: HIDDEN,
    intermediateSize: 4 * HIDDEN,
    maxPositionEmbeddings: TOKENS,
  });
  const model = BertForSequenceClassification.fromConfig(config, { device });
  if (gradientCheckpointing) model.gradientCheckpointingEnable();
  const rows = (value: number) =>
    HostTensor.from(
      Array.from({ length: ROWS }, () => Array<number>(TOKENS).fill(value)),
    );
  return () =>
    model.forward({
      inputIds: rows(5),
      tokenTypeIds: rows(0),
      attentionMask: rows(1),
      labels: HostTensor.from([0, 1, 2, 0]),
    }).loss;
}

/** Bytes of a training step beside weights and their gradients: after the forward pass, and at most. */
async function bytesOfStep(
  layers: number,
  gradientCheckpointing: boolean,
): Promise<{ kept: number; peak: number }> {
  using device = await requestDevice();
  const forward = longRows(device, layers, gradientCheckpointing);
  for (let step = 0; step < 2; step++) { // the first one allocates gradients
    using _step = device.scope();
    forward().backward();
  }
  const before = device.memory.liveBytes;
  const peak = device.memory.peakBytes - before;
  using _step = device.scope();
  forward();
  return { kept: device.memory.liveBytes - before, peak };
}

Deno.test("gradientCheckpointingEnable() keeps the input of each layer alone", async () => {
  const [all2, all6] = [
    await bytesOfStep(2, false),
    await bytesOfStep(6, false),
  ];
  const [two, six] = [await bytesOfStep(2, true), await bytesOfStep(6, true)];
  assertEquals(six.kept - two.kept, 4 * INPUT_BYTES);
  assertEquals(six.peak - two.peak, 4 * INPUT_BYTES);
  // Without it: qkv (3), o, a sum, an output, u and gelu(u) (4 each), a sum, an output.
  assert(all6.kept - all2.kept > 4 * 16 * INPUT_BYTES);
});

Deno.test("a training step with checkpoints is one submit, without new buffers", async () => {
  using device = await requestDevice();
  const forward = longRows(device, 3, true);
  const costs = [];
  for (let step = 0; step < 4; step++) {
    const before = device.counters;
    {
      using _step = device.scope();
      forward().backward();
    }
    const { submits, buffers, bindGroups, liveBuffers } = device.counters;
    costs.push([
      submits - before.submits,
      buffers - before.buffers,
      bindGroups - before.bindGroups,
      liveBuffers - before.liveBuffers,
    ]);
  }
  assertEquals(costs.slice(2), [[1, 0, 0, 0], [1, 0, 0, 0]]);
});

Deno.test("gradientCheckpointingDisable() undoes it, for a model and its encoder", () => {
  const model = BertForSequenceClassification.fromConfig(
    new BertConfig(SIZES),
    { device },
  );
  const states = () => [
    model.isGradientCheckpointing,
    model.bert.isGradientCheckpointing,
  ];
  assertEquals(states(), [false, false]);
  model.gradientCheckpointingEnable();
  assertEquals(states(), [true, true]);
  model.gradientCheckpointingDisable();
  assertEquals(states(), [false, false]);
});

Deno.test("gradientCheckpointingEnable() trains layers above frozen embeddings", async () => {
  const gradients = [];
  for (const isOn of [false, true]) {
    const model = MODELS.bert!({ device }) as BertForSequenceClassification;
    if (isOn) model.gradientCheckpointingEnable();
    for (const parameter of model.bert.embeddings.parameters()) {
      parameter.requiresGrad = false;
    }
    using _step = device.scope();
    model.forward(batchOf(HostTensor.from([0, 2]), 0)).loss.backward();
    const { query } = model.bert.encoder.layer[0]!.attention.self;
    gradients.push(await query.weight.grad!.toArray());
  }
  assertEquals(gradients[1], gradients[0]);
});

Deno.test("gradientCheckpointingEnable() refuses a change of the mode before backward()", () => {
  using _step = device.scope();
  const model = MODELS.bert!({ device });
  model.gradientCheckpointingEnable();
  const { loss } = model.forward(batchOf(HostTensor.from([0, 2]), 0));
  model.eval();
  assertThrows(
    () => loss.backward(),
    Error,
    "Cannot differentiate a checkpoint: its function drew 3 random numbers in the forward pass and 0 now; call backward() before eval() or train()",
  );
});
