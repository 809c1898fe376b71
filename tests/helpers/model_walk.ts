/**
 * Training steps and evaluations of every model, with every optimizer.
 *
 * @module
 */
import {
  AdamW,
  argmax,
  BertConfig,
  BertForMaskedLM,
  BertForPreTraining,
  BertForSequenceClassification,
  BertModel,
  clipGradNorm,
  DebertaV2Config,
  DebertaV2ForSequenceClassification,
  DebertaV2Model,
  type Device,
  DistilBertConfig,
  DistilBertForSequenceClassification,
  DistilBertModel,
  type ForSequenceClassification,
  HostTensor,
  ModernBertConfig,
  ModernBertForSequenceClassification,
  ModernBertModel,
  MPNetConfig,
  MPNetForSequenceClassification,
  MPNetModel,
  noGrad,
  type Optimizer,
  type Parameter,
  type PreTrainedModel,
  SGD,
  type Tensor,
  zeros,
} from "../../mod.ts";

/** Sizes of a model. */
export interface ModelSizes {
  readonly vocabSize: number;
  readonly hiddenSize: number;
  readonly heads: number;
  readonly numLabels: number;
}

/** All rows are read in vec4s, and the word embeddings have a sparse gradient. */
export const ALIGNED: ModelSizes = {
  vocabSize: 1100,
  hiddenSize: 64,
  heads: 2,
  numLabels: 4,
};
/** No rows are read in vec4s. */
export const ODD: ModelSizes = {
  vocabSize: 51,
  hiddenSize: 35,
  heads: 5,
  numLabels: 3,
};

const INPUT = {
  inputIds: HostTensor.from([[5, 6, 7, 8, 9], [3, 4, 5, 6, 0]]),
  tokenTypeIds: HostTensor.from([[0, 0, 0, 1, 1], [0, 0, 1, 1, 0]]),
  attentionMask: HostTensor.from([[1, 1, 1, 1, 1], [1, 1, 1, 1, 0]]),
};
const CLASSES = HostTensor.from([0, 1]);
const NONE = -100;
const WORDS = HostTensor.from([[NONE, 6, NONE, 8, 9], [3, NONE, 5, 6, NONE]]);

/** A model and what it computes from a batch. */
interface Walked {
  readonly model: PreTrainedModel;
  /** The loss, or vectors to differentiate if the model has none. */
  readonly train: () => Tensor;
  /** Scores or vectors, `[..., C]`. */
  readonly evaluate: () => Tensor;
}

/** Each model that mod.ts exports, with each of its losses. */
export const MODELS: Readonly<
  Record<string, (device: Device, sizes: ModelSizes) => readonly Walked[]>
> = {
  BertModel(device, sizes) {
    const model = BertModel.fromConfig(bertConfig(sizes), { device });
    const pool = () => model.forward(INPUT).poolerOutput;
    return [{ model, train: pool, evaluate: pool }];
  },
  BertForSequenceClassification: (device, sizes) =>
    problemTypes(sizes).map(({ options, labels }) => {
      const config = bertConfig({ ...sizes, ...options });
      return classifier(
        BertForSequenceClassification.fromConfig(config, { device }),
        labels,
      );
    }),
  BertForMaskedLM(device, sizes) {
    const model = BertForMaskedLM.fromConfig(bertConfig(sizes), { device });
    return [{
      model,
      train: () => model.forward({ ...INPUT, labels: WORDS }).loss,
      evaluate: () => model.forward(INPUT).logits,
    }];
  },
  BertForPreTraining(device, sizes) {
    const model = BertForPreTraining.fromConfig(bertConfig(sizes), { device });
    const labels = { labels: WORDS, nextSentenceLabel: CLASSES };
    return [{
      model,
      train: () => model.forward({ ...INPUT, ...labels }).loss,
      evaluate: () => model.forward(INPUT).predictionLogits,
    }];
  },
  DistilBertModel(device, sizes) {
    const config = distilBertConfig(sizes);
    const model = DistilBertModel.fromConfig(config, { device });
    const encode = () => model.encode(INPUT).lastHiddenState;
    return [{ model, train: encode, evaluate: encode }];
  },
  DistilBertForSequenceClassification: (device, sizes) =>
    problemTypes(sizes).map(({ options, labels }) => {
      const config = distilBertConfig({ ...sizes, ...options });
      return classifier(
        DistilBertForSequenceClassification.fromConfig(config, { device }),
        labels,
      );
    }),
  DebertaV2Model(device, sizes) {
    const config = debertaV2Config(sizes);
    const model = DebertaV2Model.fromConfig(config, { device });
    const encode = () => model.encode(INPUT).lastHiddenState;
    return [{ model, train: encode, evaluate: encode }];
  },
  DebertaV2ForSequenceClassification: (device, sizes) =>
    problemTypes(sizes).map(({ options, labels }) => {
      const config = debertaV2Config({ ...sizes, ...options });
      return classifier(
        DebertaV2ForSequenceClassification.fromConfig(config, { device }),
        labels,
      );
    }),
  MPNetModel(device, sizes) {
    const config = mpnetConfig(sizes);
    const model = MPNetModel.fromConfig(config, { device });
    const encode = () => model.encode(INPUT).lastHiddenState;
    return [{ model, train: encode, evaluate: encode }];
  },
  MPNetForSequenceClassification: (device, sizes) =>
    problemTypes(sizes).map(({ options, labels }) => {
      const config = mpnetConfig({ ...sizes, ...options });
      return classifier(
        MPNetForSequenceClassification.fromConfig(config, { device }),
        labels,
      );
    }),
  ModernBertModel(device, sizes) {
    const config = modernBertConfig(sizes);
    const model = ModernBertModel.fromConfig(config, { device });
    const encode = () => model.encode(INPUT).lastHiddenState;
    return [{ model, train: encode, evaluate: encode }];
  },
  ModernBertForSequenceClassification: (device, sizes) =>
    problemTypes(sizes).map(({ options, labels }) => {
      const config = modernBertConfig({ ...sizes, ...options });
      return classifier(
        ModernBertForSequenceClassification.fromConfig(config, { device }),
        labels,
      );
    }),
};

