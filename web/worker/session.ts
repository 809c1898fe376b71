/**
 * The worker's side of the page: the table, the model and the training that are open.
 *
 * @module
 */
/// <reference lib="dom" />
import { type Device, requestDevice, Tokenizer } from "../../mod.ts";
import type {
  DataChoice,
  ModelSummary,
  Reply,
  Request,
  Result,
  Settings,
  StepPoint,
  TableSource,
  Texts,
} from "../messages.ts";
import { pack, type Trained } from "./archive.ts";
import { Lock } from "./gate.ts";
import { Keeper } from "./keeper.ts";
import { OpenModel } from "./open_model.ts";
import { explain, NO_WEBGPU, SECTIONS } from "./problems.ts";
import { resultOf } from "./results.ts";
import { prepare, type PreparedData } from "./prepared_data.ts";
import { guessChoice, readTable, summarize, type Table } from "./table.ts";
import { Training, type TrainingParts } from "./training.ts";

/** Time between two reports of steps, in ms: ten a second are enough for the eye. */
const REPORT_MS = 100;

/** Handles the requests of the page. */
export class Session {
  readonly #reply: (reply: Reply) => void;
  readonly #lock = new Lock();
  readonly #keeper: Keeper;
  readonly #model: OpenModel;
  #device: Device | undefined;
  #isDeviceUsed = false;
  #table: Table | undefined;
  #data: PreparedData | undefined;
  #trained: Trained | undefined;
  #result: Result | undefined;

