/**
 * Messages between the page and its worker, which has the data, the model and the
 * device. Everything here is plain data that `postMessage` copies.
 *
 * @module
 */
/// <reference lib="dom" />

/** Share of the rows that is held out at first. */
export const HELD_OUT = 0.2;

/** Rows of a list. */
export const LISTED_ROWS = 25;

/** Names of the samples. */
export type SampleName = "intents" | "pairs";

/** Origin of a table. */
export type TableSource =
  | { readonly kind: "sample"; readonly name: SampleName }
  | { readonly kind: "file"; readonly file: File }
  | { readonly kind: "text"; readonly text: string };

/** Origin of a model. */
export type ModelSource =
  | { readonly kind: "embedded" }
  | {
    readonly kind: "folder";
    readonly files: readonly File[];
    /** Name of the folder, where the files have no path in it. */
    readonly name?: string;
  }
  | { readonly kind: "hub"; readonly name: string };

/** Columns of a table that are used, and the share of its rows that is held out. */
export interface DataChoice {
  /** The text column, or the two of a pair. */
  readonly text: readonly string[];
  /** The column of the classes. */
  readonly label: string;
  /** Share of the rows that are not trained on. */
  readonly heldOut: number;
}

/** Settings of a training. */
export interface Settings {
  readonly epochs: number;
  readonly learningRate: number;
  readonly batchSize: number;
}

/** Message to the worker. */
export type Request =
  | { readonly type: "openTable"; readonly source: TableSource }
  | { readonly type: "chooseData"; readonly choice: DataChoice }
  | { readonly type: "openModel"; readonly source: ModelSource }
  | { readonly type: "start"; readonly settings: Settings }
  | { readonly type: "pause" | "resume" | "stop" }
  | { readonly type: "restore" | "discard" }
  | { readonly type: "predict"; readonly id: number; readonly texts: Texts }
  | {
    readonly type: "explain";
    readonly id: number;
    readonly texts: Texts;
    readonly label: number;
  }
  | { readonly type: "pack" };

/** A text, or a pair. */
export type Texts = readonly string[];

/** A table as it was read. */
export interface TableSummary {
  readonly name: string;
  readonly rows: number;
  readonly columnNames: readonly string[];
  /** The first rows, as texts cut to a length that can be shown. */
  readonly preview: readonly (readonly string[])[];
}

/** Rows of a class. */
export interface ClassCount {
  readonly name: string;
  readonly count: number;
}

/** The rows that are used, and how they were chosen. */
export interface DataSummary {
  readonly choice: DataChoice;
  readonly classes: readonly ClassCount[];
  readonly trainRows: number;
  readonly heldOutRows: number;
  /** Rows left out because they have no text, and no class. */
  readonly withoutText: number;
  readonly withoutLabel: number;
  /** Rows left out because there are too many. */
  readonly undrawn: number;
  /** Rows whose text another row has too. */
  readonly duplicates: number;
  /** Rows whose text another row has with another class. */
  readonly contradictions: number;
  /** Words of the texts. */
  readonly words: { readonly median: number; readonly longest: number };
}

/** A model as it was opened. */
export interface ModelSummary {
  readonly name: string;
  readonly origin: ModelSource["kind"];
  readonly modelType: string;
  readonly layers: number;
  readonly hiddenSize: number;
  readonly parameters: number;
  readonly maxLength: number;
}

/** A token as it is shown, and whether it is special, such as [CLS]. */
export interface ShownToken {
  readonly text: string;
  readonly isSpecial: boolean;
}

/** Facts of a training before its first step. */
export interface Plan {
  readonly settings: Settings;
  readonly totalSteps: number;
  readonly stepsPerEpoch: number;
  readonly classes: readonly string[];
  readonly isPair: boolean;
  /** Tokens after which a text is cut, and rows that were. */
  readonly maxLength: number;
  readonly truncated: number;
  /** First rows of the first batch. */
  readonly batch: readonly {
    readonly tokens: readonly ShownToken[];
    readonly label: string;
  }[];
  /** Accuracy of predicting the most frequent class, and of a regression on words. */
  readonly baselines: { readonly majority: number; readonly words: number };
}

