/**
 * Reads the arguments of `bench.ts`.
 *
 * @module
 */

import { describeFlags, type FlagTable, readFlags } from "../cli/flag_table.ts";
import { MAX_BATCH, MAX_LENGTH, type ModelName, SIZES } from "./sizes.ts";

/** What can be timed. */
const CASES = {
  mlp: "a training step of linear, GELU, linear, residual, LayerNorm",
  bert: "a training step of a BERT; takes --model, --batch and --length",
  gemm: "the matrix products of a BERT; takes --model and --batch",
  dispatch: "one more dispatch, one more submit",
} as const;

/** A name of {@linkcode CASES}. */
export type CaseName = keyof typeof CASES;

/** Settings of a run. */
export interface BenchOptions {
  /** What is timed. */
  readonly case: CaseName;
  /** Size of the BERT; undefined where no flag gave one. */
  readonly model?: ModelName;
  /** Rows of a batch. */
  readonly batch: number;
  /** Tokens of every row; undefined for lengths as MRPC has them. */
  readonly length?: number;
  /** Timed steps. */
  readonly steps: number;
  /** Steps before them. */
  readonly warmup: number;
  /** Whether kernels are timed too. */
  readonly profile: boolean;
  /** Whether a JSON line is all that is printed. */
  readonly json: boolean;
}

const DEFAULTS = { batch: 8, steps: 20, warmup: 3 };

const FLAGS: FlagTable = {
  model: {
    value: "NAME",
    help: "size of the BERT",
    names: Object.keys(SIZES),
    otherwise: "tiny; all of them for gemm",
  },
  batch: { value: "N", min: 1, max: MAX_BATCH, help: "rows of a batch" },
  length: {
    value: "N",
    min: 2,
    max: MAX_LENGTH,
    help: "tokens of every row",
    otherwise: "as many as MRPC's rows have",
  },
  steps: { value: "N", min: 1, help: "how often it is timed" },
  warmup: { value: "N", min: 0, help: "how often it runs before" },
  profile: { help: "also time every kernel" },
  json: { help: "print one JSON line and nothing else" },
};

/** The cases that take a flag, where not all do. */
const ONLY: Readonly<Record<string, readonly string[]>> = {
  model: ["bert", "gemm"],
  batch: ["bert", "gemm"],
  length: ["bert"],
};

/** `--help`. */
export function benchHelp(): string {
  return [
    "Times this library on this machine's adapter.",
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
 * Reads the arguments.
 *
 * @param args The arguments, as in `Deno.args`.
 * @returns The settings, or `"help"` where `--help` is among the arguments.
 * @throws {TypeError} If there is no case, or a flag is unknown, has no value, or belongs to another case.
 * @throws {RangeError} If a value is not one that the flag takes.
 */
export function parseBenchFlags(
  args: readonly string[],
): BenchOptions | "help" {
  const { values, rest, help } = readFlags(args, FLAGS);
  if (help) return "help";
  const names = Object.keys(CASES).join(", ");
  const [name, ...others] = rest;
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
      `--${flag} does not go with ${name}: leave it out, or time ${
        cases.join(" or ")
      }`,
    );
  }
  return {
    ...DEFAULTS,
    profile: false,
    json: false,
    ...values,
    case: name as CaseName,
  };
}
