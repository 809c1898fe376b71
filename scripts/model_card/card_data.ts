/**
 * Data of a model card: plain values, as JSON has them.
 *
 * @module
 */

/** A score of an evaluation. */
export interface CardScore {
  /** Name in `results.json`: `f1Macro`. */
  readonly key: string;
  /** Name in words: "F1, macro". */
  readonly name: string;
  /** The score. */
  readonly value: number;
  /** Its 95 % interval. */
  readonly interval?: { readonly low: number; readonly high: number };
  /** The same score of the baseline. */
  readonly baseline?: number;
}

/** Scores of a class or label. */
export interface CardClass {
  readonly label: string;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** Rows that have the label. */
  readonly support: number;
}

/** An evaluation of the model that the folder has. */
export interface CardEvaluation {
  /** Name of the split. */
  readonly split: string;
  /** Number of its rows. */
  readonly rows: number;
  /** The scores, the main one first. */
  readonly scores: readonly CardScore[];
  /** Those of each class or label. */
  readonly classes?: readonly CardClass[];
  /** Whether the weights, the number of epochs or the thresholds were chosen by these scores. */
  readonly isSelection?: boolean;
}

/** The data that the model was trained and evaluated on. */
export interface CardDataset {
  /** Its name, without the path: `messages.csv`. */
  readonly name: string;
  /** Its name on the Hub, if it is from there: `nyu-mll/glue`. */
  readonly hubName?: string;
  /** Format of its files: `csv`. */
  readonly format: string;
  /** One text column, or two of pairs. */
  readonly textColumns: readonly string[];
  /** The label columns. */
  readonly labelColumns: readonly string[];
  /** The splits, with the number of rows of each label, in the order of the labels. */
  readonly splits: readonly {
    readonly name: string;
    readonly rows: number;
    readonly labelCounts?: readonly number[];
  }[];
  /** Training rows that were truncated. */
  readonly truncatedRows?: number;
}

/** Everything that a model card shows. */
export interface ModelCardData {
  /** Name of the model. */
  readonly title: string;
  /** Name on the Hub of the model that was fine-tuned; none if it is not known. */
  readonly baseModel?: string;
  /** `model_type` of the configuration: `bert`. */
  readonly modelType: string;
  /** Kind of the labels, as in transformers. */
  readonly problemType:
    | "single_label_classification"
    | "multi_label_classification"
    | "regression";
  /** Name of each class or label; of a regression the name of the number. */
  readonly labelNames: readonly string[];
  /** Probability from which each label of a multi-label model is predicted. */
  readonly thresholds?: readonly number[];
  /** The data. */
  readonly dataset: CardDataset;
  /** The evaluations; empty if there was none. */
  readonly evaluations: readonly CardEvaluation[];
  /** Name of the baseline of the scores: "the most frequent label". */
  readonly baselineName?: string;
  /** Tokens after which a text or pair is truncated. */
  readonly maxLength: number;
  /** Optimizer steps of the weights. */
  readonly steps: number;
  /** Content of the run's `config.json`: settings, versions, adapter. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Paths of the ONNX files in the folder: `onnx/model.onnx`. */
  readonly onnxFiles: readonly string[];
}
