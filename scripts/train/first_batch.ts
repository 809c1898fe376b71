/**
 * Checks before training: progress of tokenisation, a look at the first batch,
 * and one forward pass.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import {
  type Batch,
  type DatasetDict,
  type Device,
  type ForSequenceClassification,
  type LabelledBatch,
  noGrad,
  ProgressBar,
  type Tokenizer,
} from "../../mod.ts";
import { checkFits } from "./data_checks.ts";

/** Rows of the batch that are printed. */
const PRINTED_ROWS = 3;

/**
 * A progress bar for tokenisation.
 *
 * @returns The `onProgress` option of `map()`.
 */
export function tokenizing(): (done: number, total: number) => void {
  let progress: ProgressBar | undefined;
  return (done, total) => {
    progress ??= new ProgressBar(total, { label: "tokenizing", unit: "rows" });
    progress.update();
    if (done === total) progress.pause();
  };
}

/**
 * Prints the tensors of a batch, and the tokens, padding and label of its first rows.
 *
 * @param batch The batch.
 * @param tokenizer Decodes the ids.
 */
export function inspect(batch: Batch, tokenizer: Tokenizer): void {
  const { inputIds, tokenTypeIds, attentionMask, labels } = batch;
  const tensors = Object.entries(batch)
    .map(([name, { shape, dtype }]) =>
      `${name} [${shape.join(", ")}] ${dtype}`
    );
  console.log(`First batch: ${tensors.join(", ")}`);
  const [rows, length] = inputIds.shape as [number, number];
  const decode = (indices: number[]) =>
    indices.map((i) => tokenizer.decode([inputIds.data[i]!])).join(" ");
  for (let row = 0; row < Math.min(rows, PRINTED_ROWS); row++) {
    const indices = Array.from({ length }, (_, i) => row * length + i);
    const real = indices.filter((i) => attentionMask.data[i] === 1);
    console.log(`  row ${row}, label ${labels!.data[row]}`);
    for (const segment of [0, 1]) {
      const part = real.filter((i) => tokenTypeIds.data[i] === segment);
      console.log(`    segment ${segment}: ${decode(part)}`);
    }
    console.log(`    padding: ${length - real.length} tokens`);
  }
}

/**
 * Checks that the model takes every row, then runs one forward pass over a batch
 * and prints the loss and the shape of the logits.
 *
 * @param model The model.
 * @param batch The batch.
 * @param data All rows, tokenised.
 * @param device The device of the model.
 * @throws {RangeError} If a row is too long, or a token id is outside the vocabulary.
 */
export async function checkForward(
  model: ForSequenceClassification,
  batch: LabelledBatch,
  data: DatasetDict,
  device: Device,
): Promise<void> {
  checkFits(data, model.config);
  using _scope = device.scope();
  using _noGrad = noGrad();
  const { loss, logits } = model.forward(batch);
  console.log(
    `One forward: loss ${(await loss.item()).toFixed(4)}, logits [${
      logits.shape.join(", ")
    }]`,
  );
}
