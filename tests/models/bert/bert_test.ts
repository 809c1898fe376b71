import {
  assert,
  assertEquals,
  assertNotEquals,
  assertStrictEquals,
} from "@std/assert";
import {
  AdamW,
  type Batch,
  BertConfig,
  BertForSequenceClassification,
  BertModel,
  crossEntropy,
  dropout,
  indexSelect,
  Linear,
  Module,
  mul,
  relu,
  type Tensor,
} from "../../../mod.ts";
import odd from "../../fixtures/odd_bert.json" with { type: "json" };
import tiny from "../../fixtures/tiny_bert.json" with { type: "json" };
import {
  assertAllClose,
  BATCH_INVARIANCE,
  GOLDEN_GRAD,
  GOLDEN_LOSS,
} from "../../helpers/all_close.ts";
import { device } from "../../helpers/device.ts";
import {
  assertSameValues,
  batchOf,
  type FixtureBatch,
  gradientsOf,
  modelOf,
  tensorsOf,
  weightsOf,
} from "../fixture_model.ts";

const batch = batchOf(tiny.batches[0]!);
const otherBatch = batchOf(tiny.batches[1]!);

/** Goes back from the loss of one batch. */
function goBack(model: BertForSequenceClassification, of = batch): void {
  using _scope = device.scope();
  model.forward(of).loss!.backward();
}

Deno.test("the parameters of a BERT have the names and shapes of transformers", () => {
  const expected = tensorsOf(tiny.weights);
  const model = modelOf(tiny);
  const sizes = Object.fromEntries(
    [...model.namedParameters()].map(([name, { size }]) => [name, size]),
  );
  assertEquals(
    sizes,
    Object.fromEntries(
      Object.entries(expected).map(([name, { length }]) => [name, length]),
    ),
  );
  const shapes = model.stateDict();
  const { vocabSize, hiddenSize, intermediateSize } = model.config;
  assertEquals(shapes["bert.embeddings.word_embeddings.weight"]!.shape, [
    vocabSize,
    hiddenSize,
  ]);
  assertEquals(
    shapes["bert.encoder.layer.1.intermediate.dense.weight"]!.shape,
    [intermediateSize, hiddenSize],
  );
  assertEquals(
    shapes["bert.encoder.layer.0.attention.output.LayerNorm.bias"]!.shape,
    [hiddenSize],
  );
  assertEquals([...model.parameters()], Object.values(shapes));
});

Deno.test("a new BERT has the initial values of transformers", async () => {
  const config = new BertConfig({
    vocabSize: 150,
    hiddenSize: 64,
    numHiddenLayers: 1,
    numAttentionHeads: 2,
    intermediateSize: 128,
    padTokenId: 3,
    initializerRange: 0.05,
  });
  const make = (seed: number) =>
    weightsOf(
      BertForSequenceClassification.fromConfig(config, { device, seed }),
    );
  const [weights, same, other] = [await make(1), await make(1), await make(2)];
  assertSameValues(same, weights);
  for (const [name, values] of Object.entries(weights)) {
    if (name.endsWith("LayerNorm.weight")) {
      assert(values.every((value) => value === 1), name);
    } else if (name.endsWith("bias")) {
      assert(values.every((value) => value === 0), name);
    } else {
      assertNotEquals(other[name], values, name);
      const squares = values.reduce((sum, value) => sum + value * value, 0);
      const deviation = Math.sqrt(squares / values.length);
      // Four standard errors of a sample's deviation.
      const share = Math.abs(deviation / config.initializerRange - 1);
      assert(share < 4 / Math.sqrt(2 * values.length), `${name}: ${deviation}`);
    }
  }
  const words = weights["bert.embeddings.word_embeddings.weight"]!;
  assertEquals(words.slice(3 * 64, 4 * 64), new Float32Array(64));
});

Deno.test("a gradient is undefined until backward(), adds up, and is cleared by zeroGrad()", async () => {
  const model = modelOf(tiny);
  const optimizer = new AdamW(model.parameters());
  for (const [name, { grad }] of model.namedParameters()) {
    assertStrictEquals(grad, undefined, name);
  }
  goBack(model, otherBatch);
  const other = await gradientsOf(model);
  goBack(model);
  const both = await gradientsOf(model);
  optimizer.zeroGrad();
  for (const [name, { grad }] of model.namedParameters()) {
    assertStrictEquals(grad, undefined, name);
  }
  goBack(model);
  const expected = tensorsOf(tiny.firstBatch.gradients);
  for (const [name, gradient] of Object.entries(await gradientsOf(model))) {
    assertAllClose(gradient, expected[name]!, GOLDEN_GRAD, name);
    assertAllClose(
      both[name]!,
      gradient.map((value, i) => value + other[name]![i]!),
      BATCH_INVARIANCE,
      `${name}, added`,
    );
  }
});