/** Each optimizer that mod.ts exports. */
export const OPTIMIZERS: Readonly<
  Record<string, (parameters: Parameter[]) => Optimizer>
> = {
  AdamW: (parameters) => new AdamW(parameters),
  SGD: (parameters) => new SGD(parameters, { lr: 0.1, momentum: 0.9 }),
};

/**
 * Trains and evaluates models: two backward passes, clipping, and a step of each
 * optimizer.
 *
 * @param device The device.
 * @param sizes Sizes of the models.
 * @param names Names of the models.
 */
export async function walkModels(
  device: Device,
  sizes: ModelSizes,
  names: readonly string[] = Object.keys(MODELS),
): Promise<void> {
  for (const name of names) {
    for (const { model, train, evaluate } of MODELS[name]!(device, sizes)) {
      using _scope = device.scope();
      for (let pass = 0; pass < 2; pass++) {
        const loss = train();
        loss.backward(zeros(device, loss.shape));
      }
      const parameters = [...model.parameters()];
      clipGradNorm(parameters, 1);
      for (const make of Object.values(OPTIMIZERS)) make(parameters).step();
      using _noGrad = noGrad();
      model.eval();
      await argmax(evaluate());
    }
  }
}

function bertConfig({ heads, ...sizes }: ModelSizes): BertConfig {
  return new BertConfig({
    ...sizes,
    numHiddenLayers: 1,
    numAttentionHeads: heads,
    intermediateSize: 2 * sizes.hiddenSize,
    maxPositionEmbeddings: 8,
  });
}

function distilBertConfig(
  { hiddenSize, heads, ...sizes }: ModelSizes,
): DistilBertConfig {
  return new DistilBertConfig({
    ...sizes,
    dim: hiddenSize,
    nLayers: 1,
    nHeads: heads,
    hiddenDim: 2 * hiddenSize,
    maxPositionEmbeddings: 8,
  });
}

/** Projections of distances are shared with regression alone; the embeddings have another size. */
function debertaV2Config({ heads, ...sizes }: ModelSizes): DebertaV2Config {
  return new DebertaV2Config({
    ...sizes,
    numHiddenLayers: 1,
    numAttentionHeads: heads,
    intermediateSize: 2 * sizes.hiddenSize,
    maxPositionEmbeddings: 8,
    embeddingSize: 2 * sizes.hiddenSize,
    relativeAttention: true,
    posAttType: "c2p|p2c",
    positionBuckets: 4,
    normRelEbd: "layer_norm",
    shareAttKey: sizes.numLabels === 1,
  });
}

function mpnetConfig({ heads, ...sizes }: ModelSizes): MPNetConfig {
  return new MPNetConfig({
    ...sizes,
    numHiddenLayers: 1,
    numAttentionHeads: heads,
    intermediateSize: 2 * sizes.hiddenSize,
    maxPositionEmbeddings: 8,
  });
}

/** Its heads have an even width. */
function modernBertConfig(
  { hiddenSize, heads, ...sizes }: ModelSizes,
): ModernBertConfig {
  return new ModernBertConfig({
    ...sizes,
    hiddenSize: 2 * hiddenSize,
    numHiddenLayers: 2, // full and local attention
    numAttentionHeads: heads,
    intermediateSize: 2 * hiddenSize,
    maxPositionEmbeddings: 8,
    padTokenId: 0,
    normBias: sizes.numLabels === 1,
  });
}

/** Labels of each problem type, and the settings of a model for them. */
function problemTypes(
  { numLabels }: ModelSizes,
): { options: Partial<ModelSizes>; labels: HostTensor }[] {
  const several = new Array<number>(numLabels).fill(0.5);
  return [
    { options: {}, labels: CLASSES },
    { options: {}, labels: HostTensor.from([several, several]) },
    { options: { numLabels: 1 }, labels: HostTensor.from([0.5, 1.5]) },
  ];
}

function classifier(
  model: ForSequenceClassification,
  labels: HostTensor,
): Walked {
  return {
    model,
    train: () => model.forward({ ...INPUT, labels }).loss,
    evaluate: () => model.forward(INPUT).logits,
  };
}
