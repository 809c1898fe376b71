/**
 * The settings of `train_mrpc.ts`, its presets, and the table of its flags,
 * from which `flags.ts` parses, complains and prints `--help`.
 *
 * @module
 */
import type { Flag } from "../cli/flag_table.ts";

/** The settings of a run, after preset and flags. */
export interface Options {
  /** Folder of the pretrained model; undefined for the embedded one. */
  readonly model: string | undefined;
  /** Whether the model starts from random weights, whatever its folder holds. */
  readonly noPretrained: boolean | undefined;
  /** Folder of the data set; undefined for the embedded one. */
  readonly data: string | undefined;
  /** Folder that the run leaves; undefined for one named after the start time. */
  readonly outputDir: string | undefined;
  /** Name of the preset that filled in what no flag gave. */
  readonly preset: string;
  /** Rows of a training batch. */
  readonly batchSize: number;
  /** Rows of an evaluation batch. */
  readonly evalBatchSize: number;
  /** Passes over the training rows. */
  readonly epochs: number;
  /** Optimizer steps after which training ends, whatever `epochs` says. */
  readonly maxSteps: number | undefined;
  /** The rate at the top of the schedule. */
  readonly learningRate: number;
  /** Name of the learning rate's schedule, as in transformers. */
  readonly lrSchedulerType: string;
  /** Optimizer steps over which the rate rises from 0. */
  readonly warmupSteps: number;
  /** The same as a share of all steps; undefined where `warmupSteps` counts. */
  readonly warmupRatio: number | undefined;
  /** AdamW's decoupled weight decay, on every parameter. */
  readonly weightDecay: number;
  /** Norm to which gradients are clipped; 0 for no clipping. */
  readonly maxGradNorm: number;
  /** Batches whose gradients one optimizer step sums. */
  readonly gradientAccumulationSteps: number;
  /** Tokens at which a pair is truncated. */
  readonly maxLength: number;
  /** Dropout probability everywhere in the model; undefined for the model's own. */
  readonly dropout: number | undefined;
  /** Seed of shuffling, new weights and dropout. */
  readonly seed: number;
  /** Optimizer steps from one line of `metrics.jsonl` to the next. */
  readonly loggingSteps: number;
}

/** What a preset sets. */
export type Preset = Partial<Options>;

/** The settings of `course`, on which every preset builds. */
export const COURSE: Preset = {
  batchSize: 8,
  evalBatchSize: 8,
  epochs: 3,
  learningRate: 5e-5,
  lrSchedulerType: "linear",
  warmupSteps: 0,
  weightDecay: 0.01,
  maxGradNorm: 0,
  gradientAccumulationSteps: 1,
  maxLength: 512,
  seed: 42,
  loggingSteps: 10,
};

/** What each preset sets beside the settings of `course`. */
export const PRESETS: Readonly<
  Record<string, { about: string; sets: Preset }>
> = {
  course: { about: "the Hugging Face course's own loop", sets: {} },
  trainer: {
    about: "the defaults of transformers' Trainer",
    sets: { weightDecay: 0, maxGradNorm: 1 },
  },
  "run_glue": {
    about: "the README of transformers' run_glue.py",
    sets: {
      batchSize: 32,
      epochs: 5,
      learningRate: 2e-5,
      weightDecay: 0,
      maxGradNorm: 1,
      maxLength: 128,
    },
  },
  embedded: {
    about: "for the embedded model and data, where neither flag is given",
    sets: {
      batchSize: 32,
      evalBatchSize: 32,
      learningRate: 5e-4,
      warmupRatio: 0.1,
      maxLength: 128,
    },
  },
};

const NEEDS_METRIC =
  "it needs a metric at each step, which a loop's step lacks";
const NEEDS_MORE = (argument: string) =>
  `it needs ${argument}, for which there is no flag`;

/** Every flag but `--help`, in the order of `--help`. */
export const FLAGS: { readonly [K in keyof Options]: Flag } = {
  model: {
    value: "DIR",
    help: "pretrained model: config.json, model.safetensors, tokenizer.json",
    otherwise: "the embedded one",
  },
  noPretrained: {
    help: "start the same model from random weights",
    otherwise: "from the weights in its folder",
  },
  data: {
    value: "DIR",
    help:
      "train, validation and perhaps test: .arrow, .parquet, .tsv, .csv or .jsonl",
    otherwise: "the embedded one",
  },
  outputDir: {
    value: "DIR",
    help: "folder that the run leaves; it must not exist",
    otherwise: "runs/ and the start time",
  },
  preset: {
    value: "NAME",
    help: "settings for all that no flag gives; see below",
    names: Object.keys(PRESETS),
    otherwise: "course, or embedded where neither --model nor --data is given",
  },
  batchSize: { value: "N", min: 1, help: "rows of a training batch" },
  evalBatchSize: { value: "N", min: 1, help: "rows of an evaluation batch" },
  epochs: { value: "N", min: 1, help: "passes over the training rows" },
  maxSteps: {
    value: "N",
    min: 1,
    help: "end after N optimizer steps, whatever --epochs says",
    otherwise: "no such end",
  },
  learningRate: { value: "X", min: 0, help: "rate at the top of the schedule" },
  lrSchedulerType: {
    value: "NAME",
    help: "schedule of the learning rate",
    names: [
      "linear",
      "cosine",
      "cosine_with_restarts",
      "polynomial",
      "constant",
      "constant_with_warmup",
      "inverse_sqrt",
    ],
    refused: {
      reduce_lr_on_plateau: NEEDS_METRIC,
      greedy: NEEDS_METRIC,
      cosine_with_min_lr: NEEDS_MORE("a smallest rate"),
      cosine_warmup_with_min_lr: NEEDS_MORE("a smallest rate"),
      warmup_stable_decay: NEEDS_MORE("a number of decay steps"),
    },
  },
  warmupSteps: {
    value: "N",
    min: 0,
    help: "optimizer steps over which the rate rises from 0",
  },
  warmupRatio: {
    value: "X",
    min: 0,
    max: 1,
    help: "the same, as a share of all steps",
    otherwise: "--warmup-steps counts",
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
    help: "batches that make one optimizer step",
  },
  maxLength: {
    value: "N",
    min: 5,
    help: "tokens at which a pair is truncated",
  },
  dropout: {
    value: "X",
    min: 0,
    below: 1,
    help: "dropout probability everywhere in the model",
    otherwise: "the model's own",
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
};
