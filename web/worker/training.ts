/**
 * A training: the loop, its pauses, its evaluations.
 *
 * @module
 */
import {
  AdamW,
  clipGradNorm,
  dataCollatorWithPadding,
  DataLoader,
  type Device,
  getScheduler,
  type InputFiles,
  type LabelledBatch,
  loadState,
  type OutputFiles,
  saveState,
  type StateObjects,
  type Tokenizer,
} from "../../mod.ts";
import type {
  EvaluationPoint,
  Plan,
  Settings,
  StepPoint,
} from "../messages.ts";
import { Classifier } from "./classifier.ts";
import { Clock } from "./clock.ts";
import { Gate, type Lock } from "./gate.ts";
import { scoreBaselines, scoreEvaluation } from "./results.ts";
import { type PreparedData, SEED } from "./prepared_data.ts";
import {
  encodeRows,
  shownBatch,
  type TrainingRow,
  type TrainingRows,
} from "./training_rows.ts";

/** A training is evaluated, and saved, so often. */
const EVALUATIONS = 10;
/** Share of the steps in which the learning rate rises. */
const WARMUP = 0.1;
const MAX_GRAD_NORM = 1;

/** Everything that a training needs. */
export interface TrainingParts {
  readonly device: Device;
  readonly tokenizer: Tokenizer;
  /** The pretrained model, or the state of a training. */
  readonly files: InputFiles;
  readonly data: PreparedData;
  readonly maxLength: number;
  readonly settings: Settings;
  readonly lock: Lock;
  /** Course of a training that goes on; none for a new one. */
  readonly history?: History;
}

/** Course of a training so far. */
export interface History {
  readonly steps: readonly StepPoint[];
  readonly evaluations: readonly EvaluationPoint[];
}

/** Told about the course of a training. */
export interface Listener {
  onStep(point: StepPoint, secondsLeft: number): void;
  onEvaluation(point: EvaluationPoint): void;
  /** Called where the state can be saved. */
  onCheckpoint(): Promise<void>;
}

/** A training that was begun. */
export class Training {
  readonly plan: Plan;
  readonly data: PreparedData;
  readonly classifier: Classifier;
  /** Probabilities of the rows that were held out, of the last evaluation. */
  probabilities: readonly (readonly number[])[] = [];
  readonly #gate = new Gate();
  readonly #lock: Lock;
  readonly #loader: DataLoader<TrainingRow, LabelledBatch>;
  readonly #optimizer: AdamW;
  readonly #state: StateObjects;
  readonly #scheduler: { step(): void };
  readonly #steps: StepPoint[];
  readonly #evaluations: EvaluationPoint[];
  #stepsBegun: number;
  #isStopped = false;

