/**
 * Checks before training: progress of tokenisation, a look at the first batch,
 * and one forward pass.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import {
  type Device,
  type ForSequenceClassification,
  type HostTensor,
  type LabelledBatch,
  noGrad,
  ProgressBar,
  type Tokenizer,
} from "../../mod.ts";

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
 * Prints the tensors of a batch, and the tokens, padding and labels of its first rows.
 *
 * @param batch The batch.
 * @param tokenizer Decodes the ids.
 * @param names Names of the labels by number, if there are any.
 */
export function inspect(
  batch: LabelledBatch,
  tokenizer: Tokenizer,
  names: readonly string[] = [],
): void {
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
    console.log(`  row ${row}, ${describeLabels(labels, row, names)}`);
    for (const segment of [0, 1]) {
      const part = real.filter((i) => tokenTypeIds.data[i] === segment);
      if (part.length === 0) continue; // one text has no second segment
      console.log(`    segment ${segment}: ${decode(part)}`);
    }
    console.log(`    padding: ${length - real.length} tokens`);
  }
}

/** The label of a row of `[B]`, or its labels where those of `[B, L]` are 1. */
function describeLabels(
  { shape, data }: HostTensor,
  row: number,
  names: readonly string[],
): string {
  const [, count] = shape;
  if (count === undefined) {
    const label = data[row]!;
    return `label ${names[label] ?? Number(label.toPrecision(7))}`; // f32
  }
  const flags = [...data.subarray(row * count, (row + 1) * count)];
  const found = flags.flatMap((flag, i) => flag === 1 ? [names[i] ?? i] : []);
  return found.length === 0 ? "no label" : `labels ${found.join(", ")}`;
}

/**
 * Runs one forward pass over a batch, and prints the loss and the shape of the logits.
 *
 * @param model The model.
 * @param batch The batch.
 * @param device The device of the model.
 */
export async function checkForward(
  model: ForSequenceClassification,
  batch: LabelledBatch,
  device: Device,
): Promise<void> {
  using _scope = device.scope();
  using _noGrad = noGrad();
  const { loss, logits } = model.forward(batch);
  console.log(
    `One forward: loss ${(await loss.item()).toFixed(4)}, logits [${
      logits.shape.join(", ")
    }]`,
  );
}