Deno.test("the gradient of the word embeddings is whole, with zeros where no token looked", async () => {
  const model = modelOf(tiny);
  const { weight } = model.bert.embeddings.wordEmbeddings;
  const { hiddenSize } = model.config;
  const padTokenId = model.config.padTokenId!;
  // A padding token under the mask is looked up, and its row still gets nothing.
  const [row = []] = tiny.batches[0]!.inputIds;
  const ids = [row[0]!, padTokenId, row[1]!, padTokenId, row[2]!];
  const one = (value: number) => [ids.map(() => value)];
  const batches: FixtureBatch[] = [tiny.batches[1]!, {
    inputIds: [ids],
    tokenTypeIds: one(0),
    attentionMask: one(1),
    labels: [1],
  }];
  for (const batch of batches) { // the second one must not see what the first left
    weight.grad = undefined;
    goBack(model, batchOf(batch));
    assertEquals(weight.grad!.shape, weight.shape);
    const gradient = await weight.grad!.toArray();
    const seen = new Set(
      batch.inputIds.flatMap((row, i) =>
        row.filter((_, j) => batch.attentionMask[i]![j])
      ),
    );
    seen.delete(padTokenId);
    for (let id = 0; id < weight.shape[0]!; id++) {
      const row = gradient.subarray(id * hiddenSize, (id + 1) * hiddenSize);
      assertEquals(row.some((value) => value !== 0), seen.has(id), `row ${id}`);
    }
  }
});

/** Three steps of AdamW over `size` rows at a time: the loss of each whole batch, and the last gradients. */
async function trainInParts(size: number) {
  const model = modelOf(tiny);
  const optimizer = new AdamW(model.parameters(), { lr: 1e-3 });
  const losses: number[] = [];
  for (const batch of tiny.batches.slice(0, 3)) {
    optimizer.zeroGrad();
    using _window = device.scope();
    const rows = batch.labels.length;
    let loss = 0;
    for (let start = 0; start < rows; start += size) {
      const end = Math.min(rows, start + size);
      const part = model.forward(batchOf({
        inputIds: batch.inputIds.slice(start, end),
        tokenTypeIds: batch.tokenTypeIds.slice(start, end),
        attentionMask: batch.attentionMask.slice(start, end),
        labels: batch.labels.slice(start, end),
      }));
      const share = mul(part.loss!, (end - start) / rows);
      share.backward();
      loss += await share.item();
    }
    losses.push(loss);
    optimizer.step();
  }
  return { losses, gradients: await gradientsOf(model) };
}

Deno.test("micro-batches with their shares of the loss train as one batch of all rows", async (t) => {
  const whole = await trainInParts(Infinity);
  const steps = tiny.course.steps.slice(0, 1);
  assertAllClose(
    whole.losses.slice(0, 1),
    steps.map((s) => s.loss),
    GOLDEN_LOSS,
  );
  for (const size of [1, 3, 4]) { // of 7, 5 and 7 rows: a last part may be short
    await t.step(`${size} rows at a time`, async () => {
      const parts = await trainInParts(size);
      assertAllClose(parts.losses, whole.losses, GOLDEN_LOSS);
      for (const [name, gradient] of Object.entries(parts.gradients)) {
        assertAllClose(gradient, whole.gradients[name]!, GOLDEN_GRAD, name);
      }
    });
  }
});

/** A user's own head over the encoder's first tokens; the pooler is not used. */
class TwoLayerHead extends Module {
  readonly encoder: BertModel;
  readonly hidden: Linear;
  readonly output: Linear;

  constructor(config: BertConfig, seed: number) {
    super();
    this.encoder = BertModel.fromConfig(config, { device, seed });
    this.hidden = new Linear(device, config.hiddenSize, 12);
    this.output = new Linear(device, 12, config.numLabels);
  }

  forward(batch: Batch): Tensor {
    const { lastHiddenState, cuSeqlens } = this.encoder.forward(batch);
    const first = indexSelect(lastHiddenState, 0, cuSeqlens.slice(0, -1));
    const hidden = relu(this.hidden.forward(first));
    return this.output.forward(dropout(hidden, this.encoder.dropoutKey(0.1)));
  }
}

Deno.test("a user's own head trains with its encoder", async () => {
  const model = new TwoLayerHead(BertConfig.fromJson(odd.config), 3);
  const batch = batchOf(odd.batch);
  const optimizer = new AdamW(model.parameters(), { lr: 1e-2, weightDecay: 0 });
  const before = await weightsOf(model);
  const losses: number[] = [];
  for (let step = 0; step < 30; step++) {
    using _step = device.scope();
    const loss = crossEntropy(model.forward(batch), batch.labels);
    loss.backward();
    optimizer.step();
    optimizer.zeroGrad();
    losses.push(await loss.item());
  }
  const [first, last] = [losses[0]!, losses.at(-1)!];
  assert(last < first / 2, `the loss went from ${first} to ${last}`);
  for (const [name, weights] of Object.entries(await weightsOf(model))) {
    const moved = weights.some((value, i) => value !== before[name]![i]);
    assertEquals(moved, !name.startsWith("encoder.pooler."), name);
  }
});
