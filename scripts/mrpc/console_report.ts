/**
 * Console output of `train_mrpc.ts` besides its scores: the data, examples of
 * predictions, and commands to try next.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import {
  accuracy,
  type AccuracyAndF1Score,
  type Batch,
  type DataLoader,
  type Dataset,
  type DatasetDict,
  type Device,
  f1Score,
  type ForSequenceClassification,
  type Row,
} from "../../mod.ts";
import { quotePath, shellQuote } from "../cli/shell_quote.ts";
import { classify } from "../inference/classifier.ts";
import { indexOfMax, softmax } from "../inference/logits.ts";
import { checkColumns, checkLabels } from "../train/data_checks.ts";
import type { ClassHead } from "../train/head.ts";
import type { Options } from "../train/options.ts";
import { warnAboutRows } from "../train/warnings.ts";
import {
  type LabelledPair,
  predictByWordOverlap,
} from "./word_overlap_baseline.ts";

/** Pairs printed of the right predictions, and of the wrong ones. */
const EXAMPLES = 3;

/**
 * Checks the columns and labels of the pairs, and prints their number.
 *
 * @param raw The splits, before tokenisation.
 * @param path Their folder; undefined for the embedded pairs.
 * @throws {RangeError} If a column is missing, or a label is neither 0 nor 1.
 */
export function checkData(raw: DatasetDict, path: string | undefined): void {
  checkColumns(raw, ["sentence1", "sentence2", "label"]);
  checkLabels(raw, "label");
  warnAboutRows(raw, ["validation"], ["sentence1", "sentence2"], "label");
  console.log(
    path === undefined
      ? "Data: synthetic pairs of news sentences from data/make_pairs.ts; label 1 if both say the same, else 0"
      : `Data: ${path}`,
  );
  for (const name of raw.names) {
    const labels = raw.split(name).column("label");
    const ones = labels.filter((label) => label === 1).length;
    const percent = (100 * ones / labels.length).toFixed(1);
    console.log(`  ${name}: ${labels.length} pairs, ${percent} % with label 1`);
  }
}

/**
 * Scores a logistic regression on word overlap on the validation pairs.
 *
 * @param raw The splits, before tokenisation.
 * @returns The scores of this baseline, which ignores the meaning of the texts.
 */
export function scoreWordOverlap(
  { train, validation }: DatasetDict,
): AccuracyAndF1Score {
  const pairs = (split: Dataset) => [...split] as Row[] as LabelledPair[];
  const predictions = predictByWordOverlap(pairs(train), pairs(validation));
  const references = validation.column("label") as number[];
  return {
    accuracy: accuracy(predictions, references),
    f1: f1Score(predictions, references),
  };
}

/** Source of {@linkcode showExamples}. */
export interface ExampleSource {
  /** The model, in evaluation mode. */
  readonly model: ForSequenceClassification;
  /** The device of the model. */
  readonly device: Device;
  /** Loads the rows in order. */
  readonly loader: DataLoader<Row, Batch>;
  /** The same rows, before tokenisation. */
  readonly rows: Dataset;
  /** The labels. */
  readonly head: ClassHead;
  /** Ends the search. */
  readonly signal: AbortSignal;
}

/** Prints the first pairs that a model labels correctly, and the first that it does not. */
export async function showExamples(
  { model, device, loader, rows, head, signal }: ExampleSource,
): Promise<void> {
  const names = model.config.id2label;
  const right: string[] = [];
  const wrong: string[] = [];
  let row = 0;
  for await (const batch of loader) {
    for (const logits of await classify(model, batch, device)) {
      const { sentence1, sentence2, label: number } = rows.at(row++);
      const label = head.numbers[number]!;
      const predicted = indexOfMax(logits);
      const probability = softmax(logits)[predicted]!.toFixed(3);
      const answer = predicted === label ? "" : `, label ${names[label]}`;
      (predicted === label ? right : wrong).push(
        `  predicted ${
          names[predicted]
        }, probability ${probability}${answer}\n    ${sentence1}\n    ${sentence2}`,
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
 * Prints the paths of report and model, and commands to try next.
 *
 * @param run Folder of the run.
 * @param folder Folder of the model.
 * @param rows The validation pairs; the first is used as an example.
 * @param options The settings of the run.
 */
export function suggestNext(
  run: string,
  folder: string,
  rows: Dataset,
  options: Options,
): void {
  const { sentence1, sentence2 } = rows.at(0);
  console.log(
    `The report, a page for the browser, is in ${run}/report.html`,
  );
  console.log(`The model is in ${folder}`);
  console.log(`Label a pair with it:
  ./denow task predict --model ${quotePath(folder)} ${shellQuote(sentence1)} ${
    shellQuote(sentence2)
  }`);
  if (options.model !== undefined && options.data !== undefined) return;
  console.log(`Train a BERT on MRPC, or on pairs of your own:
  ./denow task train --model MODEL --data DATA
    MODEL: a folder with config.json, model.safetensors and tokenizer.json
    DATA:  a folder with train and validation, each as .tsv, .csv, .jsonl, .arrow
           .json or .parquet, with the columns sentence1, sentence2 and label (0 or 1)
    Both can be fetched from the Hugging Face Hub, and are then given by name:
    ./denow task fetch --model google-bert/bert-base-uncased --dataset nyu-mll/glue:mrpc`);
}
