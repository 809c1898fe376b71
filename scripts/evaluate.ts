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
import { ProgressBar, requestDevice, TextClassifier } from "../mod.ts";
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
import { classifyTexts } from "./inference/classifier.ts";
import { accuracyBy } from "./inference/evaluation.ts";
import { loadLabelledRows } from "./inference/labelled_rows.ts";
import { readGroups } from "./inference/references.ts";
import { type Outputs, prepareScoring } from "./inference/scoring.ts";
import {
  findTextColumns,
  textsOf,
  warnOfTruncated,
} from "./inference/texts.ts";
import { embeddedData } from "./train/embedded.ts";

/** The settings of a run. */
interface Options {
  readonly model: string;
  readonly data: string;
  readonly split?: string;
  readonly textColumns?: string;
  readonly labelColumn: string;
  readonly labelSeparator?: string;
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
  labelColumn: {
    value: "NAME",
    help: "the label column; or one of 0 and 1 for each label: a,b,c",
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
    "matrix; of several labels a row F1, the share of rows whose labels are all right,",
    "and the scores of each label. The last line has everything as JSON. Everything",
    "but the results goes to stderr.",
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
  const { model: path, data, maxLength, batchSize } = options;
  const { rows, split } = await loadLabelledRows(options);
  const columns = findTextColumns(rows, options.textColumns);
  using device = await requestDevice({ tuning: "none" });
  using classifier = await TextClassifier.fromPretrained(path, {
    device,
    ...maxLength !== undefined && { maxLength },
  });
  console.error(`Running on ${device.description}`);
  const { labelColumn, labelSeparator } = options;
  const score = prepareScoring(
    classifier,
    rows,
    { labelColumn, labelSeparator },
    path,
  );
  if (options.by && classifier.labels.length === 1) {
    throw new TypeError(
      `--by ${options.by} needs labels to count, and ${path} predicts numbers: leave it out`,
    );
  }
  const groups = options.by ? readGroups(rows, options.by) : undefined;
  const texts = textsOf(rows, columns);

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

  const { tables, json, isRight } = score(outputs);
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
}

if (import.meta.main) await runMain({ parse, help }, evaluate);
