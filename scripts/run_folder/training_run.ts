/**
 * A run of a training loop that can be interrupted at any step: when to evaluate,
 * when to save, and where to go on.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import {
  type Batch,
  type EarlyStopping,
  findNonFinite,
  type Tensor,
} from "../../mod.ts";
import type { Run } from "../cli/run_main.ts";
import { Checkpoints, type KeptCheckpoints } from "./checkpoints.ts";
import { megabytes, type RunFigures } from "./figures.ts";
import { earlyStoppingOf, loadWeights, metricOf } from "./model_selection.ts";
import { reportNonFinite } from "./nan_report.ts";
import type {
  Evaluation,
  TrainingRunParts,
  TrainingStep,
} from "./run_parts.ts";
import type { ModelPlaces } from "./save_model.ts";
import { TrainingLog } from "./training_log.ts";

/** Bytes of a number of a parameter. */
const F32_BYTES = 4;

/** Evaluates the model, each validation split; throws the reason of an abort. */
export type Evaluate = () => Promise<readonly Evaluation[]>;

/** State of a {@linkcode TrainingRun}. */
interface TrainingRunState {
  readonly step: number;
  readonly epoch: number;
  readonly samples: number;
  /** Step of the best evaluation. */
  readonly bestStep: number | null;
  /** Whether the evaluation of the step is missing: the run was interrupted in it. */
  readonly evaluationDue: boolean;
  /** Whether the settings ask for a checkpoint after that evaluation. */
  readonly saveDue: boolean;
  /** Whether the settings ask for no checkpoint at the step: the run was interrupted. */
  readonly isTemporary: boolean;
}

/** The state of a training loop between its steps. */
export class TrainingRun {
  readonly #parts: TrainingRunParts;
  readonly #run: Run;
  readonly #log: TrainingLog;
  readonly #checkpoints: Checkpoints;
  readonly #earlyStopping: EarlyStopping;
  readonly #metric: string;
  #step = 0;
  #epoch = 0;
  #samples = 0;
  #bestStep: number | undefined;
  /** Step of the weights at the end. */
  #modelStep = 0;
  #evaluationDue = false;
  #saveDue = false;
  /** Step of the checkpoint of an interruption, which the next one replaces. */
  #temporary: number | undefined;
  /** Samples and seconds of the process that was interrupted. */
  #before = { samples: 0, seconds: 0 };
  /** Seconds of the clock when the training began. */
  #startSeconds = 0;

