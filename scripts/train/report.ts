/**
 * What a run says of its data, its batches and its results.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import {
  accuracy,
  type Batch,
  type DatasetDict,
  type Device,
  f1Score,
  type ModelForSequenceClassification,
  noGrad,
  ProgressBar,
  type Tokenizer,
} from "../../mod.ts";

/** Rows of a batch that are printed. */
const INSPECTED = 3;

/** Accuracy and F1. */
export interface Scores {
  /** Share of right predictions. */
  readonly accuracy: number;
  /** F1 of label 1. */
  readonly f1: number;
}

/** What is known after an epoch. */
export interface EpochScores extends Scores {
  /** Mean loss over the evaluated rows. */
  readonly loss: number;
  /** Mean loss over the training steps. */
  readonly trainLoss: number;
}

/**
 * Checks that a data set has the columns that the script reads.
 *
 * @param data The data set.
 * @param needed The columns.
 * @throws {RangeError} If a split lacks one.
 */
export function checkColumns(data: DatasetDict, needed: string[]): void {
  for (const split of [data.train, data.validation, data.test]) {
    const missing = needed.find((name) => !split?.columnNames.includes(name));
    if (!split || missing === undefined) continue;
    throw new RangeError(
      `${split.source} has no column "${missing}", only ${
        split.columnNames.join(", ")
      }: name its columns as GLUE does, ${needed.join(", ")}`,
    );
  }
}

/** The columns of a data set that are not needed any more, all but `kept`. */
export function columnsBut(data: DatasetDict, kept: string): string[] {
  return data.train.columnNames.filter((name) => name !== kept);
}

/**
 * Checks that the labels of training and validation are 0 or 1, before anything
 * is computed with them.
 *
 * @param data The data set.
 * @throws {RangeError} If a label is neither.
 */
export function checkLabels({ train, validation }: DatasetDict): void {
  for (const split of [train, validation]) {
    const labels = split.column("labels");
    if (labels.every((label) => label === 0 || label === 1)) continue;
    // One word makes a column of numbers one of texts: the word is what to name.
    const word = labels.findIndex((label) => !/^[01]$/.test(`${label}`));
    const row = Math.max(word, 0);
    throw new RangeError(
      `${split.source} has label ${
        JSON.stringify(labels[row])
      } in row ${row}, and labels must be the numbers 0 or 1: correct it, or leave the row out`,
    );
  }
}

/**
 * Checks that the rows fit a model, before anything is computed with them.
 *
 * @param data The data set, tokenised.
 * @param config The model's sizes.
 * @throws {RangeError} If a row is too long, or a token is none of the model's.
 */
export function checkFits(
  data: DatasetDict,
  config: {
    readonly maxPositionEmbeddings: number;
    readonly vocabSize: number;
  },
): void {
  const { maxPositionEmbeddings, vocabSize } = config;
  for (const split of data.names.map((name) => data.split(name))) {
    (split.column("inputIds") as number[][]).forEach((ids, row) => {
      if (ids.length > maxPositionEmbeddings) {
        throw new RangeError(
          `${split.source} has ${ids.length} tokens in row ${row}, and the model takes ${maxPositionEmbeddings}: use --max-length ${maxPositionEmbeddings}`,
        );
      }
      const unknown = ids.find((id) => id >= vocabSize);
      if (unknown !== undefined) {
        throw new RangeError(
          `${split.source} has token ${unknown} in row ${row}, and the model knows ${vocabSize}: its tokenizer.json is of another model`,
        );
      }
    });
  }
}

/** One forward pass over a batch: prints the loss and the shape of the logits. */
export async function checkForward(
  model: ModelForSequenceClassification,
  batch: Batch,
  device: Device,
): Promise<void> {
  using _scope = device.scope();
  using _noGrad = noGrad();
  const { loss, logits } = model.forward(batch);
  console.log(
    `One forward: loss ${(await loss!.item()).toFixed(4)}, logits [${
      logits.shape.join(", ")
    }]`,
  );
}

/** A bar for the rows that are being tokenised. */
export function tokenizing(): (done: number, total: number) => void {
  let progress: ProgressBar | undefined;
  return (done, total) => {
    progress ??= new ProgressBar(total, { label: "tokenizing", unit: "rows" });
    progress.update();
    if (done === total) progress.pause();
  };
}

