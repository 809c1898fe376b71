/**
 * Labels sentences, or pairs of them, with a fine-tuned model: a line of JSON each.
 *
 *     deno task predict --model runs/…/model "It rains." "Rain is falling."
 *     deno task predict --model runs/…/model --data pairs.tsv
 *
 * `--allow-read`: the model and the file that the flags point at. No write, net,
 * env, ffi or run.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import {
  dataCollatorWithPadding,
  DataLoader,
  DatasetDict,
  noGrad,
  ProgressBar,
  requestDevice,
} from "../mod.ts";
import {
  indexOfMax,
  loadClassifier,
  rowsOf,
  softmax,
} from "./inference/classifier.ts";
import { describeFlags, type FlagTable, readFlags } from "./cli/flag_table.ts";
import { resolveHubNames } from "./hub/names.ts";
import { printLine, type Run, runMain } from "./cli/run_main.ts";
import { MODEL, requireModel } from "./cli/model_flags.ts";
import { patientError } from "./cli/patient_error.ts";
import { checkFits } from "./train/report.ts";
import { encodeTexts, readTexts, type TextOptions } from "./inference/texts.ts";

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
    help: "sentences, as .tsv, .csv, .jsonl, .arrow or .parquet",
    otherwise: "those typed, else lines on standard input",
  },
  textColumns: {
    value: "NAME",
    help: "the file's column of sentences, or two parted by a comma",
    otherwise: "those of GLUE's tasks, such as sentence1,sentence2",
  },
  batchSize: { value: "N", min: 1, help: "rows of a batch" },
  maxLength: {
    value: "N",
    min: 5,
    help: "tokens at which a row is truncated",
    otherwise: "what the model takes",
  },
};

function help(): string {
  return [
    "Labels sentences, or pairs of them, with a fine-tuned model.",
    "",
    './denow task predict --model DIR [flags] ["sentence one" ["sentence two"]]',
    "",
    ...describeFlags(FLAGS, DEFAULTS),
    "",
    "Prints a line of JSON for each: the label and every label's probability.",
    "A line of standard input is one sentence, or two parted by a tab.",
  ].join("\n");
}

function parse(args: readonly string[]): Options | "help" {
  const given = readFlags(args, FLAGS);
  if (given.help) return "help";
  const { values, rest: sentences } = given;
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
  requireModel(given);
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
  const { model, tokenizer, labels } = classifier;
  const { columnNames: columns } = texts;
  const { maxLength = classifier.maxLength } = options;
  const encoded = encodeTexts(texts, { tokenizer, columns, maxLength })
    .removeColumns(columns);
  checkFits(new DatasetDict({ encoded }), model.config);
  const loader = new DataLoader(encoded, {
    batchSize: options.batchSize,
    collateFn: dataCollatorWithPadding(tokenizer),
  });

  begin();
  // On a terminal the results themselves are the progress.
  using progress = Deno.stdout.isTerminal()
    ? undefined
    : new ProgressBar(loader.length, {
      label: "predicting",
      unit: "rows",
      output: patientError(),
    });
  using _noGrad = noGrad();
  let row = 0;
  for await (const batch of loader) {
    using _scope = device.scope();
    const { logits } = model.forward(batch);
    for (const scores of rowsOf(await logits.toArray(), labels.length)) {
      printLine(
        JSON.stringify({ ...texts.at(row++), ...describe(scores, labels) }),
      );
    }
    progress?.update(1, { samples: batch.inputIds.shape[0]! });
    if (signal.aborted) return;
  }
}

/** The label and the probabilities; where there is one label, its value alone. */
function describe(
  logits: readonly number[],
  labels: readonly string[],
): object {
  // What f32 holds of a number; more digits are noise.
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

if (import.meta.main) {
  await runMain(async (run) => {
    const options = parse(Deno.args);
    if (options === "help") console.log(help());
    else await predict(options, run);
  });
}
