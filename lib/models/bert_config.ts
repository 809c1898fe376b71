/**
 * The configuration of a BERT, as `config.json` has it.
 *
 * @module
 */

/** Settings of a {@linkcode BertConfig}; all have transformers' defaults. */
export interface BertConfigOptions {
  /**
   * Rows of the table of words V.
   *
   * @default 30522
   */
  vocabSize?: number;
  /**
   * Size of a token's vector H.
   *
   * @default 768
   */
  hiddenSize?: number;
  /**
   * Layers.
   *
   * @default 12
   */
  numHiddenLayers?: number;
  /**
   * Attention heads A; H is a multiple of it.
   *
   * @default 12
   */
  numAttentionHeads?: number;
  /**
   * Size between the two linear layers of a block I.
   *
   * @default 3072
   */
  intermediateSize?: number;
  /**
   * The activation: `gelu` is the only one there is, with the exact error function.
   *
   * @default "gelu"
   */
  hiddenAct?: string;
  /**
   * Dropout of embeddings, blocks and, unless `classifierDropout` says otherwise, the pooled output.
   *
   * @default 0.1
   */
  hiddenDropoutProb?: number;
  /**
   * Dropout of attention's probabilities.
   *
   * @default 0.1
   */
  attentionProbsDropoutProb?: number;
  /**
   * Positions, and so the longest row.
   *
   * @default 512
   */
  maxPositionEmbeddings?: number;
  /**
   * Kinds of tokens: 2 for pairs of texts.
   *
   * @default 2
   */
  typeVocabSize?: number;
  /**
   * Standard deviation of initial weights.
   *
   * @default 0.02
   */
  initializerRange?: number;
  /**
   * Added to the variance in layer normalisation.
   *
   * @default 1e-12
   */
  layerNormEps?: number;
  /**
   * Id of the padding token, whose embedding gets no gradient.
   *
   * @default 0
   */
  padTokenId?: number;
  /**
   * Dropout before the classifier.
   *
   * @default `hiddenDropoutProb`
   */
  classifierDropout?: number | null;
  /**
   * Names of the labels by number; as many as there are labels.
   *
   * @default LABEL_0, LABEL_1
   */
  id2label?: Readonly<Record<number, string>>;
  /**
   * Number of labels; 1 is regression.
   *
   * @default As many as `id2label` has.
   */
  numLabels?: number;
}

type Settings = Required<Omit<BertConfigOptions, "numLabels">>;

const DEFAULTS: Settings = {
  vocabSize: 30522,
  hiddenSize: 768,
  numHiddenLayers: 12,
  numAttentionHeads: 12,
  intermediateSize: 3072,
  hiddenAct: "gelu",
  hiddenDropoutProb: 0.1,
  attentionProbsDropoutProb: 0.1,
  maxPositionEmbeddings: 512,
  typeVocabSize: 2,
  initializerRange: 0.02,
  layerNormEps: 1e-12,
  padTokenId: 0,
  classifierDropout: null,
  id2label: { 0: "LABEL_0", 1: "LABEL_1" },
};

const SIZES = [
  "vocabSize",
  "hiddenSize",
  "numHiddenLayers",
  "numAttentionHeads",
  "intermediateSize",
  "maxPositionEmbeddings",
  "typeVocabSize",
  "numLabels",
] as const;

