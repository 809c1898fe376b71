import { assertEquals } from "@std/assert";
import {
  AdamW,
  AlbertConfig,
  AlbertForSequenceClassification,
  allReduceGradients,
  BertConfig,
  BertForSequenceClassification,
  clipGradNorm,
  type Communicator,
  crossEntropy,
  dataCollatorWithPadding,
  DataLoader,
  DebertaV2Config,
  DebertaV2ForSequenceClassification,
  type Device,
  DistilBertConfig,
  DistilBertForSequenceClassification,
  ElectraConfig,
  ElectraForSequenceClassification,
  type ForSequenceClassification,
  GradientAccumulation,
  ModernBertConfig,
  ModernBertForSequenceClassification,
  MPNetConfig,
  MPNetForSequenceClassification,
  mul,
  Random,
  RobertaConfig,
  RobertaForSequenceClassification,
  type Row,
  SingleProcess,
} from "../../mod.ts";
import { assertAllClose } from "../helpers/all_close.ts";
import { device } from "../helpers/device.ts";
import { DATA_PARALLEL } from "../helpers/tolerances.ts";
import { localCommunicators } from "./local_communicators.ts";

/** Embeddings with a sparse gradient, and widths with and without vec4s. */
const SIZES = [
  { vocabSize: 1100, hiddenSize: 64, numAttentionHeads: 2 },
  { vocabSize: 60, hiddenSize: 30, numAttentionHeads: 3 },
];
const COMMON = {
  numHiddenLayers: 2,
  intermediateSize: 70,
  maxPositionEmbeddings: 16,
  numLabels: 3,
};

type Sizes = (typeof SIZES)[number];
type Make = (sizes: Sizes, device: Device) => ForSequenceClassification;

/** Every architecture, with dropout at each of its places. */
const MODELS: Readonly<Record<string, Make>> = {
  BERT: (sizes, device) =>
    BertForSequenceClassification.fromConfig(
      new BertConfig({ ...COMMON, ...sizes }),
      { device },
    ),
  DistilBERT: ({ vocabSize, hiddenSize, numAttentionHeads }, device) =>
    DistilBertForSequenceClassification.fromConfig(
      new DistilBertConfig({
        ...{ vocabSize, dim: hiddenSize, nHeads: numAttentionHeads },
        ...{ nLayers: 2, hiddenDim: 70, maxPositionEmbeddings: 16 },
        numLabels: 3,
      }),
      { device },
    ),
  RoBERTa: (sizes, device) =>
    RobertaForSequenceClassification.fromConfig(
      new RobertaConfig({ ...COMMON, ...sizes }),
      { device },
    ),
  ELECTRA: (sizes, device) =>
    ElectraForSequenceClassification.fromConfig(
      new ElectraConfig({ ...COMMON, ...sizes, embeddingSize: 20 }),
      { device },
    ),
  ALBERT: (sizes, device) =>
    AlbertForSequenceClassification.fromConfig(
      new AlbertConfig({
        ...{ ...COMMON, ...sizes, embeddingSize: 20 },
        ...{ hiddenDropoutProb: 0.1, attentionProbsDropoutProb: 0.1 },
      }),
      { device },
    ),
  MPNet: (sizes, device) =>
    MPNetForSequenceClassification.fromConfig(
      new MPNetConfig({ ...COMMON, ...sizes }),
      { device },
    ),
  "DeBERTa-v2": (sizes, device) =>
    DebertaV2ForSequenceClassification.fromConfig(
      new DebertaV2Config({
        ...{ ...COMMON, ...sizes, relativeAttention: true },
        ...{ posAttType: "c2p|p2c", positionBuckets: 16 },
        ...{ normRelEbd: "layer_norm", poolerDropout: 0.1 },
      }),
      { device },
    ),
  ModernBERT: ({ hiddenSize, ...sizes }, device) =>
    ModernBertForSequenceClassification.fromConfig(
      new ModernBertConfig({
        ...{ ...COMMON, ...sizes, hiddenSize: 2 * hiddenSize },
        ...{ padTokenId: 0, localAttention: 4 },
        ...{ attentionDropout: 0.1, embeddingDropout: 0.1 },
        ...{ mlpDropout: 0.1, classifierDropout: 0.1 },
      }),
      { device },
    ),
};

