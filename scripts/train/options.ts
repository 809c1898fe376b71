/**
 * The settings of a training run: the flags, over a preset.
 *
 * @module
 */
import { type Flag, flagName, type Value } from "../cli/flag_help.ts";
import {
  type ParsedFlags,
  readFlags,
  refusePositionals,
} from "../cli/flag_table.ts";
import type { CommandLine } from "../cli/run_main.ts";
import { resolveHubNames } from "../hub/names.ts";
import { resumeOptions } from "../run_folder/resume.ts";
import {
  CHECKPOINT_DEFAULTS,
  type CheckpointOptions,
  strategiesOf,
} from "./checkpoint_flags.ts";
import { FLAGS, helpText } from "./flags.ts";
import { COURSE, PRESETS } from "./presets.ts";
import { warnAboutSchedule } from "./warnings.ts";

/** The settings of a run. */
export interface Options extends CheckpointOptions {
  /** The flags that were given, by the name of their setting. */
  readonly flags: Readonly<Record<string, Value>>;
  /** Folder of the pretrained model; undefined for the embedded one. */
  readonly model: string | undefined;
  /** Whether the model starts from random weights. */
  readonly noPretrained: boolean | undefined;
  /** Folder of the data set, or a file; undefined for the embedded one. */
  readonly data: string | undefined;
  /** Share of the rows for validation, where the data is one file; undefined for a tenth. */
  readonly validationSplit: number | undefined;
  /** Delimiter of CSV and TSV; undefined for that of their format. */
  readonly delimiter: string | undefined;
  /** Folder of the run; undefined for one named after the start time. */
  readonly outputDir: string | undefined;
  /** Name of the preset. */
  readonly preset: string;
  /** Rows of a training batch. */
  readonly batchSize: number;
  /** Rows of an evaluation batch. */
  readonly evalBatchSize: number;
  /** Passes over the training rows. */
  readonly epochs: number;
  /** Optimizer steps after which training ends; overrides `epochs`. */
  readonly maxSteps: number | undefined;
  /** Peak learning rate. */
  readonly learningRate: number;
  /** Name of the learning rate schedule, as in transformers. */
  readonly lrSchedulerType: string;
  /** Optimizer steps of linear warm-up from 0. */
  readonly warmupSteps: number;
  /** Warm-up as a fraction of all steps; overrides `warmupSteps`. */
  readonly warmupRatio: number | undefined;
  /** AdamW's decoupled weight decay, on every parameter. */
  readonly weightDecay: number;
  /** Norm to which gradients are clipped; 0 for no clipping. */
  readonly maxGradNorm: number;
  /** Batches per optimizer step. */
  readonly gradientAccumulationSteps: number;
  /** Whether batches are divided until a step fits into memory. */
  readonly autoBatchSize: boolean | undefined;
  /** Whether layers are computed again in the backward pass. */
  readonly gradientCheckpointing: boolean | undefined;
  /** Whether what is kept for the backward pass is in half precision. */
  readonly fp16: boolean | undefined;
  /** Tokens after which a row is truncated. */
  readonly maxLength: number;
  /** Dropout probability of every layer; undefined for the model's own. */
  readonly dropout: number | undefined;
  /** Rank of the updates that LoRA trains; undefined to train all weights. */
  readonly loraR: number | undefined;
  /** Scale of the updates, times their rank; undefined for peft's default. */
  readonly loraAlpha: number | undefined;
  /** Dropout of the input of the updates; undefined for none. */
  readonly loraDropout: number | undefined;
  /** Seed of shuffling, new weights and dropout. */
  readonly seed: number;
  /** Optimizer steps between lines of `metrics.jsonl`. */
  readonly loggingSteps: number;
}

const flags: { readonly [K in Exclude<keyof Options, "flags">]: Flag } = FLAGS;
const presets: Readonly<Record<string, { sets: Partial<Options> }>> = PRESETS;

/**
 * Parses the arguments of `train_mrpc.ts`.
 *
 * @param args The arguments, as in `Deno.args`.
 * @returns The settings, with folders for names of the Hub, or `"help"` for `--help`.
 * @throws {TypeError} If a flag is unknown, lacks its value, or excludes another.
 * @throws {RangeError} If a value is not allowed.
 * @throws {Error} If a name of the Hub has not been fetched.
 */
export function parseFlags(args: readonly string[]): Options | "help" {
  const parsed = readFlags(args, flags);
  return parsed.help ? "help" : resumeOptions(parsed, "train_mrpc", toOptions);
}

/**
 * Applies the flags over their preset.
 *
 * @param parsed The parsed command line.
 * @returns The settings, with folders for names of the Hub.
 * @throws {TypeError} If flags exclude each other, or there is a positional argument.
 * @throws {Error} If a name of the Hub has not been fetched.
 */
export function toOptions(parsed: ParsedFlags): Options {
  refusePositionals(parsed);
  const { values } = parsed;
  if (values.warmupSteps !== undefined && values.warmupRatio !== undefined) {
    throw new TypeError(
      `--warmup-steps ${values.warmupSteps} and --warmup-ratio ${values.warmupRatio} exclude each other: give one of them`,
    );
  }
  if (values.fp16 && values.debugNan) {
    throw new TypeError(
      "--fp16 and --debug-nan exclude each other: --fp16 skips the steps whose gradients are not finite; leave out one of them",
    );
  }
  for (const name of ["loraAlpha", "loraDropout"]) {
    if (values[name] === undefined || values.loraR !== undefined) continue;
    throw new TypeError(
      `--${flagName(name)} ${
        values[name]
      } is of LoRA, which is off: give --lora-r too, such as --lora-r 8`,
    );
  }
  const embedded = values.model === undefined && values.data === undefined;
  const preset = `${values.preset ?? (embedded ? "embedded" : "course")}`;
  const unset = Object.fromEntries(
    Object.keys(FLAGS).map((key) => [key, undefined]),
  );
  return {
    ...unset,
    ...COURSE,
    ...CHECKPOINT_DEFAULTS,
    ...presets[preset]!.sets,
    ...values,
    ...strategiesOf(values),
    ...resolveHubNames(values),
    // --warmup-steps overrides the ratio of the preset.
    ...values.warmupSteps === undefined ? {} : { warmupRatio: undefined },
    preset,
    flags: values,
  } as unknown as Options;
}

/**
 * Computes the number of warm-up steps; a ratio rounds up, as in transformers.
 * Warns of a schedule that trains nothing.
 *
 * @param options The settings.
 * @param numTrainingSteps All optimizer steps.
 * @returns The number of steps.
 */
export function numWarmupSteps(
  options: Options,
  numTrainingSteps: number,
): number {
  const { warmupSteps, warmupRatio } = options;
  const steps = warmupRatio === undefined
    ? warmupSteps
    : Math.ceil(warmupRatio * numTrainingSteps);
  warnAboutSchedule(options, steps, numTrainingSteps);
  return steps;
}

/**
 * Formats the `--help` of `train_mrpc.ts`.
 *
 * @returns The text.
 */
export function help(): string {
  return helpText(
    "Fine-tunes a BERT on sentence pairs, with the loop in scripts/train_mrpc.ts.",
    "train",
    FLAGS,
  );
}

/** Command line of `train_mrpc.ts`. */
export const trainFlags: CommandLine<Options> = { parse: parseFlags, help };
