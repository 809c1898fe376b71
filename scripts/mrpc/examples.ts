/**
 * What a run tells a newcomer: what the data is, what can be had without
 * understanding it, what the model gets right and wrong, and what to try next.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import {
  accuracy,
  type Batch,
  type DataLoader,
  type Dataset,
  type DatasetDict,
  type Device,
  f1Score,
  type ModelForSequenceClassification,
  noGrad,
  type Row,
} from "../../mod.ts";
import { indexOfMax, rowsOf, softmax } from "../inference/classifier.ts";
import type { Options } from "../train/options.ts";
import type { Scores } from "../train/report.ts";
import {
  type LabelledPair,
  predictByWordOverlap,
} from "./word_overlap_baseline.ts";

/** How many pairs are shown of those that are right, and of those that are wrong. */
const EXAMPLES = 3;

/**
 * Prints what the data is.
 *
 * @param raw The splits, before they are tokenised.
 * @param path Their folder; undefined for the embedded pairs.
 */
export function describeData(
  raw: DatasetDict,
  path: string | undefined,
): void {
  console.log(
    path === undefined
      ? "Data: pairs of news sentences that data/make_pairs.ts made up; label 1 where both say the same, else 0"
      : `Data: ${path}`,
  );
  for (const name of raw.names) {
    const labels = raw.split(name).column("label");
    const ones = labels.filter((label) => label === 1).length;
    console.log(
      `  ${name}: ${labels.length} pairs, ${
        (100 * ones / labels.length).toFixed(1)
      } % of them label 1`,
    );
  }
}

/**
 * Scores a logistic regression on word overlap on the validation pairs.
 *
 * @param raw The splits, before they are tokenised.
 * @returns The scores of what takes no understanding.
 */
export function scoreWordOverlap({ train, validation }: DatasetDict): Scores {
  const pairs = (split: Dataset) => [...split] as Row[] as LabelledPair[];
  const predictions = predictByWordOverlap(pairs(train), pairs(validation));
  const references = validation.column("label") as number[];
  return {
    accuracy: accuracy(predictions, references),
    f1: f1Score(predictions, references),
  };
}

/** Where examples are taken from. */
export interface ExampleSource {
  /** The model, in evaluation mode. */
  readonly model: ModelForSequenceClassification;
  /** Where it is. */
  readonly device: Device;
  /** Gives the rows in order. */
  readonly loader: DataLoader<Row, Batch>;
  /** The same rows, before they were tokenised. */
  readonly rows: Dataset;
  /** Ends the search. */
  readonly signal: AbortSignal;
}

/** Prints the first pairs that a model labels right, and the first that it labels wrong. */
export async function showExamples(
  { model, device, loader, rows, signal }: ExampleSource,
): Promise<void> {
  const names = model.config.id2label;
  const right: string[] = [];
  const wrong: string[] = [];
  let row = 0;
  using _noGrad = noGrad();
  for await (const batch of loader) {
    using _scope = device.scope();
    const logits = await model.forward(batch).logits.toArray();
    for (const scores of rowsOf(logits, model.config.numLabels)) {
      const { sentence1, sentence2, label } = rows.at(row++);
      const predicted = indexOfMax(scores);
      const probability = softmax(scores)[predicted]!.toFixed(3);
      const verdict = predicted === label ? "" : `, and it is ${names[label]}`;
      (predicted === label ? right : wrong).push(
        `  ${
          names[predicted]
        }, probability ${probability}${verdict}\n    ${sentence1}\n    ${sentence2}`,
      );
    }
    if (signal.aborted) return;
    if (right.length >= EXAMPLES && wrong.length >= EXAMPLES) break;
  }
  for (const [title, pairs] of Object.entries({ right, wrong })) {
    if (pairs.length === 0) continue;
    console.log(`Validation pairs that the model gets ${title}:`);
    console.log(pairs.slice(0, EXAMPLES).join("\n"));
  }
}

/**
 * Prints where the model is, and commands to try.
 *
 * @param folder The model's folder.
 * @param rows The validation pairs; the first becomes an example.
 * @param options The settings of the run.
 */
export function suggestNext(
  folder: string,
  rows: Dataset,
  options: Options,
): void {
  const { sentence1, sentence2 } = rows.at(0);
  console.log(`The model is in ${folder}`);
  console.log(`Label a pair with it:
  ./denow task predict --model ${folder} ${quote(sentence1)} ${
    quote(sentence2)
  }`);
  if (options.model !== undefined && options.data !== undefined) return;
  console.log(`Train a BERT on MRPC, or on pairs of your own:
  ./denow task train --model MODEL --data DATA
    MODEL: a folder with config.json, model.safetensors and tokenizer.json
    DATA:  a folder with train and validation, each as .tsv, .csv, .jsonl, .arrow
           or .parquet, with the columns sentence1, sentence2 and label (0 or 1)
    both from the Hugging Face Hub, to be named in the same way:
    ./denow task fetch --model google-bert/bert-base-uncased --dataset nyu-mll/glue:mrpc`);
}

/** A word for a shell, whatever is in it. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
