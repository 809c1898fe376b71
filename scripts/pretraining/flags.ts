/**
 * Flags of `pretrain.ts`.
 *
 * @module
 */
import { describeFlags, type FlagTable } from "../cli/flag_help.ts";
import { readFlags, refusePositionals } from "../cli/flag_table.ts";
import type { CommandLine } from "../cli/run_main.ts";
import { embeddedModel } from "../train/embedded.ts";

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
}

const DEFAULTS = {
  outputDir: embeddedModel,
  batchSize: 32,
  maxSteps: Infinity,
  seed: 42,
  mlmOnly: false,
};

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
};

/**
 * Parses the arguments.
 *
 * @param args The arguments, as in `Deno.args`.
 * @returns The settings, or `"help"` for `--help`.
 * @throws {TypeError} If a flag is unknown or lacks its value, or there is a positional argument.
 * @throws {RangeError} If a value is not allowed.
 */
export function parsePretrainFlags(
  args: readonly string[],
): PretrainOptions | "help" {
  const parsed = readFlags(args, FLAGS);
  refusePositionals(parsed);
  return parsed.help ? "help" : { ...DEFAULTS, ...parsed.values };
}

/**
 * Formats the `--help` of `pretrain.ts`.
 *
 * @returns The text.
 */
export function help(): string {
  const { batchSize, seed } = DEFAULTS;
  return [
    "Pretrains the embedded model from random weights, with the loop in scripts/pretrain.ts.",
    "",
    "./denow task pretrain [flags]",
    "",
    ...describeFlags(FLAGS, { batchSize, seed }),
  ].join("\n");
}

/** Command line of `pretrain.ts`. */
export const pretrainFlags: CommandLine<PretrainOptions> = {
  parse: parsePretrainFlags,
  help,
};
