/**
 * Training steps and evaluations of every model, with every optimizer.
 *
 * @module
 */
import {
  AdamW,
  AlbertConfig,
  AlbertForSequenceClassification,
  AlbertModel,
  argmax,
  autocast,
  BertConfig,
  BertForMaskedLM,
  BertForPreTraining,
  BertForSequenceClassification,
  BertModel,
  CamembertConfig,
  CamembertForSequenceClassification,
  CamembertModel,
  clipGradNorm,
  DebertaV2Config,
  DebertaV2ForSequenceClassification,
  DebertaV2Model,
  type Device,
  DistilBertConfig,
  DistilBertForSequenceClassification,
  DistilBertModel,
  ElectraConfig,
  ElectraForSequenceClassification,
  ElectraModel,
  type Encoder,
  type ForSequenceClassification,
  GradScaler,
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
  RobertaConfig,
  RobertaForSequenceClassification,
  RobertaModel,
  SGD,
  type Tensor,
  XLMRobertaConfig,
  XLMRobertaForSequenceClassification,
  XLMRobertaModel,
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
  BertForSequenceClassification: classifiers((sizes, options) =>
    BertForSequenceClassification.fromConfig(bertConfig(sizes), options)
  ),
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
  DistilBertModel: encoder((sizes, options) =>
    DistilBertModel.fromConfig(distilBertConfig(sizes), options)
  ),
  DistilBertForSequenceClassification: classifiers((sizes, options) =>
    DistilBertForSequenceClassification.fromConfig(
      distilBertConfig(sizes),
      options,
    )
  ),
  RobertaModel: encoder((sizes, options) =>
    RobertaModel.fromConfig(new RobertaConfig(settingsOf(sizes)), options)
  ),
  RobertaForSequenceClassification: classifiers((sizes, options) =>
    RobertaForSequenceClassification.fromConfig(
      new RobertaConfig(settingsOf(sizes)),
      options,
    )
  ),
  XLMRobertaModel: encoder((sizes, options) =>
    XLMRobertaModel.fromConfig(new XLMRobertaConfig(settingsOf(sizes)), options)
  ),
  XLMRobertaForSequenceClassification: classifiers((sizes, options) =>
    XLMRobertaForSequenceClassification.fromConfig(
      new XLMRobertaConfig(settingsOf(sizes)),
      options,
    )
  ),
  CamembertModel: encoder((sizes, options) =>
    CamembertModel.fromConfig(new CamembertConfig(settingsOf(sizes)), options)
  ),
  CamembertForSequenceClassification: classifiers((sizes, options) =>
    CamembertForSequenceClassification.fromConfig(
      new CamembertConfig(settingsOf(sizes)),
      options,
    )
  ),
  ElectraModel: encoder((sizes, options) =>
    ElectraModel.fromConfig(new ElectraConfig(projectedOf(sizes)), options)
  ),
  ElectraForSequenceClassification: classifiers((sizes, options) =>
    ElectraForSequenceClassification.fromConfig(
      new ElectraConfig(projectedOf(sizes)),
      options,
    )
  ),
  MPNetModel: encoder((sizes, options) =>
    MPNetModel.fromConfig(mpnetConfig(sizes), options)
  ),
  MPNetForSequenceClassification: classifiers((sizes, options) =>
    MPNetForSequenceClassification.fromConfig(mpnetConfig(sizes), options)
  ),
  AlbertModel: encoder((sizes, options) =>
    AlbertModel.fromConfig(new AlbertConfig(projectedOf(sizes)), options)
  ),
  AlbertForSequenceClassification: classifiers((sizes, options) =>
    AlbertForSequenceClassification.fromConfig(
      new AlbertConfig(projectedOf(sizes)),
      options,
    )
  ),
  ModernBertModel: encoder((sizes, options) =>
    ModernBertModel.fromConfig(modernBertConfig(sizes), options)
  ),
  ModernBertForSequenceClassification: classifiers((sizes, options) =>
    ModernBertForSequenceClassification.fromConfig(
      modernBertConfig(sizes),
      options,
    )
  ),
  DebertaV2Model: encoder((sizes, options) =>
    DebertaV2Model.fromConfig(debertaV2Config(sizes), options)
  ),
  DebertaV2ForSequenceClassification: classifiers((sizes, options) =>
    DebertaV2ForSequenceClassification.fromConfig(
      debertaV2Config(sizes),
      options,
    )
  ),
};

/** Each optimizer that mod.ts exports. */
export const OPTIMIZERS: Readonly<
  Record<string, (parameters: Parameter[]) => Optimizer>
> = {
  AdamW: (parameters) => new AdamW(parameters),
  SGD: (parameters) => new SGD(parameters, { lr: 0.1, momentum: 0.9 }),
};

/**
 * Trains and evaluates models: two backward passes, one in half precision where the
 * device has it, clipping, and steps of each optimizer.
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
      const scaler = new GradScaler(device);
      for (const enabled of [false, device.hasFloat16]) {
        using _autocast = autocast(device, { enabled });
        const loss = scaler.scale(train());
        loss.backward(zeros(device, loss.shape));
      }
      const parameters = [...model.parameters()];
      clipGradNorm(parameters, 1);
      for (const make of Object.values(OPTIMIZERS)) {
        make(parameters).step();
        scaler.step(make(parameters));
        scaler.update();
      }
      using _noGrad = noGrad();
      model.eval();
      await argmax(evaluate());
    }
  }
}

/** Settings under their common names. */
function settingsOf({ heads, ...sizes }: ModelSizes) {
  return {
    ...sizes,
    numHiddenLayers: 1,
    numAttentionHeads: heads,
    intermediateSize: 2 * sizes.hiddenSize,
    maxPositionEmbeddings: 8,
  };
}

/** Settings of a model whose embeddings have another size. */
function projectedOf(sizes: ModelSizes) {
  return { ...settingsOf(sizes), embeddingSize: 2 * sizes.hiddenSize };
}

function bertConfig(sizes: ModelSizes): BertConfig {
  return new BertConfig(settingsOf(sizes));
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
function debertaV2Config(sizes: ModelSizes): DebertaV2Config {
  return new DebertaV2Config({
    ...projectedOf(sizes),
    relativeAttention: true,
    posAttType: "c2p|p2c",
    positionBuckets: 4,
    normRelEbd: "layer_norm",
    shareAttKey: sizes.numLabels === 1,
  });
}

function mpnetConfig(sizes: ModelSizes): MPNetConfig {
  return new MPNetConfig(settingsOf(sizes));
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

/** Makes a model of some sizes. */
type Make<Model> = (sizes: ModelSizes, options: { device: Device }) => Model;

function encoder(make: Make<Encoder>) {
  return (device: Device, sizes: ModelSizes): Walked[] => {
    const model = make(sizes, { device });
    const encode = () => model.encode(INPUT).lastHiddenState;
    return [{ model, train: encode, evaluate: encode }];
  };
}

function classifiers(make: Make<ForSequenceClassification>) {
  return (device: Device, sizes: ModelSizes): Walked[] =>
    problemTypes(sizes).map(({ options, labels }) =>
      classifier(make({ ...sizes, ...options }, { device }), labels)
    );
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
