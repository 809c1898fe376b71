/**
 * Flags of the training scripts, and their `--help`.
 *
 * @module
 */
import {
  DELIMITER,
  describeFlags,
  flagName,
  type FlagTable,
  format,
  type Value,
} from "../cli/flag_help.ts";
import { CHECKPOINT_DEFAULTS, CHECKPOINT_FLAGS } from "./checkpoint_flags.ts";
import { COURSE, PRESETS } from "./presets.ts";

const NEEDS_METRIC =
  "it needs a metric at each step, which a step of this loop does not have";
const NEEDS_MORE = (argument: string) =>
  `it needs ${argument}, for which there is no flag`;

/** Every flag except `--help`, in the order of `--help`. */
export const FLAGS = {
  model: {
    value: "DIR",
    help: "pretrained model: config.json, model.safetensors, tokenizer.json",
    defaultText: "the embedded model",
  },
  noPretrained: {
    help: "start the same model from random weights",
    defaultText: "from the weights in its folder",
  },
  data: {
    value: "PATH",
    help:
      "train, validation and optionally test, each .arrow, .parquet, .tsv, .csv, .jsonl or .json; or one file",
    defaultText: "the embedded data",
  },
  validationSplit: {
    value: "X",
    min: 0,
    below: 1,
    help: "share of the rows for validation, where --data is one file",
    defaultText: "0.1",
  },
  delimiter: DELIMITER,
  outputDir: {
    value: "DIR",
    help: "folder for the results of the run; it must not exist",
    defaultText: "runs/ and the start time",
  },
  preset: {
    value: "NAME",
    help: "settings for every flag that is not given; see below",
    choices: Object.keys(PRESETS),
    defaultText:
      "course, or embedded where neither --model nor --data is given",
  },
  batchSize: { value: "N", min: 1, help: "rows of a training batch" },
  evalBatchSize: { value: "N", min: 1, help: "rows of an evaluation batch" },
  epochs: { value: "N", min: 1, help: "passes over the training rows" },
  maxSteps: {
    value: "N",
    min: 1,
    help: "end after N optimizer steps, overriding --epochs",
    defaultText: "no limit",
  },
  learningRate: { value: "X", min: 0, help: "peak learning rate" },
  lrSchedulerType: {
    value: "NAME",
    help: "learning rate schedule",
    choices: [
      "linear",
      "cosine",
      "cosine_with_restarts",
      "polynomial",
      "constant",
      "constant_with_warmup",
      "inverse_sqrt",
    ],
    unsupported: {
      reduce_lr_on_plateau: NEEDS_METRIC,
      greedy: NEEDS_METRIC,
      cosine_with_min_lr: NEEDS_MORE("a minimum learning rate"),
      cosine_warmup_with_min_lr: NEEDS_MORE("a minimum learning rate"),
      warmup_stable_decay: NEEDS_MORE("a number of decay steps"),
    },
  },
  warmupSteps: {
    value: "N",
    min: 0,
    help: "optimizer steps of linear warm-up from 0",
  },
  warmupRatio: {
    value: "X",
    min: 0,
    max: 1,
    help: "warm-up as a fraction of all steps",
    defaultText: "none, --warmup-steps counts",
  },
  weightDecay: { value: "X", min: 0, help: "AdamW's decoupled weight decay" },
  maxGradNorm: {
    value: "X",
    min: 0,
    help: "clip gradients to this norm; 0 for no clipping",
  },
  gradientAccumulationSteps: {
    value: "N",
    min: 1,
    help: "batches per optimizer step",
  },
  autoBatchSize: {
    help:
      "divide --batch-size until a step fits into memory, with as many more batches per optimizer step: the same steps",
    defaultText: "false",
  },
  gradientCheckpointing: {
    help:
      "keep the input of each layer alone, and compute the layer again in the backward pass: the same numbers in less memory, about a third slower",
    defaultText: "keep what the backward pass needs",
  },
  fp16: {
    help:
      "keep what the backward pass needs of each layer in half precision, with a scaled loss: less memory; the GPU needs shader-f16",
    defaultText: "false",
  },
  maxLength: {
    value: "N",
    min: 5,
    help: "tokens after which a row is truncated",
  },
  dropout: {
    value: "X",
    min: 0,
    below: 1,
    help: "dropout probability of every layer",
    defaultText: "the model's own",
  },
  loraR: {
    value: "N",
    min: 1,
    help:
      "train the head and updates of rank N of the weights of queries and values alone, in adapter/, merged in model/",
    defaultText: "train all weights",
  },
  loraAlpha: {
    value: "N",
    min: 1,
    help: "scale of the updates of --lora-r: N / rank",
    defaultText: "8",
  },
  loraDropout: {
    value: "X",
    min: 0,
    below: 1,
    help: "dropout of the input of the updates of --lora-r",
    defaultText: "0",
  },
  seed: {
    value: "N",
    min: 0,
    max: 2 ** 32 - 1,
    help: "seed of shuffling, new weights and dropout",
  },
  loggingSteps: {
    value: "N",
    min: 1,
    help: "optimizer steps between lines of metrics.jsonl",
  },
  ...CHECKPOINT_FLAGS,
} satisfies FlagTable;

/**
 * The text of `--help`: every flag with its default, and each preset.
 *
 * @param about Description of the script.
 * @param task The name of its task.
 * @param flags Its flags.
 * @returns The text.
 */
export function helpText(
  about: string,
  task: string,
  flags: FlagTable,
): string {
  const presets = Object.entries(PRESETS).map(([name, { about, sets }]) => {
    const settings: Record<string, Value> = name === "course" ? COURSE : sets;
    const flags = Object.keys(FLAGS).flatMap((key) =>
      key in settings ? [`--${flagName(key)} ${format(settings[key]!)}`] : []
    );
    const lines: string[] = [about];
    if (name !== "course") {
      lines.push(flags.length ? "as course, but" : "as course");
    }
    for (let i = 0; i < flags.length; i += 3) {
      lines.push(flags.slice(i, i + 3).join(" "));
    }
    return `  ${name.padEnd(10)}${lines.join(`\n  ${" ".repeat(10)}`)}`;
  });
  return [
    about,
    "",
    `./denow task ${task} [flags]`,
    "",
    ...describeFlags(flags, { ...COURSE, ...CHECKPOINT_DEFAULTS }),
    "",
    "Presets; flags that are given override them",
    ...presets,
  ].join("\n");
}