/** The name in `config.json` of a setting: `hiddenSize` is `hidden_size` there. */
function jsonName(setting: string): string {
  return setting.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Sizes and rates of a BERT. */
export class BertConfig {
  /** Rows of the table of words V. */
  readonly vocabSize: number;
  /** Size of a token's vector H. */
  readonly hiddenSize: number;
  /** Layers. */
  readonly numHiddenLayers: number;
  /** Attention heads A. */
  readonly numAttentionHeads: number;
  /** Size between the two linear layers of a block I. */
  readonly intermediateSize: number;
  /** The activation. */
  readonly hiddenAct: string;
  /** Dropout of embeddings and blocks. */
  readonly hiddenDropoutProb: number;
  /** Dropout of attention's probabilities. */
  readonly attentionProbsDropoutProb: number;
  /** Positions, and so the longest row. */
  readonly maxPositionEmbeddings: number;
  /** Kinds of tokens. */
  readonly typeVocabSize: number;
  /** Standard deviation of initial weights. */
  readonly initializerRange: number;
  /** Added to the variance in layer normalisation. */
  readonly layerNormEps: number;
  /** Id of the padding token. */
  readonly padTokenId: number;
  /** Dropout before the classifier; `null` for that of the blocks. */
  readonly classifierDropout: number | null;
  /** Names of the labels by number. */
  readonly id2label: Readonly<Record<number, string>>;
  /** What else `config.json` held; kept when it is written again. */
  readonly #others: Readonly<Record<string, unknown>>;

  /**
   * Makes a configuration.
   *
   * @param options Whatever differs from transformers' defaults.
   * @param others Other keys of `config.json`.
   * @throws {RangeError} If a size is not a whole number from 1, H is no multiple of A, or the activation is unknown.
   */
  constructor(
    options: BertConfigOptions = {},
    others: Readonly<Record<string, unknown>> = {},
  ) {
    const settings = { ...DEFAULTS, ...options };
    const { numLabels } = options;
    if (numLabels !== undefined && options.id2label === undefined) {
      settings.id2label = Object.fromEntries(
        Array.from({ length: numLabels }, (_, i) => [i, `LABEL_${i}`]),
      );
    }
    this.vocabSize = settings.vocabSize;
    this.hiddenSize = settings.hiddenSize;
    this.numHiddenLayers = settings.numHiddenLayers;
    this.numAttentionHeads = settings.numAttentionHeads;
    this.intermediateSize = settings.intermediateSize;
    this.hiddenAct = settings.hiddenAct;
    this.hiddenDropoutProb = settings.hiddenDropoutProb;
    this.attentionProbsDropoutProb = settings.attentionProbsDropoutProb;
    this.maxPositionEmbeddings = settings.maxPositionEmbeddings;
    this.typeVocabSize = settings.typeVocabSize;
    this.initializerRange = settings.initializerRange;
    this.layerNormEps = settings.layerNormEps;
    this.padTokenId = settings.padTokenId;
    this.classifierDropout = settings.classifierDropout;
    this.id2label = settings.id2label;
    this.#others = others;
    this.#check(numLabels);
  }

  /** Number of labels; 1 is regression. */
  get numLabels(): number {
    return Object.keys(this.id2label).length;
  }

  /**
   * Reads what `config.json` holds.
   *
   * @param json Its content.
   * @param changes Settings that replace those of the file.
   * @param source Where it was read from, for errors.
   * @returns The configuration; keys that it does not know are kept for {@linkcode BertConfig.toJson}.
   * @throws {SyntaxError} If the file is of another architecture.
   * @throws {RangeError} As the constructor.
   */
  static fromJson(
    json: Readonly<Record<string, unknown>>,
    changes: BertConfigOptions = {},
    source = "config.json",
  ): BertConfig {
    const { model_type: modelType = "bert" } = json;
    if (modelType !== "bert") {
      throw new SyntaxError(
        `Cannot read ${source}: its model_type is "${modelType}", this class reads "bert": name the folder of a BERT`,
      );
    }
    const unsupported: [key: string, value: unknown][] = [
      ["position_embedding_type", "absolute"],
      ["is_decoder", false],
      ["add_cross_attention", false],
    ];
    for (const [key, value] of unsupported) {
      if (json[key] !== undefined && json[key] !== value) {
        throw new SyntaxError(
          `Cannot read ${source}: ${key} is ${
            JSON.stringify(json[key])
          }, only ${JSON.stringify(value)} is supported`,
        );
      }
    }
    const options: Record<string, unknown> = {};
    const others: Record<string, unknown> = { ...json };
    for (const setting of Object.keys(DEFAULTS)) {
      const name = jsonName(setting);
      if (json[name] !== undefined) options[setting] = json[name];
      delete others[name];
    }
    const { numLabels } = changes;
    const labels = options.id2label as Record<number, string> | undefined;
    if (numLabels !== undefined && labels !== undefined) {
      // Names of other labels would be wrong.
      if (Object.keys(labels).length !== numLabels) delete options.id2label;
    }
    try {
      return new BertConfig({ ...options, ...changes }, others);
    } catch (cause) {
      const { message } = cause as Error;
      throw new RangeError(`Cannot read ${source}: ${message}`, { cause });
    }
  }

  /**
   * Gives the content of `config.json` for a model of this configuration.
   *
   * @param architecture The model's class in transformers.
   * @returns The content.
   */
  toJson(architecture: string): Record<string, unknown> {
    const settings = Object.keys(DEFAULTS).map((setting) => [
      jsonName(setting),
      this[setting as keyof Settings],
    ]);
    return {
      ...this.#others,
      ...Object.fromEntries(settings),
      label2id: Object.fromEntries(
        Object.entries(this.id2label).map(([id, label]) => [label, Number(id)]),
      ),
      architectures: [architecture],
      model_type: "bert",
      dtype: "float32",
      ...architecture.endsWith("ForSequenceClassification") && {
        problem_type: this.numLabels === 1
          ? "regression"
          : "single_label_classification",
      },
    };
  }

  #check(numLabels: number | undefined): void {
    const refuse = (reason: string): never => {
      throw new RangeError(`Cannot make a BertConfig: ${reason}`);
    };
    for (const name of SIZES) {
      if (!Number.isInteger(this[name]) || this[name] < 1) {
        refuse(`${name} must be a whole number from 1, not ${this[name]}`);
      }
    }
    if (this.hiddenSize % this.numAttentionHeads !== 0) {
      refuse(
        `hiddenSize ${this.hiddenSize} is no multiple of numAttentionHeads ${this.numAttentionHeads}`,
      );
    }
    if (this.hiddenAct !== "gelu") {
      refuse(`hiddenAct "${this.hiddenAct}" is unknown; there is "gelu"`);
    }
    if (numLabels !== undefined && numLabels !== this.numLabels) {
      refuse(
        `id2label names ${this.numLabels} labels, numLabels is ${numLabels}`,
      );
    }
  }
}
