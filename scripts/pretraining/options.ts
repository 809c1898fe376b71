/**
 * The flags of `pretrain.ts`.
 *
 * @module
 */
import {
  describeFlags,
  type FlagTable,
  readFlags,
  refuseRest,
} from "../cli/flag_table.ts";
import { embeddedModel } from "../train/model.ts";

/** The settings of a run. */
export interface PretrainOptions {
  /** Folder that the model is written to. */
  readonly outputDir: string;
  /** Pairs of a batch. */
  readonly batchSize: number;
  /** Optimizer steps after which every stage ends. */
  readonly maxSteps: number;
  /** Seed of weights, texts and masks. */
  readonly seed: number;
  /** Whether masked words are all that it learns. */
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
      "folder for the model; elsewhere than here or under runs/ it needs --allow-write",
    otherwise: "data/model",
  },
  batchSize: { value: "N", min: 1, help: "pairs of a batch" },
  maxSteps: {
    value: "N",
    min: 1,
    help: "end every stage after N optimizer steps",
    otherwise: "no such end",
  },
  seed: {
    value: "N",
    min: 0,
    max: 2 ** 32 - 1,
    help: "seed of weights, texts and masks",
  },
  mlmOnly: {
    help: "learn masked words alone, and not which texts belong together",
  },
};

/**
 * Reads the arguments.
 *
 * @param args The arguments, as in `Deno.args`.
 * @returns The settings, or `"help"` where `--help` is among the arguments.
 * @throws {TypeError} If a flag is unknown or has no value, or something belongs to none.
 * @throws {RangeError} If a value is not one that the flag takes.
 */
export function parsePretrainFlags(
  args: readonly string[],
): PretrainOptions | "help" {
  const given = readFlags(args, FLAGS);
  refuseRest(given);
  return given.help ? "help" : { ...DEFAULTS, ...given.values };
}

/** `--help` of `pretrain.ts`. */
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
