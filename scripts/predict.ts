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
import { ProgressBar, requestDevice } from "../mod.ts";
import { delayedStderr } from "./cli/delayed_stderr.ts";
import { describeFlags, type FlagTable, readFlags } from "./cli/flag_table.ts";
import {
  BATCH_SIZE,
  MAX_LENGTH,
  MODEL,
  requireModel,
  TEXT_COLUMNS,
} from "./cli/model_flags.ts";
import { printLine, type Run, runMain } from "./cli/run_main.ts";
import { resolveHubNames } from "./hub/names.ts";
import {
  classify,
  indexOfMax,
  loadClassifier,
  softmax,
} from "./inference/classifier.ts";
import { loadBatches, readTexts, type TextOptions } from "./inference/texts.ts";

/** The settings of a run. */
interface Options extends TextOptions {
  readonly model: string;
  readonly batchSize: number;
  readonly maxLength: number | undefined;
}

const DEFAULTS = { batchSize: 32 };

const FLAGS: FlagTable = {
  model: MODEL,
  data: {
    value: "FILE",
    help: "texts, as .tsv, .csv, .jsonl, .arrow or .parquet",
    defaultText: "the sentences given, else lines on standard input",
  },
  textColumns: TEXT_COLUMNS,
  batchSize: BATCH_SIZE,
  maxLength: MAX_LENGTH,
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
    "A line of standard input is one sentence, or two separated by a tab. Longer",
    "rows are truncated, with a warning. Everything but the results goes to stderr.",
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
  requireModel(parsed);
  return { ...DEFAULTS, ...values, sentences } as Options;
}

async function predict(
  options: Options,
  { begin, signal }: Run,
): Promise<void> {
  const texts = await readTexts(options);
  const { model: path } = resolveHubNames({ model: options.model });
  using device = await requestDevice();
  const classifier = await loadClassifier(path, device);
  console.error(`Running on ${device.description}`);
  const { model, labels } = classifier;
  const { batchSize, maxLength } = options;
  const batches = loadBatches(classifier, texts, {
    columns: texts.columnNames,
    batchSize,
    maxLength,
  });

  begin();
  // On a terminal the results themselves show the progress.
  using progress = Deno.stdout.isTerminal()
    ? undefined
    : new ProgressBar(batches.length, {
      label: "predicting",
      unit: "rows",
      output: delayedStderr(),
    });
  let row = 0;
  for await (const batch of batches) {
    const batchLogits = await classify(model, batch, device);
    for (const logits of batchLogits) {
      const prediction = describe(logits, labels);
      printLine(JSON.stringify({ ...texts.at(row++), ...prediction }));
    }
    progress?.update(1, { samples: batchLogits.length });
    if (signal.aborted) return;
  }
}

/** The label and the probabilities; for regression the predicted number alone. */
function describe(
  logits: readonly number[],
  labels: readonly string[],
): object {
  // The digits that f32 holds; more are noise.
  const short = (value: number) => Number(value.toPrecision(7));
  if (labels.length === 1) return { score: short(logits[0]!) };
  const probabilities = softmax(logits);
  return {
    label: labels[indexOfMax(logits)],
    probabilities: Object.fromEntries(
      labels.map((label, i) => [label, short(probabilities[i]!)]),
    ),
  };
}

if (import.meta.main) await runMain({ parse, help }, predict);
