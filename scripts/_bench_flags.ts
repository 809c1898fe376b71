/**
 * Reads the arguments of `bench.ts`.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { MAX_BATCH, type ModelName, SIZES } from "./_bench_bert.ts";

/** What `bench.ts` can time, and how each is described. */
export const CASES = {
  mlp: "a training step of linear, GELU, linear, residual, LayerNorm",
  bert: "a training step of a BERT; takes --model and --batch",
  gemm: "the matrix products of a BERT; takes --model and --batch",
  dispatch: "one more dispatch, one more submit",
} as const;

/** Names of {@linkcode CASES}. */
export type CaseName = keyof typeof CASES;

/** Settings of a run. */
export interface BenchOptions {
  /** What is timed. */
  readonly case: CaseName;
  /** Size of the BERT; undefined for all of them in `gemm`, `tiny` in `bert`. */
  readonly model: ModelName | undefined;
  /** Rows of a batch. */
  readonly batch: number;
  /** Timed steps. */
  readonly steps: number;
  /** Steps before them. */
  readonly warmup: number;
  /** Whether kernels are timed too. */
  readonly profile: boolean;
  /** Whether JSON is all that is printed. */
  readonly json: boolean;
}

const MODELS = Object.keys(SIZES).join(", ");
const NAMES = Object.keys(CASES).join(", ");

/** `--help`. */
export const HELP = `Times this library on this machine's adapter.

./denow task bench CASE [flags]

${
  Object.entries(CASES).map(([name, about]) => `  ${name.padEnd(12)}${about}\n`)
    .join("")
}
  --model NAME  one of ${MODELS}
                default: tiny; all of them for gemm
  --batch N     rows of a batch
                default: 8
  --steps N     timed steps
                default: 20
  --warmup N    steps before them
                default: 3
  --profile     also time every kernel of a step
  --json        print one JSON line and nothing else
  --help        this text`;

/**
 * Reads the arguments.
 *
 * @param args The arguments, as in `Deno.args`.
 * @returns The settings, or `"help"` where `--help` is among the arguments.
 * @throws {TypeError} If there is no case, or a flag is unknown or has no value.
 * @throws {RangeError} If a value is not one that the flag takes.
 */
export function parseBenchFlags(
  args: readonly string[],
): BenchOptions | "help" {
  const given = parseArgs([...args], {
    boolean: ["help", "json", "profile"],
    string: ["model", "batch", "steps", "warmup"],
    unknown: (arg, key) => {
      if (key === undefined) return; // kept in _
      throw new TypeError(`Unknown flag ${arg.split("=")[0]}: see --help`);
    },
  });
  if (given.help) return "help";
  const [name, ...others] = given._.map(String);
  if (name === undefined) {
    throw new TypeError(`Missing case: give one of ${NAMES}, see --help`);
  }
  if (!Object.hasOwn(CASES, name)) {
    throw new RangeError(`The case must be one of ${NAMES}, not "${name}"`);
  }
  if (others.length > 0) {
    throw new TypeError(
      `Unexpected argument "${others[0]}": time one case at a time, see --help`,
    );
  }
  const text = (flag: string) => given[flag] as string | undefined;
  const model = text("model");
  for (const flag of ["model", "batch"]) {
    if (text(flag) !== undefined && name !== "bert" && name !== "gemm") {
      throw new TypeError(
        `--${flag} does not go with ${name}: leave it out, or time bert or gemm`,
      );
    }
  }
  if (model !== undefined && !Object.hasOwn(SIZES, model)) {
    throw new RangeError(`--model must be one of ${MODELS}, not "${model}"`);
  }
  return {
    case: name as CaseName,
    model: model as ModelName | undefined,
    batch: wholeNumber("batch", text("batch"), 8, 1, MAX_BATCH),
    steps: wholeNumber("steps", text("steps"), 20, 1),
    warmup: wholeNumber("warmup", text("warmup"), 3, 0),
    profile: given.profile === true,
    json: given.json === true,
  };
}

function wholeNumber(
  flag: string,
  text: string | undefined,
  otherwise: number,
  min: number,
  max?: number,
): number {
  if (text === undefined) return otherwise;
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (!(value >= min && value <= (max ?? Number.MAX_SAFE_INTEGER))) {
    throw new RangeError(
      `--${flag} must be a whole number ${
        max === undefined ? `of at least ${min}` : `from ${min} to ${max}`
      }, not "${text}"`,
    );
  }
  return value;
}
