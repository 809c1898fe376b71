/**
 * Evaluates a fine-tuned model on a split of labelled data.
 *
 *     deno task evaluate --model runs/…/model --data DIR --split test
 *
 * `--allow-read`: the model and the data that the flags name. `--allow-write=runs`:
 * the page of `--report`. No net, env, ffi or run.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { ProgressBar, requestDevice, TextClassifier } from "../mod.ts";
import { delayedStderr } from "./cli/delayed_stderr.ts";
import { commandText } from "./cli/command_text.ts";
import {
  BATCH_SIZE,
  describeFlags,
  type FlagTable,
  LABELLED_ROWS,
  MAX_LENGTH,
  MODEL,
  type Value,
} from "./cli/flag_help.ts";
import { parseModelFlags } from "./cli/model_flags.ts";
import { type Run, runMain } from "./cli/run_main.ts";
import { table } from "./cli/table.ts";
import { withoutMissingSets } from "./classify/missing_rows.ts";
import { classifyTexts } from "./inference/classifier.ts";
import { accuracyBy } from "./inference/evaluation.ts";
import { evaluationReport } from "./inference/evaluation_report.ts";
import {
  findLabelledColumns,
  loadLabelledRows,
} from "./inference/labelled_rows.ts";
import { readGroups } from "./inference/references.ts";
import {
  isMultiLabel,
  type Outputs,
  prepareScoring,
} from "./inference/scoring.ts";
import { textsOf, warnOfTruncated } from "./inference/texts.ts";
import { checkPageFile, writePage } from "./report/page_file.ts";
import { runConfig } from "./run_folder/config.ts";
import { embeddedData } from "./train/embedded.ts";
import { isFile } from "./train/load_splits.ts";

/** The settings of a run. */
interface Options {
  readonly model: string;
  readonly data: string;
  readonly split?: string;
  readonly textColumns?: string;
  readonly labelColumn?: string;
  readonly labelSeparator?: string;
  readonly delimiter?: string;
  readonly by?: string;
  readonly batchSize: number;
  readonly maxLength?: number;
  readonly report?: string | true;
  readonly json: boolean;
}

const DEFAULTS = { batchSize: 32 };

const FLAGS: FlagTable = {
  model: MODEL,
  ...LABELLED_ROWS,
  labelColumn: {
    value: "NAME",
    help: "the label column; or one of 0 and 1 for each label: a,b,c",
    defaultText: "label, or the only one that can be meant",
  },
  labelSeparator: {
    value: "C",
    help: "the character between two labels of a row: ','",
    defaultText: "none: a row with several labels has a list",
  },
  by: {
    value: "NAME",
    help: "a column: also prints the accuracy for each of its values",
    defaultText: "none",
  },
  batchSize: BATCH_SIZE,
  maxLength: MAX_LENGTH,
  report: {
    value: "FILE",
    isOptional: true,
    help:
      "also write a page with charts and likely label errors; an older one is replaced",
    defaultText:
      "none; without FILE report-SPLIT.html beside the folder of the model",
  },
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
    "Prints accuracy, F1 of two labels and Matthews correlation, the loss, the",
    "majority-class baseline and a confusion matrix; of numbers Pearson and Spearman",
    "correlation; of several labels a row F1, the share of rows whose labels are all",
    "right, and the scores of each label. The last line has everything as JSON.",
    "Everything but the results goes to stderr.",
  ].join("\n");
}

const PRESET = { ...DEFAULTS, data: embeddedData, json: false };

function parse(args: readonly string[]): Options | "help" {
  const options = parseModelFlags<Options>(args, FLAGS, PRESET);
  if (options === "help" || options.report === undefined) return options;
  const report = options.report === true
    ? defaultPage(options)
    : options.report;
  checkPageFile(report, { flag: "report", task: "evaluate" });
  return { ...options, report };
}

/** `report-validation.html` beside `runs/NAME/model`: the run's own report is another. */
function defaultPage({ model, data, split }: Options): string {
  const parent = model.replace(/\/+$/, "").replace(/[^/]*$/, "");
  return `${parent}report-${nameOfRows(data, split)}.html`;
}

/** Name of a split, or of a file without its extension. */
function nameOfRows(data: string, split: string | null | undefined): string {
  if (split !== undefined && split !== null) return split;
  if (!isFile(data)) return "validation";
  return data.replace(/^.*\//, "").replace(/\.[^.]*$/, "");
}

/** The flags that were given, and what follows from them. */
function flagsOf(
  { model, json: _, ...others }: Options,
): Record<string, Value> {
  return Object.fromEntries(
    Object.entries({ model, ...others }).filter(([name, value]) =>
      value !== undefined &&
      value !== (PRESET as Readonly<Record<string, unknown>>)[name]
    ),
  );
}

async function evaluate(
  options: Options,
  { begin, signal }: Run,
): Promise<void> {
  const { model: path, data, maxLength, batchSize, report } = options;
  const { rows: all, split } = await loadLabelledRows(options);
  const columns = findLabelledColumns(all, options);
  using device = await requestDevice({ tuning: "none" });
  using classifier = await TextClassifier.fromPretrained(path, {
    device,
    ...maxLength !== undefined && { maxLength },
  });
  console.error(`Running on ${device.description}`);
  const rows = isMultiLabel(classifier)
    ? withoutMissingSets(all, columns.label)
    : all;
  const { labelSeparator } = options;
  const labels = { labelColumns: columns.label, labelSeparator };
  const scoring = prepareScoring(classifier, rows, labels, path);
  if (options.by && classifier.labels.length === 1) {
    throw new TypeError(
      `--by ${options.by} needs labels to count, and ${path} predicts numbers: leave it out`,
    );
  }
  const groups = options.by ? readGroups(rows, options.by) : undefined;
  const texts = textsOf(rows, columns.text);

  begin();
  const outputs: Outputs[number][] = [];
  {
    using progress = new ProgressBar(Math.ceil(texts.length / batchSize), {
      label: "evaluating",
      unit: "rows",
      output: delayedStderr(),
    });
    while (outputs.length < texts.length) {
      const { length } = outputs;
      const batch = texts.slice(length, length + batchSize);
      outputs.push(...await classifyTexts(classifier, batch, batchSize));
      progress.update(1, { samples: batch.length });
      if (signal.aborted) return;
    }
  }
  warnOfTruncated(classifier, rows);

  const { tables, json, isRight, baseline } = scoring.score(outputs);
  const by = groups && isRight && accuracyBy(groups, isRight);
  if (!options.json) {
    const name = split === null ? data : `${split} of ${data}`;
    console.log(`${path} on ${name}: ${rows.length} rows\n`);
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
  console.log(JSON.stringify({
    model: path,
    data,
    split,
    rows: rows.length,
    ...json,
    by,
  }));
  if (typeof report !== "string") return;
  const flags = flagsOf(options);
  const html = await evaluationReport({
    ...{ classifier, rows, columns, texts, outputs, baseline, ...scoring },
    title: `${path} on ${split === null ? data : `${split} of ${data}`}`,
    split: nameOfRows(data, split),
    config: await runConfig({ ...options, flags }, device, path, data),
    command: commandText("evaluate", flags),
  });
  await writePage(report, html);
  console.error(`The report is in ${report}`);
}

if (import.meta.main) await runMain({ parse, help }, evaluate);