/** Prints the tensors of a batch, and its first rows: their tokens by segment, padding, label. */
export function inspect(batch: Batch, tokenizer: Tokenizer): void {
  const { inputIds, tokenTypeIds, attentionMask, labels } = batch;
  const tensors = Object.entries(batch)
    .map(([name, { shape, dtype }]) =>
      `${name} [${shape.join(", ")}] ${dtype}`
    );
  console.log(`First batch: ${tensors.join(", ")}`);
  const [rows, length] = inputIds.shape as [number, number];
  const tokens = (places: number[]) =>
    places.map((i) => tokenizer.decode([inputIds.data[i]!])).join(" ");
  for (let row = 0; row < Math.min(rows, INSPECTED); row++) {
    const places = Array.from({ length }, (_, i) => row * length + i);
    const real = places.filter((i) => attentionMask.data[i] === 1);
    console.log(`  row ${row}, label ${labels!.data[row]}`);
    for (const segment of [0, 1]) {
      const part = real.filter((i) => tokenTypeIds.data[i] === segment);
      console.log(`    segment ${segment}: ${tokens(part)}`);
    }
    console.log(`    padding: ${length - real.length} tokens`);
  }
}

/**
 * Checks an evaluation loss.
 *
 * @param loss The mean loss.
 * @param step The last training step before it.
 * @returns The loss.
 * @throws {Error} If it is not finite.
 */
export function checkFinite(loss: number, step: number): number {
  if (Number.isFinite(loss)) return loss;
  throw new Error(
    `The evaluation loss after step ${step} is ${loss}: use a lower --learning-rate, or --max-grad-norm 1`,
  );
}

/** What a run took. */
export interface RunFigures {
  /** What it ran on. */
  readonly adapter: string;
  /** Optimizer steps. */
  readonly steps: number;
  /** Training rows, each as often as it was seen. */
  readonly samples: number;
  /** Time of training, without evaluation. */
  readonly seconds: number;
}

/** The scores of a run, beside what predicting the commonest label everywhere scores. */
export class Results {
  readonly #baseline: Scores;
  readonly #wordOverlap: Scores | undefined;
  readonly #trainingRows: number;
  readonly #seen = new Set<number>();
  #best: Scores & { epoch: number } | undefined;
  #last: EpochScores | undefined;
  #epochs = 0;

  /** Computes the baseline of the validation rows, and prints it beside the scores of word overlap. */
  constructor({ train, validation }: DatasetDict, wordOverlap?: Scores) {
    const references = validation.column("labels") as number[];
    const ones = references.filter((label) => label === 1).length;
    const majority = Number(2 * ones >= references.length);
    const predictions = references.map(() => majority);
    this.#trainingRows = train.length;
    this.#baseline = {
      accuracy: accuracy(predictions, references),
      f1: majority === 1 ? f1Score(predictions, references) : 0,
    };
    console.log(
      `Baseline, label ${majority} everywhere: ${describe(this.#baseline)}`,
    );
    this.#wordOverlap = wordOverlap;
    if (!wordOverlap) return;
    console.log(
      `A logistic regression on word overlap: ${describe(wordOverlap)}`,
    );
  }

  /** Looks at predictions on their way to the metric. */
  seen(predictions: Int32Array): Int32Array {
    predictions.forEach((label) => this.#seen.add(label));
    return predictions;
  }

  /** Takes the scores of an epoch, and prints them. */
  epoch(epoch: number, scores: EpochScores): void {
    const { accuracy, f1, loss, trainLoss } = scores;
    this.#epochs = epoch + 1;
    this.#last = scores;
    if (accuracy > (this.#best?.accuracy ?? -1)) {
      this.#best = { epoch, accuracy, f1 };
    }
    const others = [`baseline ${describe(this.#baseline)}`];
    if (this.#wordOverlap) {
      others.push(`word overlap ${describe(this.#wordOverlap)}`);
    }
    console.log(
      `Epoch ${epoch + 1}: ${describe(scores)} (${others.join("; ")}), loss ${
        loss.toFixed(4)
      }, training loss ${trainLoss.toFixed(4)}`,
    );
    if (this.#seen.size === 1) {
      console.warn(
        `Warning: every prediction is ${[
          ...this.#seen,
        ]}: so far the model has learned nothing that the baseline does not know`,
      );
    }
    this.#seen.clear();
  }

  /**
   * The content of `results.json`.
   *
   * @param run What it took.
   */
  summary({ adapter, steps, samples, seconds }: RunFigures): object {
    const { accuracy, f1, loss } = this.#last!;
    return {
      accuracy,
      f1,
      loss,
      baseline: this.#baseline,
      best: this.#best,
      epochs: this.#epochs,
      steps,
      seconds,
      samplesPerSecond: samples / seconds,
      adapter,
    };
  }
}

function describe({ accuracy, f1 }: Scores): string {
  return `accuracy ${accuracy.toFixed(4)}, F1 ${f1.toFixed(4)}`;
}
