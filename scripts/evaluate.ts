/**
 * Evaluates a fine-tuned model on a split of labelled data.
 *
 *     deno task evaluate --model runs/…/model --data DIR --split test
 *
 * `--allow-read`: the model and the data that the flags name. No write, net, env,
 * ffi or run.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { ProgressBar, requestDevice } from "../mod.ts";
import { delayedStderr } from "./cli/delayed_stderr.ts";
import {
  BATCH_SIZE,
  describeFlags,
  type FlagTable,
  LABELLED_ROWS,
  MAX_LENGTH,
  MODEL,
} from "./cli/flag_help.ts";
import { parseModelFlags } from "./cli/model_flags.ts";
import { type Run, runMain } from "./cli/run_main.ts";
import { table } from "./cli/table.ts";
import {
  checkIsScored,
  classify,
  loadClassifier,
} from "./inference/classifier.ts";
import {
  accuracyBy,
  evaluation,
  evaluationTables,
} from "./inference/evaluation.ts";
import { loadLabelledRows } from "./inference/labelled_rows.ts";
import {
  positiveLabel,
  readGroups,
  readLabels,
} from "./inference/references.ts";
import { findTextColumns, loadBatches } from "./inference/texts.ts";
import { embeddedData } from "./train/embedded.ts";

/** The settings of a run. */
interface Options {
  readonly model: string;
  readonly data: string;
  readonly split?: string;
  readonly textColumns?: string;
  readonly labelColumn: string;
  readonly delimiter?: string;
  readonly by?: string;
  readonly batchSize: number;
  readonly maxLength?: number;
  readonly json: boolean;
}

const DEFAULTS = { labelColumn: "label", batchSize: 32 };

const FLAGS: FlagTable = {
  model: MODEL,
  ...LABELLED_ROWS,
  by: {
    value: "NAME",
    help: "a column: also prints the accuracy for each of its values",
    defaultText: "none",
  },
  batchSize: BATCH_SIZE,
  maxLength: MAX_LENGTH,
  json: { help: "print one line of JSON and nothing else" },
};

function help(): string {
  return [
    "Evaluates a fine-tuned model on labelled data.",
    "",
    "./denow task evaluate --model DIR [flags]",
    "",
    ...describeFlags(FLAGS, DEFAULTS),
    "",
    "Prints GLUE's scores, the loss, the majority-class baseline and a confusion",
    "matrix; the last line has everything as JSON. Everything but the results goes",
    "to stderr.",
  ].join("\n");
}

function parse(args: readonly string[]): Options | "help" {
  return parseModelFlags<Options>(args, FLAGS, {
    ...DEFAULTS,
    data: embeddedData,
    json: false,
  });
}

async function evaluate(
  options: Options,
  { begin, signal }: Run,
): Promise<void> {
  const { model: path, data, labelColumn } = options;
  const { rows, split } = await loadLabelledRows(options);
  const columns = findTextColumns(rows, options.textColumns);
  using device = await requestDevice({ tuning: "none" });
  const classifier = await loadClassifier(path, device);
  console.error(`Running on ${device.description}`);
  checkIsScored(classifier, path);
  const { model, labels } = classifier;
  const references = readLabels(rows, labelColumn, labels);
  const positive = positiveLabel(rows, labelColumn, labels);
  if (options.by && labels.length === 1) {
    throw new TypeError(
      `--by ${options.by} needs labels to count, and ${path} predicts numbers: leave it out`,
    );
  }
  const groups = options.by ? readGroups(rows, options.by) : undefined;
  const batches = loadBatches(classifier, rows, { ...options, columns });

  begin();
  const logits: number[][] = [];
  {
    using progress = new ProgressBar(batches.length, {
      label: "evaluating",
      unit: "rows",
      output: delayedStderr(),
    });
    for await (const batch of batches) {
      const batchLogits = await classify(model, batch, device);
      logits.push(...batchLogits);
      progress.update(1, { samples: batchLogits.length });
      if (signal.aborted) return;
    }
  }

  const result = evaluation(logits, references, positive);
  const by = groups && accuracyBy(groups, logits, references);
  if (!options.json) {
    const name = split === null ? data : `${split} of ${data}`;
    console.log(`${path} on ${name}: ${rows.length} rows\n`);
    const tables = evaluationTables(result, labels);
    if (by) {
      const lines = by.map(({ value, rows, accuracy }) => [
        value,
        `${rows}`,
        accuracy,
      ]);
      tables.push(table([options.by!, "rows", "accuracy"], lines));
    }
    for (const text of tables) console.log(`${text}\n`);
  }
  const { scores, loss, baseline, confusionMatrix } = result;
  console.log(JSON.stringify({
    model: path,
    data,
    split,
    rows: rows.length,
    ...scores,
    loss,
    ...baseline && {
      baseline: { label: labels[baseline.label], ...baseline.scores },
      labels,
      confusionMatrix,
    },
    by,
  }));
}

if (import.meta.main) await runMain({ parse, help }, evaluate);
