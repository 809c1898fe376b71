/**
 * Labels sentences or sentence pairs with a fine-tuned model: one line of JSON
 * each.
 *
 *     deno task predict --model runs/…/model "It rains." "Rain is falling."
 *     deno task predict --model runs/…/model --data pairs.tsv
 *
 * `--allow-read`: the model and the file that the flags name. No write, net, env,
 * ffi or run.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import {
  type Device,
  ProgressBar,
  requestDevice,
  TextClassifier,
} from "../mod.ts";
import { delayedStderr } from "./cli/delayed_stderr.ts";
import {
  BATCH_SIZE,
  DELIMITER,
  describeFlags,
  type FlagTable,
  MAX_LENGTH,
  MODEL,
  TEXT_COLUMNS,
} from "./cli/flag_help.ts";
import { readFlags } from "./cli/flag_table.ts";
import { requireModel } from "./cli/model_flags.ts";
import { printLine, type Run, runMain } from "./cli/run_main.ts";
import { resolveHubNames } from "./hub/names.ts";
import { classifyTexts, describePrediction } from "./inference/classifier.ts";
import { warnOfPair } from "./inference/pair_warning.ts";
import { predictLines } from "./inference/predict_lines.ts";
import {
  readTexts,
  splitColumns,
  type TextOptions,
  textsOf,
  warnOfTruncated,
} from "./inference/texts.ts";

/** The settings of a run. */
interface Options extends TextOptions {
  readonly model: string;
  readonly batchSize: number;
  readonly maxLength: number | undefined;
  readonly onError: "stop" | "skip";
}

const DEFAULTS = { batchSize: 32, onError: "stop" };

const FLAGS: FlagTable = {
  model: MODEL,
  data: {
    value: "FILE",
    help: "texts, as .tsv, .csv, .jsonl, .json, .arrow or .parquet",
    defaultText: "the sentences given, else lines on standard input",
  },
  textColumns: TEXT_COLUMNS,
  delimiter: DELIMITER,
  batchSize: BATCH_SIZE,
  maxLength: MAX_LENGTH,
  onError: {
    value: "NAME",
    help: "what a line of standard input that cannot be read does",
    choices: ["stop", "skip"],
  },
};

function help(): string {
  return [
    "Labels sentences or sentence pairs with a fine-tuned model.",
    "",
    './denow task predict --model DIR [flags] ["sentence one" ["sentence two"]]',
    "",
    ...describeFlags(FLAGS, DEFAULTS),
    "",
    "Prints a line of JSON for each: the label, and the probability of every label.",
    "A line of standard input is one sentence, or two separated by a tab, and is",
    "answered when it has come; with --text-columns the first line is a header. A",
    "blank line gives the label null. Longer rows are truncated, with a warning.",
    "Everything but the results goes to stderr.",
  ].join("\n");
}

function parse(args: readonly string[]): Options | "help" {
  const parsed = readFlags(args, FLAGS);
  if (parsed.help) return "help";
  const { values, positionals: sentences } = parsed;
  if (sentences.length > 2) {
    throw new TypeError(
      `There are ${sentences.length} sentences, and a model takes one or two: put each in quotes, or many into a file for --data`,
    );
  }
  if (sentences.length > 0 && values.data !== undefined) {
    throw new TypeError(
      `"${
        sentences[0]
      }" and --data ${values.data} exclude each other: give one of them`,
    );
  }
  if (sentences.length > 0) {
    const { textColumns, delimiter } = values;
    refuseFlag("text-columns", textColumns, "is for --data or standard input");
    refuseFlag("delimiter", delimiter, "is for --data");
  }
  if (sentences.length === 0 && values.data === undefined) {
    refuseFlag(
      "delimiter",
      values.delimiter,
      "is for a file: give it with --data",
    );
  } else {
    refuseFlag("on-error", values.onError, "is for standard input");
  }
  requireModel(parsed);
  return { ...DEFAULTS, ...values, sentences } as unknown as Options;
}

function refuseFlag(name: string, value: unknown, reason: string): void {
  if (value === undefined) return;
  throw new TypeError(`--${name} ${value} ${reason}, or leave it out`);
}

async function predict(options: Options, run: Run): Promise<void> {
  const { sentences, data, textColumns, maxLength } = options;
  const load = async (device: Device) => {
    const { model } = resolveHubNames({ model: options.model });
    await warnOfPair(model, sentences);
    return await TextClassifier.fromPretrained(model, {
      device,
      ...maxLength !== undefined && { maxLength },
    });
  };
  if (sentences.length > 0 || data !== undefined) {
    return await predictTexts(options, load, run);
  }
  if (Deno.stdin.isTerminal()) {
    throw new TypeError(
      "No texts: give one or two in quotes, a file with --data, or lines on standard input, see --help",
    );
  }
  const columns = textColumns === undefined
    ? undefined
    : splitColumns(textColumns);
  using device = await requestDevice({ tuning: "none" });
  await predictLines(
    Deno.stdin,
    device,
    () => load(device),
    { ...options, textColumns: columns },
    run,
  );
}

/** Labels the texts of the command line or of a file. */
async function predictTexts(
  options: Options,
  load: (device: Device) => Promise<TextClassifier>,
  { begin, signal }: Run,
): Promise<void> {
  const rows = await readTexts(options);
  using device = await requestDevice({ tuning: "none" });
  using classifier = await load(device);
  console.error(`Running on ${device.description}`);
  const texts = textsOf(rows, rows.columnNames);
  const { batchSize } = options;

  begin();
  // On a terminal the results themselves show the progress.
  using progress = Deno.stdout.isTerminal()
    ? undefined
    : new ProgressBar(Math.ceil(texts.length / batchSize), {
      label: "predicting",
      unit: "rows",
      output: delayedStderr(),
    });
  for (let row = 0; row < texts.length;) {
    const batch = texts.slice(row, row + batchSize);
    for (const outputs of await classifyTexts(classifier, batch, batchSize)) {
      const prediction = describePrediction(classifier, outputs);
      printLine(JSON.stringify({ ...rows.at(row++), ...prediction }));
    }
    progress?.update(1, { samples: batch.length });
    if (signal.aborted) return;
  }
  progress?.pause();
  warnOfTruncated(classifier, rows);
}

if (import.meta.main) await runMain({ parse, help }, predict);
