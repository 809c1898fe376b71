/**
 * Checks that an exported model equals the model itself: classifies labelled rows
 * with both, the ONNX file in transformers.js, the library that it is made for.
 *
 *     deno task check-onnx --model runs/…/model --data DIR
 *
 * `--allow-read`: the model and the data that the flags name, and the package.
 * `--allow-ffi`: transformers.js runs ONNX in onnxruntime, which is native code
 * and no sandbox holds; so no other script loads it. `--allow-env`: its native
 * libraries read their settings there. No net, write or run. `--lock`: the package
 * is pinned in a separate file, because Deno downloads everything in `deno.lock`
 * for every task, and this is 480 MB.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { loadDataset, requestDevice } from "../mod.ts";
import { describeFlags, type FlagTable } from "./cli/flag_table.ts";
import { BATCH_SIZE, MODEL, parseModelFlags } from "./cli/model_flags.ts";
import { type Run, runMain } from "./cli/run_main.ts";
import { table } from "./cli/table.ts";
import { classify, loadClassifier, splitRows } from "./inference/classifier.ts";
import { evaluation, readLabels } from "./inference/evaluation.ts";
import { findTextColumns, loadBatches } from "./inference/texts.ts";
import { embeddedData } from "./train/model.ts";
import { loadInTransformersJs } from "./transformers_js/load.ts";
import { checkComparison, compare } from "./transformers_js/onnx_comparison.ts";

/** The settings of a run. */
interface Options {
  readonly model: string;
  readonly data: string;
  readonly dtype: string;
  readonly batchSize: number;
}

const DEFAULTS = { dtype: "fp32", batchSize: 32 };

const FLAGS: FlagTable = {
  model: { ...MODEL, help: "the model, with its ONNX file in onnx/" },
  data: {
    value: "DIR",
    help: "a folder with validation, as .arrow, .parquet, .tsv, .csv or .jsonl",
    defaultText: "the embedded data",
  },
  dtype: {
    value: "NAME",
    help: "number format of the ONNX file",
    choices: ["fp32", "fp16", "q8"],
  },
  batchSize: BATCH_SIZE,
};

function help(): string {
  return [
    "Compares an exported model in transformers.js with the model itself.",
    "",
    "./denow task check-onnx --model DIR [flags]",
    "",
    ...describeFlags(FLAGS, DEFAULTS),
    "",
    "Fails if a logit of an fp32 file differs by more than 1e-4, or a label differs.",
    "The last line has everything as JSON.",
  ].join("\n");
}

function parse(args: readonly string[]): Options | "help" {
  return parseModelFlags<Options>(args, FLAGS, {
    ...DEFAULTS,
    data: embeddedData,
  });
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
): Record<string, number> {
  return { ...evaluation(logits, references).scores, msPerRow };
}

async function check(options: Options, { begin, signal }: Run): Promise<void> {
  const { model: path, data, dtype, batchSize } = options;
  const { validation: rows } = await loadDataset(data, {
    splits: ["validation"],
  });
  const columns = findTextColumns(rows, undefined);
  using device = await requestDevice();
  const classifier = await loadClassifier(path, device);
  const { model, labels } = classifier;
  const references = readLabels(rows, "label", labels);
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
  const texts = columns.map((name) => rows.column(name).map(String));
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
  const gradloop = scoresOf(ours, references);
  const transformersJs = scoresOf(theirs, references);
  console.log(
    `${path}, ${dtype}, on validation of ${data}: ${rows.length} rows\n`,
  );
  const names = Object.keys(gradloop);
  console.log(
    table(["", ...names], [
      ["gradloop", ...names.map((name) => gradloop[name])],
      ["transformers.js", ...names.map((name) => transformersJs[name])],
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
      dtype,
      rows: rows.length,
      ...comparison,
      gradloop,
      transformersJs,
    }),
  );
  checkComparison(comparison, dtype);
}

if (import.meta.main) await runMain({ parse, help }, check);