  /**
   * Makes a session.
   *
   * @param reply Sends a message to the page.
   */
  constructor(reply: (reply: Reply) => void) {
    this.#reply = reply;
    this.#keeper = new Keeper((error) =>
      reply({ type: "problem", problem: explain(error, "train") })
    );
    let reported = 0;
    this.#model = new OpenModel((label, loaded, total) => {
      const now = performance.now();
      if (now - reported < REPORT_MS && loaded < total) return;
      reported = now;
      reply({ type: "download", label, loaded, total });
    });
  }

  /** Looks for a device, and for a training that was interrupted. */
  async open(): Promise<void> {
    try {
      this.#device = await requestDevice();
      const { description, isSoftware } = this.#device;
      this.#reply({ type: "device", description, isSoftware });
    } catch {
      this.#reply({ type: "noDevice", problem: NO_WEBGPU });
      return;
    }
    if (await this.#keeper.open()) await this.#offerSaved();
    else this.#reply({ type: "otherTab" });
  }

  async #offerSaved(): Promise<boolean> {
    const run = await this.#keeper.find();
    this.#reply({ type: "saved", run });
    return run !== undefined;
  }

  /**
   * Handles a request, and reports its errors.
   *
   * @param request The request.
   */
  async handle(request: Request): Promise<void> {
    try {
      await this.#handle(request);
    } catch (error) {
      // deno-lint-ignore no-console -- for those who report it
      console.error(error);
      const isTraining = ["start", "restore"].includes(request.type);
      const canGoOn = isTraining && await this.#offerSaved();
      const problem = explain(error, SECTIONS[request.type], canGoOn);
      this.#reply({ type: isTraining ? "failed" : "problem", problem });
    }
  }

  async #handle(request: Request): Promise<void> {
    switch (request.type) {
      case "openTable":
        return await this.#openTable(request.source);
      case "chooseData":
        return this.#chooseData(request.choice);
      case "openModel":
        return this.#reply({
          type: "model",
          model: await this.#model.open(request.source),
        });
      case "start":
        return await this.#start(request.settings);
      case "pause":
        this.#trained?.training.pause();
        return this.#reply({ type: "paused" });
      case "resume":
        this.#trained?.training.resume();
        return this.#reply({ type: "resumed" });
      case "stop":
        return this.#trained?.training.stop();
      case "restore":
        return await this.#restore();
      case "discard":
        await this.#keeper.discard();
        return this.#reply({ type: "saved", run: undefined });
      case "predict":
        return await this.#predict(request.id, request.texts);
      case "explain":
        return await this.#explain(request.id, request.texts, request.label);
      case "pack": {
        const packed = await this.#lock.run(() =>
          pack(this.#trained!, this.#result!)
        );
        return this.#reply({ type: "archive", ...packed });
      }
    }
  }

  async #openTable(source: TableSource): Promise<void> {
    this.#table = this.#data = undefined;
    this.#table = await readTable(source);
    this.#reply({ type: "table", table: summarize(this.#table) });
    const choice = guessChoice(this.#table);
    if (choice) this.#chooseData(choice);
  }

  #chooseData(choice: DataChoice): void {
    this.#data = undefined;
    this.#data = prepare(this.#table!, choice);
    this.#reply({ type: "data", data: this.#data.summary });
  }

  async #start(settings: Settings): Promise<void> {
    const data = this.#data!;
    const { files, tokenizer, summary } = await this.#model.pretrained();
    const training = await this.#create(summary, {
      ...{ data, settings, files, tokenizer },
    });
    await this.#keeper.keep((saved) =>
      saved.begin({
        ...{ data, settings, model: summary },
        totalSteps: training.plan.totalSteps,
      })
    );
    await this.#run(training);
  }

  /** Goes on with the training that was found. */
  async #restore(): Promise<void> {
    const { facts, progress, files } = this.#keeper.stored!;
    const { data, model, settings } = facts;
    const tokenizer = await Tokenizer.fromPretrained(files);
    this.#data = data;
    this.#model.restore({ summary: model, tokenizer, files });
    this.#reply({ type: "data", data: data.summary });
    this.#reply({ type: "model", model });
    const training = await this.#create(model, {
      ...{ data, settings, files, tokenizer, history: progress.history },
    });
    const { steps, evaluations } = progress.history;
    training.probabilities = progress.probabilities;
    this.#reply({ type: "steps", points: steps, secondsLeft: NaN });
    for (const point of evaluations) this.#reply({ type: "evaluation", point });
    if (progress.isFinished) return this.#finish(training);
    await this.#run(training);
  }

  async #create(
    base: ModelSummary,
    parts: Omit<TrainingParts, "device" | "lock" | "maxLength">,
  ): Promise<Training> {
    const earlier = this.#trained?.training;
    this.#trained = this.#result = undefined;
    earlier?.stop();
    const lock = this.#lock;
    const training = await lock.run(async () => {
      const device = await this.#freshDevice();
      const { maxLength } = base;
      return Training.create({ device, lock, maxLength, ...parts });
    });
    this.#trained = { training, base };
    this.#reply({ type: "plan", plan: training.plan });
    return training;
  }

  /** A device without the tensors of an earlier training, and not a lost one. */
  async #freshDevice(): Promise<Device> {
    if (this.#isDeviceUsed) {
      this.#device!.destroy();
      this.#device = await requestDevice();
    }
    this.#isDeviceUsed = true;
    return this.#device!;
  }

  async #run(training: Training): Promise<void> {
    let points: StepPoint[] = [];
    let reported = 0;
    const report = (secondsLeft: number) => {
      if (points.length > 0) {
        this.#reply({ type: "steps", points, secondsLeft });
      }
      points = [];
      reported = performance.now();
    };
    await training.run({
      onStep: (point, secondsLeft) => {
        points.push(point);
        if (performance.now() - reported >= REPORT_MS) report(secondsLeft);
      },
      onEvaluation: (point) => {
        report(0);
        this.#reply({ type: "evaluation", point });
      },
      onCheckpoint: () => this.#save(training),
    });
    if (this.#trained?.training !== training) return; // another one was started
    if (training.history.evaluations.at(-1)?.step !== training.step) {
      await training.evaluate({
        onEvaluation: (point) => this.#reply({ type: "evaluation", point }),
      });
      await this.#save(training);
    }
    report(0);
    this.#finish(training);
  }

  async #save(training: Training): Promise<void> {
    if (!this.#keeper.keeps || this.#trained?.training !== training) return;
    const files: Record<string, Blob> = {};
    await training.save(files);
    const { history, probabilities, isOver: isFinished } = training;
    await this.#keeper.keep((saved) =>
      saved.save(files, { history, probabilities, isFinished })
    );
  }

  #finish(training: Training): void {
    const { data, probabilities } = training;
    this.#result = resultOf(data, probabilities);
    this.#reply({ type: "finished", result: this.#result });
  }

  async #predict(id: number, texts: Texts): Promise<void> {
    const { classifier } = this.#trained!.training;
    const [row = []] = await this.#lock.run(() =>
      classifier.probabilities([texts])
    );
    const probabilities = row
      .map((probability, label) => ({ label, probability }))
      .sort((a, b) => b.probability - a.probability);
    this.#reply({ type: "prediction", id, probabilities });
  }

  async #explain(id: number, texts: Texts, label: number): Promise<void> {
    const { classifier } = this.#trained!.training;
    const words = await this.#lock.run(() => classifier.explain(texts, label));
    this.#reply({ type: "explanation", id, label, words });
  }
}
