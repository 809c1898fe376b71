/**
 * Evaluates a fine-tuned model on a split of labelled data, and changes nothing.
 *
 *     deno task evaluate --model runs/…/model --data DIR --split test
 *
 * `--allow-read`: the model and the data that the flags point at. No write, net,
 * env, ffi or run.
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
  ProgressBar,
  requestDevice,
} from "../mod.ts";
import { loadClassifier, rowsOf } from "./inference/classifier.ts";
import {
  accuracyBy,
  type Evaluation,
  evaluation,
  readGroups,
  readLabels,
} from "./inference/evaluation.ts";
import { describeFlags, type FlagTable } from "./cli/flag_table.ts";
import { type Run, runMain } from "./cli/run_main.ts";
import { embeddedData } from "./train/model.ts";
import { MODEL, parseModelFlags } from "./cli/model_flags.ts";
import { patientError } from "./cli/patient_error.ts";
import { checkFits } from "./train/report.ts";
import { table } from "./cli/table.ts";
import { encodeTexts, findTextColumns } from "./inference/texts.ts";

/** The settings of a run. */
interface Options {
  readonly model: string;
  readonly data: string;
  readonly split: string;
  readonly textColumns?: string;
  readonly labelColumn: string;
  readonly by?: string;
  readonly batchSize: number;
  readonly maxLength?: number;
  readonly json: boolean;
}

const DEFAULTS = {
  split: "validation",
  labelColumn: "label",
  batchSize: 32,
};

const FLAGS: FlagTable = {
  model: MODEL,
  data: {
    value: "DIR",
    help: "a folder with the split, as .arrow, .parquet, .tsv, .csv or .jsonl",
    otherwise: "the embedded one",
  },
  split: { value: "NAME", help: "train, validation, test or another" },
  textColumns: {
    value: "NAME",
    help: "the column of sentences, or two parted by a comma",
    otherwise: "those of GLUE's tasks, such as sentence1,sentence2",
  },
  labelColumn: { value: "NAME", help: "the column of labels" },
  by: {
    value: "NAME",
    help: "a column for each of whose values the accuracy is given too",
    otherwise: "none",
  },
  batchSize: { value: "N", min: 1, help: "rows of a batch" },
  maxLength: {
    value: "N",
    min: 5,
    help: "tokens at which a row is truncated",
    otherwise: "what the model takes",
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
    "The scores are those of GLUE; the last line is all of them as JSON.",
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
  const { model: path, data, split, batchSize, labelColumn } = options;
  const rows = (await loadDataset(data, { splits: [split] })).split(split);
  const columns = findTextColumns(rows, options.textColumns);
  using device = await requestDevice();
  const classifier = await loadClassifier(path, device);
  console.error(`Running on ${device.description}`);
  const { model, tokenizer, labels } = classifier;
  const references = readLabels(rows, labelColumn, labels);
  if (options.by && labels.length === 1) {
    throw new TypeError(
      `--by ${options.by} asks how many labels are right, and ${path} predicts numbers: leave it out`,
    );
  }
  const groups = options.by ? readGroups(rows, options.by) : undefined;
  const { maxLength = classifier.maxLength } = options;
  const encoded = encodeTexts(rows, { tokenizer, columns, maxLength })
    .removeColumns(rows.columnNames);
  checkFits(new DatasetDict({ [split]: encoded }), model.config);
  const loader = new DataLoader(encoded, {
    batchSize,
    collateFn: dataCollatorWithPadding(tokenizer),
  });

  begin();
  const logits: number[][] = [];
  {
    using progress = new ProgressBar(loader.length, {
      label: "evaluating",
      unit: "rows",
      output: patientError(),
    });
    using _noGrad = noGrad();
    for await (const batch of loader) {
      using _scope = device.scope();
      const output = await model.forward(batch).logits.toArray();
      logits.push(...rowsOf(output, labels.length));
      progress.update(1, { samples: batch.inputIds.shape[0]! });
      if (signal.aborted) return;
    }
  }

  const result = evaluation(logits, references);
  const by = groups && accuracyBy(groups, logits, references);
  if (!options.json) {
    console.log(`${path} on ${split} of ${data}: ${rows.length} rows\n`);
    console.log(describe(result, labels));
    if (by) {
      const lines = by.map(({ value, rows, accuracy }) => [
        value,
        `${rows}`,
        accuracy,
      ]);
      console.log(table([options.by!, "rows", "accuracy"], lines) + "\n");
    }
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

/** The scores as tables for people. */
function describe(
  { scores, loss, baseline, confusionMatrix }: Evaluation,
  labels: readonly string[],
): string {
  const lines = [
    table(["", ...Object.keys(scores), "loss"], [
      ["the model", ...Object.values(scores), loss],
      ...baseline
        ? [[
          `${labels[baseline.label]} everywhere`,
          ...Object.values(baseline.scores),
          undefined,
        ]]
        : [],
    ]),
    "",
  ];
  if (confusionMatrix) {
    lines.push(
      table(
        ["right \\ predicted", ...labels],
        confusionMatrix.map((counts, i) => [labels[i]!, ...counts.map(String)]),
      ),
      "",
    );
  }
  return lines.join("\n");
}

if (import.meta.main) {
  await runMain(async (run) => {
    const options = parse(Deno.args);
    if (options === "help") console.log(help());
    else await evaluate(options, run);
  });
}
