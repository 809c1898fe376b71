/**
 * The check of an exported model against the model itself, on labelled rows.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { type Dataset, requestDevice, TextClassifier } from "../../mod.ts";
import { parseModelFlags } from "../cli/model_flags.ts";
import { type CommandLine, type Run, runMain } from "../cli/run_main.ts";
import { table } from "../cli/table.ts";
import { loadBatches } from "../inference/batches.ts";
import {
  checkIsScored,
  type Classifier,
  classify,
  splitRows,
} from "../inference/classifier.ts";
import { evaluation } from "../inference/evaluation.ts";
import {
  findLabelledColumns,
  loadLabelledRows,
} from "../inference/labelled_rows.ts";
import { positiveLabel, readLabels } from "../inference/references.ts";
import { embeddedData } from "../train/embedded.ts";
import {
  CHECK_DEFAULTS,
  CHECK_FLAGS,
  checkHelp,
  type CheckOptions,
} from "./check_flags.ts";
import { loadInTransformersJs } from "./load.ts";
import { checkComparison, compare } from "./onnx_comparison.ts";

const commandLine: CommandLine<CheckOptions> = {
  parse: (args) =>
    parseModelFlags<CheckOptions>(args, CHECK_FLAGS, {
      ...CHECK_DEFAULTS,
      data: embeddedData,
    }),
  help: checkHelp,
};

/** Runs the check with the arguments of the process. */
export async function main(): Promise<void> {
  await runMain(commandLine, check);
}

/** Logits and speed of one of the two models. */
interface Outcome {
  /** The logits of each row. */
  readonly logits: number[][];
  /** Time per row without tokenisation, in ms. */
  readonly msPerRow: number;
}

/** Classifies batches; the first one runs twice and is timed once. */
async function classifyAll<T>(
  batches: readonly T[],
  rows: number,
  run: (batch: T) => Promise<number[][]>,
): Promise<Outcome> {
  await run(batches[0]!); // compiles kernels, allocates memory
  const start = performance.now();
  const logits: number[][] = [];
  for (const batch of batches) logits.push(...await run(batch));
  return { logits, msPerRow: (performance.now() - start) / rows };
}

function scoresOf(
  { logits, msPerRow }: Outcome,
  references: readonly number[],
  positive: number,
): Record<string, number> {
  return { ...evaluation(logits, references, positive).scores, msPerRow };
}

/**
 * Leaves out rows that are too long for the model: transformers.js cuts off their
 * last tokens, [SEP] among them, so that their logits differ.
 */
function withoutLongRows(
  rows: Dataset,
  columns: readonly string[],
  { tokenizer, maxLength }: Classifier,
): Dataset {
  const [first, second] = columns
    .map((name) => rows.column(name) as string[]);
  const fitting = first!.keys().filter((row) =>
    tokenizer.encode(first![row]!, second?.[row]).inputIds.length <= maxLength
  ).toArray();
  const left = rows.length - fitting.length;
  if (left === 0) return rows;
  const reason =
    `have more than ${maxLength} tokens, which transformers.js truncates in another way`;
  if (fitting.length === 0) {
    throw new RangeError(
      `All ${left} rows of ${rows.source} ${reason}: give shorter ones`,
    );
  }
  console.warn(
    `Warning: ${left} of ${rows.length} rows of ${rows.source} ${reason}: they are left out`,
  );
  return rows.select(fitting);
}

async function check(
  options: CheckOptions,
  { begin, signal }: Run,
): Promise<void> {
  const { model: path, data, dtype, batchSize } = options;
  const { rows: all, split } = await loadLabelledRows(options);
  const { text: columns, label } = findLabelledColumns(all, options);
  const labelColumn = label.join(",");
  using device = await requestDevice({ tuning: "none" });
  using classifier = await TextClassifier.fromPretrained(path, { device });
  checkIsScored(classifier, path);
  const { model, labels } = classifier;
  const rows = withoutLongRows(all, columns, classifier);
  const references = readLabels(rows, labelColumn, labels);
  const positive = positiveLabel(rows, labelColumn, labels);
  const batches = await Array.fromAsync(
    loadBatches(classifier, rows, { columns, batchSize }),
  );
  const exported = await loadInTransformersJs(path, dtype);
  console.error(`Running on ${device.description}, and in transformers.js`);

  begin();
  const ours = await classifyAll(batches, rows.length, (batch) => {
    signal.throwIfAborted();
    return classify(model, batch, device);
  });
  const texts = columns.map((name) => rows.column(name) as string[]);
  const jsBatches = batches.map((_, i) => {
    const [first, second] = texts.map((column) =>
      column.slice(i * batchSize, (i + 1) * batchSize)
    );
    return exported.tokenize(first!, second);
  });
  const theirs = await classifyAll(jsBatches, rows.length, async (batch) => {
    signal.throwIfAborted();
    return splitRows(await exported.classify(batch), labels.length);
  });

  const comparison = compare(ours.logits, theirs.logits);
  const gradloop = scoresOf(ours, references, positive);
  const transformersJs = scoresOf(theirs, references, positive);
  const name = split === null ? data : `${split} of ${data}`;
  console.log(`${path}, ${dtype}, on ${name}: ${rows.length} rows\n`);
  const scores = Object.keys(gradloop);
  console.log(
    table(["", ...scores], [
      ["gradloop", ...scores.map((name) => gradloop[name])],
      ["transformers.js", ...scores.map((name) => transformersJs[name])],
    ]),
  );
  const { maxDifference, meanDifference, differentLabels } = comparison;
  console.log(
    `\nLogits differ by at most ${maxDifference.toExponential(1)}, on average ${
      meanDifference.toExponential(1)
    }; ${differentLabels.length} rows get another label\n`,
  );
  console.log(
    JSON.stringify({
      model: path,
      data,
      split,
      dtype,
      rows: rows.length,
      ...comparison,
      gradloop,
      transformersJs,
    }),
  );
  checkComparison(comparison, dtype);
}