  private constructor(
    parts: TrainingParts,
    classifier: Classifier,
    { rows, truncated }: TrainingRows,
  ) {
    const { data, settings, tokenizer, history } = parts;
    const { batchSize, epochs, learningRate: lr } = settings;
    const { model, maxLength } = classifier;
    this.data = data;
    this.classifier = classifier;
    this.#lock = parts.lock;
    this.#loader = new DataLoader<TrainingRow, LabelledBatch>(rows, {
      ...{ batchSize, shuffle: true, seed: SEED },
      collateFn: dataCollatorWithPadding(tokenizer),
    });
    const stepsPerEpoch = this.#loader.length;
    const numTrainingSteps = epochs * stepsPerEpoch;
    this.#optimizer = new AdamW(model.parameters(), { lr });
    const scheduler = getScheduler("linear", this.#optimizer, {
      numWarmupSteps: Math.ceil(WARMUP * numTrainingSteps),
      numTrainingSteps,
    });
    this.#scheduler = scheduler;
    this.#state = {
      ...{ model, tokenizer, scheduler },
      ...{ optimizer: this.#optimizer, loader: this.#loader },
    };
    this.#steps = [...history?.steps ?? []];
    this.#stepsBegun = this.#steps.length;
    this.#evaluations = [...history?.evaluations ?? []];
    const first = this.#loader.order.slice(0, batchSize).map((i) => rows[i]!);
    this.plan = {
      ...{ settings, stepsPerEpoch, maxLength, truncated },
      totalSteps: numTrainingSteps,
      classes: data.classes,
      isPair: data.summary.choice.text.length > 1,
      batch: shownBatch(classifier, first, data.classes),
      baselines: scoreBaselines(data),
    };
  }

  /**
   * Loads the model, and the state where a training goes on.
   *
   * @param parts Everything that it needs.
   * @returns The training, before its first step or where it was interrupted.
   */
  static async create(parts: TrainingParts): Promise<Training> {
    const { data, files, history } = parts;
    const classifier = await Classifier.load(parts, {
      ...{ classes: data.classes, seed: SEED },
      newHead: history === undefined,
    });
    const encoded = encodeRows(classifier, data);
    const training = new Training(parts, classifier, encoded);
    if (history) await loadState(files, training.#state);
    return training;
  }

  /** Course so far. */
  get history(): History {
    return { steps: this.#steps, evaluations: this.#evaluations };
  }

  /** Number of steps so far. */
  get step(): number {
    return this.#stepsBegun;
  }

  /** Whether all steps were taken, or it was ended early. */
  get isOver(): boolean {
    return this.#isStopped || this.step >= this.plan.totalSteps;
  }

  /** Lets no further step begin. */
  pause(): void {
    this.#gate.close();
  }

  /** Goes on after a pause. */
  resume(): void {
    this.#gate.open();
  }

  /** Ends it after the current step. */
  stop(): void {
    this.#isStopped = true;
    this.#gate.open();
  }

  /**
   * Saves everything that the next steps depend on.
   *
   * @param files Receives the files.
   */
  async save(files: OutputFiles): Promise<void> {
    await saveState(files, this.#state);
  }

  /**
   * Trains to the end.
   *
   * @param listener Told about the course.
   * @throws {Error} If the loss is not finite, or the device fails.
   */
  async run(listener: Listener): Promise<void> {
    const evalSteps = Math.max(
      1,
      Math.round(this.plan.totalSteps / EVALUATIONS),
    );
    const clock = new Clock();
    let pending: StartedStep | undefined;
    let secondsLeft = 0;
    // The loss of a step is read while the next one runs.
    const finishPending = async () => {
      const step = pending;
      pending = undefined;
      if (step) listener.onStep(await this.#finishStep(step), secondsLeft);
    };
    while (!this.isOver) {
      for await (const batch of this.#loader) {
        if (this.#gate.isClosed) {
          await finishPending();
          clock.stop();
          await this.#gate.pass();
          clock.start();
        }
        // A stop during the pause drops the batch, with which no training goes on.
        if (this.#isStopped) break;
        const started = await this.#lock.run(() => this.#startStep(batch));
        clock.count();
        secondsLeft = clock.secondsFor(this.plan.totalSteps - this.step);
        await finishPending();
        pending = started;
        if (this.step % evalSteps === 0 || this.isOver) {
          await finishPending();
          await this.evaluate(listener);
          await this.#lock.run(() => listener.onCheckpoint());
        }
        if (this.isOver) break;
      }
    }
    await finishPending();
  }

  /**
   * Evaluates the model on the rows that were held out.
   *
   * @param listener Told about the scores.
   */
  async evaluate(listener: Pick<Listener, "onEvaluation">): Promise<void> {
    const { heldOut } = this.data;
    const probabilities = await this.#lock.run(() =>
      this.classifier.probabilities(heldOut.map(({ texts }) => texts))
    );
    this.probabilities = probabilities;
    const point = {
      step: this.step,
      ...scoreEvaluation(this.data, probabilities),
    };
    this.#evaluations.push(point);
    listener.onEvaluation(point);
  }

  /** Begins a step; the GPU may still compute it. */
  #startStep(batch: LabelledBatch): Promise<StartedStep> {
    const { device, model } = this.classifier;
    model.train();
    using _step = device.scope();
    const { loss } = model.forward(batch);
    loss.backward();
    clipGradNorm(model.parameters(), MAX_GRAD_NORM);
    const learningRate = this.#optimizer.paramGroups[0]!.lr;
    this.#optimizer.step();
    this.#scheduler.step();
    this.#optimizer.zeroGrad();
    const value = loss.item();
    value.catch(() => {}); // thrown where it is awaited
    return Promise.resolve({ step: ++this.#stepsBegun, value, learningRate });
  }

  async #finishStep(
    { step, value, learningRate }: StartedStep,
  ): Promise<StepPoint> {
    const loss = await value;
    if (!Number.isFinite(loss)) {
      throw new RangeError(
        `The loss of step ${step} is ${loss}: the training diverged. Start again with a smaller learning rate, a tenth of ${this.plan.settings.learningRate}`,
      );
    }
    const point = { step, loss, learningRate };
    this.#steps.push(point);
    return point;
  }
}

/** A step whose loss is not known yet. */
interface StartedStep {
  readonly step: number;
  readonly value: Promise<number>;
  readonly learningRate: number;
}