/** Rows of 1 to 9 tokens: five batches of 4, the last with 1 row. */
function rowsOf(vocabSize: number): Row[] {
  const random = new Random(3);
  return Array.from({ length: 17 }, (_, i) => {
    const length = 1 + random.below(9);
    const inputIds = Array.from(
      { length },
      () => 5 + random.below(vocabSize - 5),
    );
    return { inputIds, labels: i % 3 };
  });
}

interface Trained {
  readonly losses: number[];
  readonly gradNorms: number[];
  readonly weights: Float32Array[];
}

/** Trains an epoch: with two batches a step, or one, and class weights if there are any. */
async function train(
  make: () => ForSequenceClassification,
  communicator: Communicator,
  { batchesPerStep = 2, classWeights }: {
    batchesPerStep?: number;
    classWeights?: number[];
  } = {},
): Promise<Trained> {
  const model = make();
  const rows = rowsOf(model.config.vocabSize);
  const tokenizer = { padTokenId: 0, padTokenTypeId: 0 } as const;
  const loader = new DataLoader(rows, {
    ...{ batchSize: 4, shuffle: true, seed: 1, communicator },
    collateFn: dataCollatorWithPadding(tokenizer),
  });
  const accumulation = new GradientAccumulation(loader, batchesPerStep, {
    ...classWeights &&
      { weights: rows.map((row) => classWeights[Number(row.labels)]!) },
  });
  // A gradient that is nothing but rounding would take a step of any sign.
  const optimizer = new AdamW(model.parameters(), { lr: 1e-3, eps: 1e-4 });
  const losses: number[] = [];
  const gradNorms: number[] = [];
  const sum = new Float64Array(1);
  model.train();
  for await (const batch of loader) {
    using _step = device.scope();
    const { loss, logits } = model.forward(batch);
    const { share, weight, isLast } = accumulation.current;
    const part = classWeights
      ? mul(
        crossEntropy(logits, batch.labels, {
          weight: classWeights,
          reduction: "sum",
        }),
        1 / weight,
      )
      : mul(loss, share);
    part.backward();
    sum[0]! += await part.item();
    if (!isLast) continue;
    await communicator.allReduceSum(sum);
    await allReduceGradients(communicator, model.parameters());
    losses.push(sum[0]!);
    sum[0] = 0;
    gradNorms.push(await clipGradNorm(model.parameters(), 1).item());
    optimizer.step();
    optimizer.zeroGrad();
  }
  const weights = [];
  for (const parameter of model.parameters()) {
    weights.push(await parameter.toArray());
  }
  return { losses, gradNorms, weights };
}

function assertSameRun(actual: Trained, expected: Trained): void {
  assertAllClose(actual.losses, expected.losses, DATA_PARALLEL);
  assertAllClose(actual.gradNorms, expected.gradNorms, DATA_PARALLEL);
  assertEquals(actual.weights.length, expected.weights.length);
  actual.weights.forEach((weights, i) =>
    assertAllClose(weights, expected.weights[i]!, DATA_PARALLEL)
  );
}

for (const [name, make] of Object.entries(MODELS)) {
  Deno.test(`${name}: several processes train as one, with dropout`, async (t) => {
    for (const [i, sizes] of SIZES.entries()) {
      // Sparse gradients of the embeddings become dense where two batches add to them.
      const options = { batchesPerStep: 1 + i };
      const alone = new SingleProcess();
      const one = await train(() => make(sizes, device), alone, options);
      const size = 2 + 3 * i;
      await t.step(`${size} processes, width ${sizes.hiddenSize}`, async () => {
        const all = await Promise.all(
          localCommunicators(size).map((communicator) =>
            train(() => make(sizes, device), communicator, options)
          ),
        );
        for (const other of all) assertEquals(other, all[0]); // the same bits
        assertSameRun(all[0]!, one);
      });
    }
  });
}

Deno.test("several processes weigh classes as one", async () => {
  const make = () => MODELS.BERT!(SIZES[1]!, device);
  const options = { classWeights: [0.2, 1, 3] };
  const one = await train(make, new SingleProcess(), options);
  const [two] = await Promise.all(
    localCommunicators(2).map((communicator) =>
      train(make, communicator, options)
    ),
  );
  assertSameRun(two!, one);
});