  /**
   * Makes a run at its first step.
   *
   * @param run Signal of an interruption, and the first step.
   * @param parts Everything that it consists of.
   * @throws {RangeError} If the metric for the best model is none of the scores.
   */
  constructor(run: Run, parts: TrainingRunParts) {
    const { options, folder, device, progress, results } = parts;
    this.#run = run;
    this.#parts = parts;
    this.#metric = metricOf(options, parts.metrics);
    this.#earlyStopping = earlyStoppingOf(options, this.#metric);
    this.#log = new TrainingLog(
      device,
      folder.events,
      progress,
      options.loggingSteps,
    );
    const { model, loader, state } = parts;
    this.#checkpoints = new Checkpoints(folder.path, {
      model,
      loader,
      ...state,
      earlyStopping: this.#earlyStopping,
      log: this.#log,
      results,
      run: this,
    });
  }

  /** Whether the loop ends: all steps are done, training stopped early, or the run was interrupted. */
  get isOver(): boolean {
    return this.#run.signal.aborted || this.#earlyStopping.shouldStop ||
      this.#step === this.#parts.numTrainingSteps;
  }

  /** Whether an evaluation or a checkpoint is due after the last step, or the loop ends. */
  get isDue(): boolean {
    return this.#evaluationDue || this.#saveDue || this.isOver;
  }

  /**
   * Begins the training, where the run was interrupted if it goes on.
   *
   * @param evaluate Evaluates the model.
   * @throws {Error} If a checkpoint does not fit the run, or the disk has no room for one.
   */
  async start(evaluate: Evaluate): Promise<void> {
    const { folder, options } = this.#parts;
    if (folder.isResumed) await this.#resume();
    if (options.saveStrategy !== "no" && !this.isOver) await this.#checkSpace();
    this.#run.begin();
    this.#run.folder = folder.path;
    this.#run.continueWith = folder.command;
    this.#startSeconds = this.#parts.progress.seconds;
    await this.checkpoint(evaluate);
  }

  /**
   * Adds the loss of a micro-batch to the current step. Waits for the GPU with
   * `--debug-nan` only.
   *
   * @param part The loss, multiplied by the micro-batch's share of the step.
   * @param batch The micro-batch.
   * @throws {Error} With `--debug-nan`, if the loss or a gradient is not finite.
   */
  async addLoss(part: Tensor, batch: Batch): Promise<void> {
    const { folder, loader, model, options } = this.#parts;
    this.#log.add(part, loader.batchIndices);
    if (!options.debugNan) return;
    const found = await findNonFinite(part, model);
    if (!found) return;
    const microBatches = await this.#log.microBatches();
    const { epoch } = loader.state;
    const place = { step: this.#step + 1, epoch, microBatches, batch };
    throw await reportNonFinite(folder, found, place);
  }

  /**
   * Ends a step.
   *
   * @param step The step.
   * @throws {Error} If the loss of an earlier step was not finite, or the GPU failed.
   */
  endStep({ rows, learningRate, gradNorm }: TrainingStep): void {
    const { loader, numTrainingSteps } = this.#parts;
    const { evalStrategy, evalSteps, saveStrategy, saveSteps } =
      this.#parts.options;
    const { epoch, batch } = loader.state;
    const step = ++this.#step;
    this.#epoch = epoch;
    this.#samples += rows;
    this.#log.step({ step, epoch, learningRate, samples: rows, gradNorm });
    const isLast = step === numTrainingSteps;
    const isDue = (strategy: string, steps: number) =>
      strategy !== "no" && (isLast ||
        (strategy === "steps" ? step % steps === 0 : batch === loader.length));
    this.#evaluationDue = isDue(evalStrategy, evalSteps);
    this.#saveDue = isDue(saveStrategy, saveSteps);
  }

  /**
   * Evaluates and saves, where that is due, and after an interruption.
   *
   * @param evaluate Evaluates the model.
   * @throws {Error} If a loss was not finite, or the GPU failed.
   */
  async checkpoint(evaluate: Evaluate): Promise<void> {
    const { loader, options } = this.#parts;
    const { signal } = this.#run;
    if (this.#evaluationDue && !signal.aborted) {
      try {
        await this.#evaluate(evaluate);
      } catch (error) {
        if (!signal.aborted || error !== signal.reason) throw error;
      }
    }
    if (options.saveStrategy !== "no" && (this.#saveDue || signal.aborted)) {
      await this.#save();
    }
    // After a break in an epoch, the loader goes on in it.
    if (loader.state.batch < loader.length) loader.state = { ...loader.state };
  }

  /** Loads the weights of the best evaluation, if the settings ask for them. */
  async loadBestModel(): Promise<void> {
    const { model, options } = this.#parts;
    const best = this.#bestStep;
    this.#modelStep = this.#step;
    if (!options.loadBestModelAtEnd || best === undefined) return;
    if (best === this.#step) return;
    const isLoaded = await loadWeights(model, this.#checkpoints.pathOf(best));
    if (!isLoaded) return;
    this.#modelStep = best;
    console.log(
      `The best ${this.#metric} was that of step ${best}: its weights are the model`,
    );
  }

  /** Writes `results.json`, which ends the run. */
  async finish(): Promise<void> {
    const { folder, results } = this.#parts;
    await folder.writeResults(results.summary(this.#figures));
    this.#run.continueWith = undefined;
  }

  /** Places of the model at the end. */
  get modelPlaces(): ModelPlaces {
    return {
      folder: this.#parts.folder.path,
      checkpoint: this.#checkpoints.pathOf(this.#modelStep),
    };
  }

  get #figures(): RunFigures {
    const own = this.#samples - this.#before.samples;
    return {
      adapter: this.#parts.device.description,
      steps: this.#step,
      seconds: this.#seconds,
      // Of this process if it trained: an interrupted one leaves not all its seconds.
      samplesPerSecond: own > 0
        ? own / this.#ownSeconds
        : this.#samples / this.#seconds,
    };
  }

  /** Returns the state to save. */
  stateDict(): TrainingRunState {
    return {
      step: this.#step,
      epoch: this.#epoch,
      samples: this.#samples,
      bestStep: this.#bestStep ?? null,
      evaluationDue: this.#evaluationDue,
      saveDue: this.#saveDue,
      isTemporary: this.#temporary === this.#step,
    };
  }

  /** Restores a saved state. */
  loadStateDict(state: TrainingRunState): void {
    this.#step = state.step;
    this.#epoch = state.epoch;
    this.#samples = state.samples;
    this.#bestStep = state.bestStep ?? undefined;
    this.#evaluationDue = state.evaluationDue;
    this.#saveDue = state.saveDue;
    this.#temporary = state.isTemporary ? state.step : undefined;
  }

  get #kept(): KeptCheckpoints {
    const { saveTotalLimit: limit } = this.#parts.options;
    return { step: this.#step, best: this.#bestStep, limit };
  }

  /** Seconds of training of this process. */
  get #ownSeconds(): number {
    return this.#parts.progress.seconds - this.#startSeconds;
  }

  get #seconds(): number {
    return this.#before.seconds + this.#ownSeconds;
  }

  async #resume(): Promise<void> {
    const { folder } = this.#parts;
    await this.#checkpoints.removePartial();
    const step = await this.#checkpoints.load();
    if (step === undefined) {
      folder.events.cutBack(0);
      console.log(`${folder.path} has no checkpoint: training starts again`);
      return;
    }
    const seconds = folder.events.events
      .map(({ trainSeconds }) => Number(trainSeconds ?? 0));
    this.#before = {
      samples: this.#samples,
      seconds: seconds.findLast((value) => value > 0) ?? 0,
    };
    await this.#checkpoints.removeOld(this.#kept);
    console.log(`Going on after step ${step}, from checkpoint-${step}`);
  }

  async #evaluate(evaluate: Evaluate): Promise<void> {
    const { folder, device, progress, results, options } = this.#parts;
    const trainLoss = await this.#log.meanLoss();
    progress.pause();
    const place = {
      epoch: this.#epoch,
      step: this.#step,
      trainSeconds: this.#seconds,
    };
    const evaluations = await evaluate();
    for (const evaluation of evaluations) {
      const { split, scores } = evaluation;
      this.#log.evaluation({ ...place, ...split && { split } }, scores);
      results.add(evaluation, { ...place, trainLoss });
    }
    const stopping = this.#earlyStopping;
    stopping.update(evaluations[0]!.scores[this.#metric]!);
    this.#evaluationDue = false;
    if (stopping.isBest) {
      results.keepAsBest();
      this.#bestStep = this.#step;
      // Its weights are needed at the end, whenever checkpoints are due.
      this.#saveDue ||= options.loadBestModelAtEnd;
    }
    if (stopping.shouldStop) {
      this.#saveDue = true;
      console.log(
        `No better ${this.#metric} in ${options.earlyStoppingPatience} evaluations: training stops`,
      );
    }
    await folder.recordTuning(device);
  }

  /** Saves a checkpoint: one that is due, or one that an interruption asks for. */
  async #save(): Promise<void> {
    const { folder } = this.#parts;
    const step = this.#step;
    await this.#log.meanLoss(); // the lines of all steps are written
    folder.events.sync();
    const isRegular = this.#saveDue && !this.#evaluationDue;
    if (!isRegular && this.#checkpoints.steps.includes(step)) return;
    const before = this.#temporary;
    if (isRegular) this.#saveDue = false;
    this.#temporary = isRegular ? undefined : step;
    const thing = `a checkpoint of ${megabytes(this.#checkpointBytes)}`;
    const isSaved = await folder.attempt(thing, async () => {
      await folder.restore();
      await this.#checkpoints.save(step);
    });
    if (!isSaved) {
      this.#temporary = before;
      return;
    }
    await folder.attempt(
      "the removal of checkpoints",
      () => this.#checkpoints.removeOld(this.#kept),
    );
  }

  /** Refuses to train where a checkpoint and the model after it would not fit. */
  async #checkSpace(): Promise<void> {
    await this.#parts.folder.checkSpace(
      this.#checkpointBytes * 4 / 3,
      "a checkpoint with the model after it",
    );
  }

  /** Weights, and AdamW's two moments of each. */
  get #checkpointBytes(): number {
    return [...this.#parts.model.parameters()]
      .reduce((sum, { size }) => sum + 3 * F32_BYTES * size, 0);
  }
}
