/**
 * A run of a training loop that can be interrupted at any step: when to evaluate,
 * when to save, and where to go on.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import {
  allReduceGradients,
  type Batch,
  type EarlyStopping,
  findNonFinite,
  type Tensor,
} from "../../mod.ts";
import type { Run } from "../cli/run_main.ts";
import { checkpointBytes, Checkpoints, modelBytes } from "./checkpoints.ts";
import { megabytes } from "./figures.ts";
import { earlyStoppingOf, loadWeights, metricOf } from "./model_selection.ts";
import { reportNonFinite } from "./nan_report.ts";
import type {
  Evaluation,
  TrainingRunParts,
  TrainingStep,
} from "./run_parts.ts";
import { RunProgress } from "./run_progress.ts";
import { RunReport } from "./run_report.ts";
import { checkSameStep } from "./same_run.ts";
import type { ModelPlaces } from "./save_model.ts";
import { TrainingClock } from "./training_clock.ts";
import { TrainingLog } from "./training_log.ts";

/** Evaluates the model, each validation split; throws the reason of an abort. */
export type Evaluate = () => Promise<readonly Evaluation[]>;

/** The state of a training loop between its steps. */
export class TrainingRun {
  readonly #parts: TrainingRunParts;
  readonly #run: Run;
  readonly #log: TrainingLog;
  readonly #clock: TrainingClock;
  readonly #checkpoints: Checkpoints;
  readonly #earlyStopping: EarlyStopping;
  readonly #metric: string;
  readonly #report: RunReport;
  readonly #at = new RunProgress();
  /** Step of the weights at the end. */
  #modelStep = 0;
  /** Number of skipped steps of the last report. */
  #reportedSkips = 0;

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
    this.#clock = new TrainingClock(progress);
    this.#report = new RunReport(folder, results);
    this.#log = new TrainingLog(
      device,
      folder.events,
      progress,
      options.loggingSteps,
    );
    const { model, loader, state, scaler } = parts;
    this.#checkpoints = new Checkpoints(folder.path, {
      model,
      loader,
      ...state,
      ...scaler.isEnabled && { scaler },
      earlyStopping: this.#earlyStopping,
      log: this.#log,
      results,
      run: this.#at,
    }, folder.isWriter);
  }

  /** Whether the loop ends: all steps are done, training stopped early, or the run was interrupted. */
  get isOver(): boolean {
    return this.#run.signal.aborted || this.#earlyStopping.shouldStop ||
      this.#at.step >= this.#parts.numTrainingSteps;
  }

  /** Whether an evaluation or a checkpoint is due after the last step, or the loop ends. */
  get isDue(): boolean {
    return this.#at.evaluationDue || this.#at.saveDue || this.isOver;
  }

  /** Whether the step that runs gets a line in `metrics.jsonl`. */
  get isLogged(): boolean {
    return (this.#at.step + 1) % this.#parts.options.loggingSteps === 0;
  }

  /**
   * Begins the training, where the run was interrupted if it goes on.
   *
   * @param evaluate Evaluates the model.
   * @throws {Error} If a checkpoint does not fit the run, or the disk has no room for one.
   */
  async start(evaluate: Evaluate): Promise<void> {
    const { folder, model, options } = this.#parts;
    if (folder.isResumed) await this.#resume();
    if (options.saveStrategy !== "no" && !this.isOver) {
      await folder.checkSpace(
        checkpointBytes(model) + modelBytes(model),
        "a checkpoint with the model after it",
      );
    }
    this.#run.begin();
    this.#run.folder = folder.path;
    this.#run.continueWith = folder.command;
    this.#clock.start();
    await this.checkpoint(evaluate);
  }

  /**
   * Adds the loss of a micro-batch to the current step. Waits for the GPU, and for
   * the other processes, with `--debug-nan` only.
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
    const { communicator } = this.#run;
    const finds = new Float32Array(communicator.size);
    finds[communicator.rank] = Number(found !== undefined);
    await communicator.allReduceSum(finds);
    const reporter = finds.findIndex((count) => count > 0);
    if (reporter < 0) return;
    // The first process that found it reports it, and ends those that wait here.
    if (!found || reporter !== communicator.rank) return communicator.barrier();
    const microBatches = await this.#log.microBatches();
    const { epoch } = loader.state;
    const place = { step: this.#at.step + 1, epoch, microBatches, batch };
    throw await reportNonFinite(folder, found, place);
  }

  /**
   * Sums gradients and losses of the current step over the processes of the run, and
   * ends all if one was interrupted. A single process waits for nothing.
   *
   * @throws {Error} If the GPU or another process failed.
   */
  async allReduce(): Promise<void> {
    const { communicator } = this.#run;
    if (communicator.size === 1) return;
    const { model, device } = this.#parts;
    await allReduceGradients(communicator, model.parameters());
    await device.flushReads(); // they were read with the gradients
    await this.#log.replaceLosses((values) => this.#run.allReduceSum(values));
  }

  /**
   * Ends a step.
   *
   * @param step The step.
   * @throws {Error} If the loss of an earlier step was not finite, or the GPU failed.
   */
  endStep({ rows, learningRate, gradNorm }: TrainingStep): void {
    const { loader, options, numTrainingSteps } = this.#parts;
    this.#at.endStep(rows, loader, options, numTrainingSteps);
    const { step, epoch } = this.#at;
    this.#log.step({ step, epoch, learningRate, samples: rows, gradNorm });
  }

  /**
   * Evaluates and saves, where that is due, and after an interruption.
   *
   * @param evaluate Evaluates the model.
   * @throws {Error} If a loss was not finite, or the GPU failed.
   */
  async checkpoint(evaluate: Evaluate): Promise<void> {
    const { device, loader, options } = this.#parts;
    const { signal } = this.#run;
    if (this.#at.evaluationDue && !signal.aborted) {
      try {
        await this.#evaluate(evaluate);
      } catch (error) {
        if (!signal.aborted || error !== signal.reason) throw error;
      }
    }
    // The end of a process whose device still computes can crash the driver.
    if (signal.aborted) await device.flushReads();
    if (options.saveStrategy !== "no" && (this.#at.saveDue || signal.aborted)) {
      await this.#save();
    }
    // After a break in an epoch, the loader goes on in it.
    if (loader.state.batch < loader.length) loader.state = { ...loader.state };
  }

  /** Loads the weights of the best evaluation, if the settings ask for them. */
  async loadBestModel(): Promise<void> {
    const { model, options } = this.#parts;
    const best = this.#at.bestStep;
    this.#modelStep = this.#at.step;
    if (!options.loadBestModelAtEnd || best === undefined) return;
    if (best === this.#at.step) return;
    const path = this.#checkpoints.pathOf(best);
    const isLoaded = await loadWeights(model, path);
    const [count] = await this.#run.allReduceSum([Number(isLoaded)]);
    if (count === 0) return;
    if (count !== this.#run.communicator.size) {
      throw new Error(
        `Cannot load the best weights: some processes cannot read ${path}; give all of them the same file system`,
      );
    }
    this.#modelStep = best;
    console.log(
      `The best ${this.#metric} was that of step ${best}: its weights are the model`,
    );
  }

  /** Writes `results.json`, which ends the run. */
  async finish(): Promise<void> {
    const { folder, device, results, scaler } = this.#parts;
    const figures = {
      adapter: device.description,
      steps: this.#at.step,
      seconds: this.#clock.seconds,
      samplesPerSecond: this.#clock.samplesPerSecond(this.#at.samples),
      ...scaler.isEnabled && { skippedSteps: scaler.skippedSteps },
    };
    await this.#report.write(this.#modelStep, this.#clock.seconds);
    await folder.writeResults(results.summary(figures));
    this.#run.continueWith = undefined;
  }

  /** Steps of the weights at the end. */
  get modelStep(): number {
    return this.#modelStep;
  }

  /** Places of the model at the end. */
  get modelPlaces(): ModelPlaces {
    return {
      folder: this.#parts.folder.path,
      checkpoint: this.#checkpoints.pathOf(this.#modelStep),
      isWriter: this.#parts.folder.isWriter,
    };
  }

  async #resume(): Promise<void> {
    const { folder } = this.#parts;
    await this.#checkpoints.removePartial();
    const step = await this.#checkpoints.load();
    await checkSameStep(this.#run.communicator, step);
    if (step === undefined) {
      folder.events.cutBack(0);
      console.log(`${folder.path} has no checkpoint: training starts again`);
      return;
    }
    this.#clock.resume(this.#at.samples, folder.events.events);
    await this.#removeOld();
    console.log(`Going on after step ${step}, from checkpoint-${step}`);
  }

  async #evaluate(evaluate: Evaluate): Promise<void> {
    const { folder, device, progress, results, options } = this.#parts;
    const trainLoss = await this.#log.meanLoss();
    progress.pause();
    await this.#reportSkipped();
    const place = {
      epoch: this.#at.epoch,
      step: this.#at.step,
      trainSeconds: this.#clock.seconds,
    };
    const evaluations = await evaluate();
    for (const evaluation of evaluations) {
      const { split, scores } = evaluation;
      this.#log.evaluation({ ...place, ...split && { split } }, scores);
      results.add(evaluation, { ...place, trainLoss });
    }
    const stopping = this.#earlyStopping;
    // The first process decides: others may differ in the last bit.
    const score = folder.isWriter ? evaluations[0]!.scores[this.#metric]! : 0;
    const [deciding] = await this.#run.allReduceSum([score]);
    stopping.update(deciding!);
    this.#at.evaluationDue = false;
    if (stopping.isBest) {
      results.keepAsBest();
      this.#at.bestStep = this.#at.step;
      // Its weights are needed at the end, whenever checkpoints are due.
      this.#at.saveDue ||= options.loadBestModelAtEnd;
    }
    if (stopping.shouldStop) {
      this.#at.saveDue = true;
      console.log(
        `No better ${this.#metric} in ${options.earlyStoppingPatience} evaluations: training stops`,
      );
    }
    await folder.recordTuning(device);
    await this.#report.write(this.#at.step, this.#clock.seconds);
    if (!this.isOver) await this.#run.afterEvaluation?.();
  }

  /** Says how many steps were skipped, if there are more than at the last evaluation. */
  async #reportSkipped(): Promise<void> {
    const { scaler } = this.#parts;
    await scaler.settle();
    const { skippedSteps } = scaler;
    if (skippedSteps === this.#reportedSkips) return;
    this.#reportedSkips = skippedSteps;
    const { scale } = scaler.stateDict();
    console.warn(
      `Warning: --fp16 skipped ${skippedSteps} of ${this.#at.step} steps: their gradients were not finite. The loss is scaled by ${scale} now; where most steps are skipped, leave out --fp16`,
    );
  }

  /** Saves a checkpoint: one that is due, or one that an interruption asks for. */
  async #save(): Promise<void> {
    const { folder, model } = this.#parts;
    const step = this.#at.step;
    await this.#log.meanLoss(); // the lines of all steps are written
    folder.events.sync();
    const isRegular = this.#at.saveDue && !this.#at.evaluationDue;
    if (!isRegular && this.#checkpoints.steps.includes(step)) return;
    const before = this.#at.temporary;
    if (isRegular) this.#at.saveDue = false;
    this.#at.temporary = isRegular ? undefined : step;
    const thing = `a checkpoint of ${megabytes(checkpointBytes(model))}`;
    const isSaved = await folder.attempt(thing, async () => {
      await folder.restore();
      await this.#checkpoints.save(step);
    });
    if (!isSaved) {
      this.#at.temporary = before;
      return;
    }
    await folder.attempt(
      "the removal of checkpoints",
      () => this.#removeOld(),
    );
  }

  async #removeOld(): Promise<void> {
    const { saveTotalLimit: limit } = this.#parts.options;
    const step = this.#at.step;
    await this.#checkpoints.removeOld({ step, best: this.#at.bestStep, limit });
  }
}
