/**
 * Parts of a run of a training loop.
 *
 * @module
 */
import type {
  DataLoader,
  Device,
  GradScaler,
  Module,
  ProgressBar,
  Row,
  Stateful,
  StateObjects,
  Tensor,
} from "../../mod.ts";
import type { CheckpointOptions } from "../train/checkpoint_flags.ts";
import type { RunFigures } from "./figures.ts";
import type { ReportedRun } from "./reported_run.ts";
import type { RunFolder } from "./run_folder.ts";
import type { EvaluationPlace, EvaluationScores } from "./training_log.ts";

/** The scores of one validation split. */
export interface Evaluation {
  /** The split, if there are several. */
  readonly split?: string;
  /** Its scores, with the mean loss. */
  readonly scores: EvaluationScores;
}

/** The scores of a run, which it reports and saves. */
export interface RunResults extends Stateful {
  /** Adds the scores of an evaluation, and reports them. */
  add(
    evaluation: Evaluation,
    place: EvaluationPlace & { readonly trainLoss: number },
  ): void;
  /** Keeps the last evaluation as the best one. */
  keepAsBest(): void;
  /** Collects the content of `results.json`. */
  summary(figures: RunFigures): object;
  /** Makes `report.html` of the last evaluation. */
  report?(run: ReportedRun): Promise<string>;
}

/** An optimizer step, as known when it is submitted. */
export interface TrainingStep {
  /** Its rows. */
  readonly rows: number;
  /** Its learning rate. */
  readonly learningRate: number;
  /** Norm of its gradients before clipping; undefined if it is not known. */
  readonly gradNorm: Tensor | undefined;
}

/** Everything that a run consists of. */
export interface TrainingRunParts {
  /** Its folder. */
  readonly folder: RunFolder;
  /** Settings of evaluation and checkpoints. */
  readonly options: CheckpointOptions & { readonly loggingSteps: number };
  /** Number of optimizer steps. */
  readonly numTrainingSteps: number;
  /** The device of the model. */
  readonly device: Device;
  /** Shows the steps. */
  readonly progress: ProgressBar;
  /** The model. */
  readonly model: Module;
  /** The training rows. */
  readonly loader: DataLoader<Row, unknown>;
  /** Other objects of a checkpoint: optimizer, scheduler, tokenizer. */
  readonly state: StateObjects;
  /** Scales the loss; a part of checkpoints if it does anything. */
  readonly scaler: GradScaler;
  /** The scores of the run. */
  readonly results: RunResults;
  /** Names of the scores of an evaluation; the first decides the best one by default. */
  readonly metrics: readonly string[];
}
