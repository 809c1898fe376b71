/**
 * Flags of `pretrain.ts`.
 *
 * @module
 */
import {
  describeFlags,
  flagName,
  type FlagTable,
  type Value,
} from "../cli/flag_help.ts";
import { readFlags, refusePositionals } from "../cli/flag_table.ts";
import type { CommandLine } from "../cli/run_main.ts";
import {
  CHECKPOINT_DEFAULTS,
  type CheckpointOptions,
  mergeFlags,
  RESUME,
  SAVE_FLAGS,
  strategiesOf,
} from "../train/checkpoint_flags.ts";
import { withoutSlash } from "../run_folder/paths.ts";
import { embeddedModel } from "../train/embedded.ts";
import { readFlagsOf } from "./pretrain_run.ts";

/** The settings of a run. */
export interface PretrainOptions {
  /** Folder of the result. */
  readonly outputDir: string;
  /** Text pairs of a batch. */
  readonly batchSize: number;
  /** Maximum number of optimizer steps of each stage. */
  readonly maxSteps: number;
  /** Seed of weights, texts and masks. */
  readonly seed: number;
  /** Whether the loss is that of the masked words only. */
  readonly mlmOnly: boolean;
  /** When checkpoints are saved; an epoch is a stage. */
  readonly saveStrategy: CheckpointOptions["saveStrategy"];
  /** Optimizer steps between checkpoints. */
  readonly saveSteps: number;
  /** Number of checkpoints that are kept. */
  readonly saveTotalLimit: number;
  /** Whether the run goes on in its folder. */
  readonly isResumed: boolean;
  /** The flags that were given, by the name of their setting. */
  readonly flags: Readonly<Record<string, Value>>;
}

const DEFAULTS = {
  outputDir: embeddedModel,
  batchSize: 32,
  maxSteps: Infinity,
  seed: 42,
  mlmOnly: false,
  saveStrategy: "epoch",
  saveSteps: CHECKPOINT_DEFAULTS.saveSteps,
  saveTotalLimit: CHECKPOINT_DEFAULTS.saveTotalLimit,
} as const;

const FLAGS: FlagTable = {
  outputDir: {
    value: "DIR",
    help:
      "folder for the model; one outside runs/ and data/model needs --allow-write",
    defaultText: "data/model",
  },
  batchSize: { value: "N", min: 1, help: "text pairs of a batch" },
  maxSteps: {
    value: "N",
    min: 1,
    help: "end every stage after N optimizer steps",
    defaultText: "no limit",
  },
  seed: {
    value: "N",
    min: 0,
    max: 2 ** 32 - 1,
    help: "seed of weights, texts and masks",
  },
  mlmOnly: {
    help: "train on masked words only, without next-sentence prediction",
  },
  ...SAVE_FLAGS,
  saveStrategy: {
    ...SAVE_FLAGS.saveStrategy,
    help: "when to save a checkpoint; an epoch is a stage",
  },
  resume: {
    ...RESUME,
    help: "go on with a run where it was interrupted, with its settings",
    defaultText: "a new run; without DIR that of data/model",
  },
};

/**
 * Parses the arguments.
 *
 * @param args The arguments, as in `Deno.args`.
 * @returns The settings, or `"help"` for `--help`.
 * @throws {TypeError} If a flag is unknown or lacks its value, or there is a positional argument.
 * @throws {RangeError} If a value is not allowed, or differs from that of the run that goes on.
 * @throws {Error} If there is no run to go on with.
 */
export function parsePretrainFlags(
  args: readonly string[],
): PretrainOptions | "help" {
  const parsed = readFlags(args, FLAGS);
  refusePositionals(parsed);
  if (parsed.help) return "help";
  const { resume, ...given } = parsed.values;
  if (resume === undefined) return toOptions(given, false);
  const outputDir = resume === true ? embeddedModel : withoutSlash(`${resume}`);
  const other = given.outputDir;
  if (other !== undefined && withoutSlash(`${other}`) !== outputDir) {
    throw new RangeError(
      `--output-dir ${other} differs from --resume ${outputDir}: leave it out, a run goes on in its own folder`,
    );
  }
  const flags = readFlagsOf(outputDir);
  const [options, before] = [
    toOptions({ ...mergeFlags(flags, given), outputDir }, true),
    toOptions({ ...flags, outputDir }, true),
  ];
  for (const name of ["batchSize", "maxSteps", "seed", "mlmOnly"] as const) {
    if (options[name] === before[name]) continue;
    throw new RangeError(
      `--${flagName(name)} ${options[name]} differs from ${
        before[name]
      }, with which ${outputDir} began: leave it out`,
    );
  }
  return options;
}

function toOptions(
  flags: Readonly<Record<string, Value>>,
  isResumed: boolean,
): PretrainOptions {
  const strategies = strategiesOf(flags);
  return {
    ...{ ...DEFAULTS, ...flags },
    ...strategies.saveStrategy && { saveStrategy: strategies.saveStrategy },
    isResumed,
    flags,
  };
}

/**
 * Formats the `--help` of `pretrain.ts`.
 *
 * @returns The text.
 */
export function help(): string {
  const { outputDir: _, maxSteps: __, ...defaults } = DEFAULTS;
  return [
    "Pretrains the embedded model from random weights, with the loop in scripts/pretrain.ts.",
    "",
    "./denow task pretrain [flags]",
    "",
    ...describeFlags(FLAGS, defaults),
  ].join("\n");
}

/** Command line of `pretrain.ts`. */
export const pretrainFlags: CommandLine<PretrainOptions> = {
  parse: parsePretrainFlags,
  help,
};
