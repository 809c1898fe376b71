/**
 * Flags of `bench.ts`.
 *
 * @module
 */
import { describeFlags, flagName, type FlagTable } from "../cli/flag_help.ts";
import { readFlags } from "../cli/flag_table.ts";
import type { CommandLine } from "../cli/run_main.ts";
import { MAX_BATCH, type ModelName, SIZES } from "./sizes.ts";

/** The cases, with their descriptions. */
const CASES = {
  mlp: "a training step of linear, GELU, linear, residual, LayerNorm",
  bert:
    "a training step of a BERT or another encoder; takes --model, --batch, --length, --gradient-checkpointing and --fp16",
  gemm: "the matrix products of a BERT; takes --model and --batch",
  dispatch: "the cost of one more dispatch and of one more submit",
} as const;

/** Name of a case. */
export type CaseName = keyof typeof CASES;

/** The settings of a run. */
export interface BenchOptions {
  /** The case. */
  readonly case: CaseName;
  /** Size of the model; undefined if not given. */
  readonly model?: ModelName;
  /** Rows of a batch. */
  readonly batch: number;
  /** Tokens of every row; undefined for the row lengths of MRPC. */
  readonly length?: number;
  /** Whether layers are computed again in the backward pass. */
  readonly gradientCheckpointing?: boolean;
  /** Whether what is kept for the backward pass is in half precision. */
  readonly fp16?: boolean;
  /** Set of kernels; undefined for the one that suits the adapter. */
  readonly kernels?: "hardware" | "software";
  /** Timed steps. */
  readonly steps: number;
  /** Untimed steps before them. */
  readonly warmup: number;
  /** Whether to time every kernel as well. */
  readonly profile: boolean;
  /** Whether to print one line of JSON and nothing else. */
  readonly json: boolean;
}

const DEFAULTS = { batch: 8, steps: 20, warmup: 3 };

const FLAGS: FlagTable = {
  model: {
    value: "NAME",
    help: "size of the model",
    choices: Object.keys(SIZES),
    defaultText: "tiny; every size of a BERT for gemm",
  },
  batch: { value: "N", min: 1, max: MAX_BATCH, help: "rows of a batch" },
  length: {
    value: "N",
    min: 2,
    help: "tokens of every row",
    defaultText: "the row lengths of MRPC",
  },
  gradientCheckpointing: {
    help: "compute each layer again in the backward pass, to save memory",
  },
  fp16: {
    help:
      "keep what the backward pass needs of each layer in half precision, to save memory",
  },
  kernels: {
    value: "NAME",
    help: "kernels for graphics hardware or for software adapters",
    choices: ["hardware", "software"],
    defaultText: "those that suit the adapter",
  },
  steps: { value: "N", min: 1, help: "timed steps" },
  warmup: { value: "N", min: 0, help: "untimed steps before them" },
  profile: { help: "time every kernel as well" },
  json: { help: "print one line of JSON and nothing else" },
};

/** Flags that only some cases take. */
const ONLY: Readonly<Record<string, readonly string[]>> = {
  model: ["bert", "gemm"],
  batch: ["bert", "gemm"],
  length: ["bert"],
  gradientCheckpointing: ["bert"],
  fp16: ["bert"],
};

/**
 * Formats the `--help` of `bench.ts`.
 *
 * @returns The text.
 */
export function benchHelp(): string {
  return [
    "Times gradloop on the adapter of this machine.",
    "",
    "./denow task bench CASE [flags]",
    "",
    ...Object.entries(CASES).map(([name, about]) =>
      `  ${name.padEnd(10)}${about}`
    ),
    "",
    ...describeFlags(FLAGS, DEFAULTS),
  ].join("\n");
}

/**
 * Parses the arguments.
 *
 * @param args The arguments, as in `Deno.args`.
 * @returns The settings, or `"help"` for `--help`.
 * @throws {TypeError} If there is no case, or a flag is unknown, lacks its value, or belongs to another case.
 * @throws {RangeError} If a value is not allowed.
 */
export function parseBenchFlags(
  args: readonly string[],
): BenchOptions | "help" {
  const { values, positionals, help } = readFlags(args, FLAGS);
  if (help) return "help";
  const names = Object.keys(CASES).join(", ");
  const [name, ...others] = positionals;
  if (name === undefined) {
    throw new TypeError(`Missing case: give one of ${names}, see --help`);
  }
  if (!Object.hasOwn(CASES, name)) {
    throw new RangeError(`The case must be one of ${names}, not "${name}"`);
  }
  if (others.length > 0) {
    throw new TypeError(
      `Unexpected argument "${others[0]}": time one case at a time, see --help`,
    );
  }
  for (const [flag, cases] of Object.entries(ONLY)) {
    if (!(flag in values) || cases.includes(name)) continue;
    throw new TypeError(
      `--${flagName(flag)} does not apply to ${name}: leave it out, or time ${
        cases.join(" or ")
      }`,
    );
  }
  const options: BenchOptions = {
    ...DEFAULTS,
    profile: false,
    json: false,
    ...values,
    case: name as CaseName,
  };
  const { length = 2, model = "tiny" } = options;
  const { maxSeqLength } = SIZES[model].config;
  if (length > maxSeqLength) {
    throw new RangeError(
      `--length must be a whole number from 2 to ${maxSeqLength}, not "${length}": rows of ${model} have no more tokens`,
    );
  }
  return options;
}

/** Command line of `bench.ts`. */
export const benchFlags: CommandLine<BenchOptions> = {
  parse: parseBenchFlags,
  help: benchHelp,
};
