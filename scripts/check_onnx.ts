/**
 * Proves that an exported model is the model: classifies labelled rows with
 * both, the ONNX file through transformers.js, the library that it is for.
 *
 *     deno task check-onnx --model runs/…/model --data DIR
 *
 * `--allow-read`: the model and the data that the flags point at, and the
 * package. `--allow-ffi`: transformers.js runs ONNX in onnxruntime, which is
 * native code and could do anything; so no other script loads it.
 * `--allow-env`: its native libraries look for settings there. No net, write or
 * run. `--lock`: the package is pinned in a file of its own, because everybody
 * downloads what `deno.lock` names, and this is 480 MB.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import {
  dataCollatorWithPadding,
  DataLoader,
  DatasetDict,
  loadDataset,
  noGrad,
  requestDevice,
} from "../mod.ts";
import { loadClassifier, rowsOf } from "./inference/classifier.ts";
import { evaluation, readLabels } from "./inference/evaluation.ts";
import { describeFlags, type FlagTable } from "./cli/flag_table.ts";
import { type Run, runMain } from "./cli/run_main.ts";
import { embeddedData } from "./train/model.ts";
import { MODEL, parseModelFlags } from "./cli/model_flags.ts";
import { checkComparison, compare } from "./transformers_js/onnx_comparison.ts";
import { checkFits } from "./train/report.ts";
import { table } from "./cli/table.ts";
import { encodeTexts, findTextColumns } from "./inference/texts.ts";
import { loadInTransformersJs } from "./transformers_js/load.ts";

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
    otherwise: "the embedded one",
  },
  dtype: {
    value: "NAME",
    help: "which file",
    names: ["fp32", "fp16", "q8"],
  },
  batchSize: { value: "N", min: 1, help: "rows of a batch" },
};

function help(): string {
  return [
    "Compares an exported model in transformers.js with the model itself.",
    "",
    "./denow task check-onnx --model DIR [flags]",
    "",
    ...describeFlags(FLAGS, DEFAULTS),
    "",
    "Fails where a logit of an fp32 file differs by more than 1e-4, or a label.",
    "The last line is everything as JSON.",
  ].join("\n");
}

function parse(args: readonly string[]): Options | "help" {
  return parseModelFlags<Options>(args, FLAGS, {
    ...DEFAULTS,
    data: embeddedData,
  });
}

/** What one side gave. */
interface Outcome {
  /** The logits of every row. */
  readonly logits: number[][];
  /** Tokenising not included. */
  readonly msPerRow: number;
}

/** Classifies batches; the first is run twice, and counts once. */
async function classify<T>(
  batches: readonly T[],
  rows: number,
  run: (batch: T) => Promise<number[][]>,
): Promise<Outcome> {
  await run(batches[0]!); // kernels are compiled, memory is taken
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
  const { model, tokenizer, labels, maxLength } = await loadClassifier(
    path,
    device,
  );
  const references = readLabels(rows, "label", labels);
  const encoded = encodeTexts(rows, { tokenizer, columns, maxLength })
    .removeColumns(rows.columnNames);
  checkFits(new DatasetDict({ encoded }), model.config);
  const batches = await Array.fromAsync(
    new DataLoader(encoded, {
      batchSize,
      collateFn: dataCollatorWithPadding(tokenizer),
    }),
  );
  const exported = await loadInTransformersJs(path, dtype);
  console.error(`Running on ${device.description}, and in transformers.js`);

  begin();
  using _noGrad = noGrad();
  const ours = await classify(batches, rows.length, async (batch) => {
    using _scope = device.scope();
    signal.throwIfAborted();
    const logits = await model.forward(batch).logits.toArray();
    return rowsOf(logits, labels.length);
  });
  const texts = columns.map((name) => rows.column(name).map(String));
  const jsBatches = batches.map((_, i) => {
    const [first, second] = texts.map((column) =>
      column.slice(i * batchSize, (i + 1) * batchSize)
    );
    return exported.tokenize(first!, second);
  });
  const theirs = await classify(jsBatches, rows.length, async (batch) => {
    signal.throwIfAborted();
    return rowsOf(await exported.classify(batch), labels.length);
  });

  const comparison = compare(ours.logits, theirs.logits);
  const mine = scoresOf(ours, references);
  const other = scoresOf(theirs, references);
  console.log(
    `${path}, ${dtype}, on validation of ${data}: ${rows.length} rows\n`,
  );
  const names = Object.keys(mine);
  console.log(
    table(["", ...names], [
      ["the model", ...names.map((name) => mine[name])],
      ["transformers.js", ...names.map((name) => other[name])],
    ]),
  );
  const { maxDifference, meanDifference, differentLabels } = comparison;
  console.log(
    `\nA logit differs by ${maxDifference.toExponential(1)} at most and ${
      meanDifference.toExponential(1)
    } in the mean; ${differentLabels.length} rows have another label\n`,
  );
  console.log(
    JSON.stringify({
      model: path,
      data,
      dtype,
      rows: rows.length,
      ...comparison,
      gradloop: mine,
      transformersJs: other,
    }),
  );
  checkComparison(comparison, dtype);
}

if (import.meta.main) {
  await runMain(async (run) => {
    const options = parse(Deno.args);
    if (options === "help") console.log(help());
    else await check(options, run);
  });
}