/** A training step. */
export interface StepPoint {
  readonly step: number;
  readonly loss: number;
  readonly learningRate: number;
}

/** An evaluation on the rows that were held out. */
export interface EvaluationPoint {
  readonly step: number;
  readonly loss: number;
  readonly accuracy: number;
}

/** A row that was held out, with its prediction. */
export interface ResultRow {
  /** Number of the row in the table, from 0. */
  readonly row: number;
  readonly texts: Texts;
  readonly label: number;
  readonly predicted: number;
  readonly probability: number;
  readonly loss: number;
}

/** A score with its 95 % interval. */
export interface Score {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Scores of a class. */
export interface ClassScore {
  readonly precision: Score;
  readonly recall: Score;
  readonly f1: Score;
  readonly support: number;
}

/** Scores of the model on the rows that were held out. */
export interface Result {
  readonly accuracy: Score;
  readonly perClass: readonly ClassScore[];
  /** Rows of each class by predicted class. */
  readonly confusion: readonly (readonly number[])[];
  /** Rows that can be listed, the greatest loss first: not all of a large table. */
  readonly rows: readonly ResultRow[];
}

/** A training that the browser has kept. */
export interface SavedRun {
  readonly table: string;
  readonly model: string;
  readonly step: number;
  readonly totalSteps: number;
  readonly accuracy: number;
  readonly isFinished: boolean;
  /** Milliseconds since 1970. */
  readonly savedAt: number;
}

/** Probability of a class. */
export interface Probability {
  readonly label: number;
  readonly probability: number;
}

/** A word and how much a prediction leans on it: positive for, negative against. */
export interface WordWeight {
  readonly text: string;
  /** Place in the pair, 0 or 1. */
  readonly part: number;
  readonly weight: number;
}

/** Sections of the page, which show their own problems. */
export type Section = "data" | "model" | "train" | "understand" | "takeAway";

/** A problem in words. */
export interface Problem {
  readonly section: Section;
  readonly title: string;
  readonly text: string;
}

/** Message from the worker. */
export type Reply =
  | {
    readonly type: "device";
    readonly description: string;
    readonly isSoftware: boolean;
  }
  | { readonly type: "noDevice"; readonly problem: Problem }
  | { readonly type: "saved"; readonly run: SavedRun | undefined }
  | { readonly type: "otherTab" }
  | { readonly type: "table"; readonly table: TableSummary }
  | { readonly type: "data"; readonly data: DataSummary }
  | {
    readonly type: "download";
    readonly label: string;
    readonly loaded: number;
    readonly total: number;
  }
  | { readonly type: "model"; readonly model: ModelSummary }
  | { readonly type: "plan"; readonly plan: Plan }
  | {
    readonly type: "steps";
    readonly points: readonly StepPoint[];
    readonly secondsLeft: number;
  }
  | { readonly type: "evaluation"; readonly point: EvaluationPoint }
  | { readonly type: "paused" | "resumed" }
  | { readonly type: "finished"; readonly result: Result }
  | {
    readonly type: "prediction";
    readonly id: number;
    readonly probabilities: readonly Probability[];
  }
  | {
    readonly type: "explanation";
    readonly id: number;
    readonly label: number;
    readonly words: readonly WordWeight[];
  }
  | {
    readonly type: "archive";
    readonly blob: Blob;
    readonly files: readonly ArchiveFile[];
  }
  /** Of a training: it ended. Of anything else: the rest goes on. */
  | { readonly type: "failed" | "problem"; readonly problem: Problem };

/** A file of the archive. */
export interface ArchiveFile {
  readonly name: string;
  readonly bytes: number;
}
