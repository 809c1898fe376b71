/**
 * The state of the page: one value.
 *
 * @module
 */
import {
  type ArchiveFile,
  type DataChoice,
  type DataSummary,
  type EvaluationPoint,
  HELD_OUT,
  type ModelSummary,
  type Plan,
  type Probability,
  type Problem,
  type Result,
  type SavedRun,
  type Section,
  type Settings,
  type StepPoint,
  type TableSummary,
  type WordWeight,
} from "./messages.ts";

/** Phase of a training. */
export type Phase =
  | "preparing"
  | "running"
  | "paused"
  | "stopping"
  | "finished"
  | "failed";

/** A training as it is shown. */
export interface Run {
  readonly phase: Phase;
  readonly plan?: Plan;
  readonly steps: readonly StepPoint[];
  readonly evaluations: readonly EvaluationPoint[];
  readonly secondsLeft?: number;
}

/** The box for texts of one's own. */
export interface Trial {
  /** Number of the text that was typed last; older answers are ignored. */
  readonly id: number;
  readonly texts: readonly string[];
  readonly probabilities?: readonly Probability[];
  readonly explanation?: {
    readonly label: number;
    readonly words: readonly WordWeight[];
  };
}

/** Rows that are listed: those of a cell of the confusion matrix, or all. */
export interface Cell {
  readonly actual: number;
  readonly predicted: number;
}

/** The state of the page. */
export interface State {
  readonly device?: {
    readonly description: string;
    readonly isSoftware: boolean;
  };
  readonly hasNoDevice: boolean;
  readonly otherTab: boolean;
  readonly saved?: SavedRun;
  /** The section that waits for the worker. */
  readonly busy?: Section;
  readonly table?: TableSummary;
  /** Columns as the user chooses them, one after another. */
  readonly choice: DataChoice;
  readonly data?: DataSummary;
  readonly download?: {
    readonly label: string;
    readonly loaded: number;
    readonly total: number;
  };
  readonly model?: ModelSummary;
  readonly settings?: Settings;
  readonly run?: Run;
  readonly result?: Result;
  readonly cell?: Cell;
  readonly trial: Trial;
  readonly archive?: readonly ArchiveFile[];
  readonly problems: Readonly<Partial<Record<Section, Problem>>>;
  /** Said by screen readers. */
  readonly announcement: string;
}

/** Something that the user did. */
export type Action =
  | { readonly type: "opening" | "occupied"; readonly section: Section }
  | { readonly type: "choose"; readonly choice: DataChoice }
  | { readonly type: "set"; readonly settings: Settings }
  | { readonly type: "starting" | "stopping" | "restoring" }
  | { readonly type: "show"; readonly cell: Cell | undefined }
  | { readonly type: "typed"; readonly texts: readonly string[] };

/** The state at first. */
export const INITIAL: State = {
  hasNoDevice: false,
  otherTab: false,
  choice: { text: [], label: "", heldOut: HELD_OUT },
  trial: { id: 0, texts: ["", ""] },
  problems: {},
  announcement: "",
};

/** Steps that a small training should have: more passes over few rows. */
const STEPS = 300;

/**
 * Chooses settings that suit the data and the model.
 *
 * @param data The data.
 * @param model The model.
 * @returns Epochs, learning rate and batch size.
 */
export function suitedSettings(
  { trainRows }: Pick<DataSummary, "trainRows">,
  { parameters }: Pick<ModelSummary, "parameters">,
): Settings {
  const batchSize = 16;
  const epochs = Math.ceil(STEPS * batchSize / trainRows);
  return {
    batchSize,
    epochs: Math.min(20, Math.max(3, epochs)),
    // Small models need larger steps.
    learningRate: parameters < 5e6 ? 5e-4 : parameters < 50e6 ? 1e-4 : 3e-5,
  };
}

/**
 * Whether the columns are chosen.
 *
 * @param choice The columns.
 * @returns Whether one of texts and one of classes are.
 */
export function isComplete({ text, label }: DataChoice): boolean {
  return text.length > 0 && label !== "";
}

/**
 * Whether a training can start.
 *
 * @param state The state.
 * @returns Whether data, model and device are there, and nothing runs.
 */
export function canStart({ data, model, run, device, busy }: State): boolean {
  return Boolean(data && model && device) && busy === undefined &&
    !isActive(run);
}

/**
 * Whether a training runs or pauses.
 *
 * @param run The training.
 * @returns Whether it does.
 */
export function isActive(run: Run | undefined): boolean {
  return run !== undefined && run.phase !== "finished" &&
    run.phase !== "failed";
}
