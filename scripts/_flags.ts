/**
 * Reads the flags of `train_mrpc.ts` and prints its `--help`, both from the
 * table in `_options.ts`.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import {
  COURSE,
  type Flag,
  FLAGS,
  type Options,
  type Preset,
  PRESETS,
} from "./_options.ts";

const KEYS = Object.keys(FLAGS) as (keyof Options)[];
/** `batchSize` as it is typed: `batch-size`. */
const NAMES = new Map(
  KEYS.map((key) => [key.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`), key]),
);
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * Reads the arguments of `train_mrpc.ts`.
 *
 * @param args The arguments, as in `Deno.args`.
 * @returns The settings, or `"help"` where `--help` is among the arguments.
 * @throws {TypeError} If a flag is unknown, has no value, or excludes another.
 * @throws {RangeError} If a value is not one that the flag takes.
 */
export function parseFlags(args: readonly string[]): Options | "help" {
  const given = parseArgs(joinNegativeValues(args), {
    boolean: ["help"],
    string: [...NAMES.keys()],
    unknown: (arg, key) => {
      if (key === undefined) return; // kept in _
      throw new TypeError(
        `Unknown flag ${arg.split("=")[0]}: ${suggestion(key)}see --help`,
      );
    },
  });
  if (given._.length > 0) {
    throw new TypeError(
      `Unexpected argument "${
        given._[0]
      }": every value follows its flag, see --help`,
    );
  }
  if (given.help) return "help";
  const read: Record<string, string | number> = {};
  for (const [name, key] of NAMES) {
    const text = given[name];
    if (text !== undefined) read[key] = readValue(name, FLAGS[key], `${text}`);
  }
  if (read.warmupSteps !== undefined && read.warmupRatio !== undefined) {
    throw new TypeError(
      `--warmup-steps ${read.warmupSteps} and --warmup-ratio ${read.warmupRatio} exclude each other: give one of them`,
    );
  }
  const embedded = read.model === undefined && read.data === undefined;
  const preset = `${read.preset ?? (embedded ? "embedded" : "course")}`;
  const blank = Object.fromEntries(KEYS.map((key) => [key, undefined]));
  return {
    ...blank,
    ...COURSE,
    ...PRESETS[preset]!.sets,
    ...read,
    // The steps that were given count, not the ratio of the preset.
    ...read.warmupSteps === undefined ? {} : { warmupRatio: undefined },
    preset,
  } as Options;
}

/**
 * Steps of warm-up, from whichever of the two flags was given; a ratio rounds
 * up, as in transformers.
 *
 * @param options The settings.
 * @param numTrainingSteps All steps of the schedule.
 * @returns The number of steps.
 */
export function numWarmupSteps(
  { warmupSteps, warmupRatio }: Options,
  numTrainingSteps: number,
): number {
  return warmupRatio === undefined
    ? warmupSteps
    : Math.ceil(warmupRatio * numTrainingSteps);
}

/** `--help`: every flag, its default, and each preset. */
export function help(): string {
  const left = [...NAMES].map(([name, key]) => `--${name} ${FLAGS[key].value}`);
  const width = Math.max(...left.map((text) => text.length)) + 2;
  const flags = [...NAMES.values()].map((key, i) => {
    const { help, names, otherwise } = FLAGS[key];
    const value = COURSE[key];
    const standard = value === undefined ? otherwise : format(value);
    return [
      `  ${left[i]!.padEnd(width)}${help}`,
      ...(names ? [`one of ${names.join(", ")}`] : []),
      `default: ${standard}`,
    ].join(`\n  ${" ".repeat(width)}`);
  });
  const presets = Object.entries(PRESETS).map(([name, { about, sets }]) => {
    const settings = name === "course" ? COURSE : sets;
    const typed = [...NAMES].flatMap(([flag, key]) =>
      key in settings ? [`--${flag} ${format(settings[key])}`] : []
    );
    const lines = [about];
    if (name !== "course") {
      lines.push(typed.length ? "as course, but" : "as course");
    }
    for (let i = 0; i < typed.length; i += 3) {
      lines.push(typed.slice(i, i + 3).join(" "));
    }
    return `  ${name.padEnd(10)}${lines.join(`\n  ${" ".repeat(10)}`)}`;
  });
  return [
    "Fine-tunes a BERT on sentence pairs, with the loop in scripts/train_mrpc.ts.",
    "",
    "./denow task train [flags]",
    "",
    ...flags,
    `  ${"--help".padEnd(width)}this text`,
    "",
    "Presets; a flag given beside one wins",
    ...presets,
  ].join("\n");
}

/** parseArgs takes the -1 of `--learning-rate -1` for a flag; `=` keeps it a value. */
function joinNegativeValues(args: readonly string[]): string[] {
  const joined: string[] = [];
  for (const arg of args) {
    const flag = joined.at(-1) ?? "";
    if (arg.startsWith("-") && NUMBER.test(arg) && /^--[^=]+$/.test(flag)) {
      joined[joined.length - 1] = `${flag}=${arg}`;
    } else joined.push(arg);
  }
  return joined;
}

function readValue(name: string, flag: Flag, text: string): string | number {
  const wanted = describe(flag);
  if (text === "") {
    throw new TypeError(`Missing value for --${name}: give ${wanted}`);
  }
  if (flag.value === "DIR") return text;
  if (flag.value === "NAME") {
    if (flag.names!.includes(text)) return text;
    const reason = flag.refused?.[text];
    throw new RangeError(
      reason
        ? `--${name} cannot be ${text}: ${reason}; give ${wanted}`
        : `--${name} must be ${wanted}, not "${text}"`,
    );
  }
  const value = NUMBER.test(text) ? Number(text) : NaN;
  const { value: kind, min = -Infinity, max = Infinity, below = Infinity } =
    flag;
  const whole = kind === "X" || Number.isSafeInteger(value);
  if (
    !Number.isFinite(value) || !whole || value < min || value > max ||
    value >= below
  ) {
    throw new RangeError(`--${name} must be ${wanted}, not "${text}"`);
  }
  return value;
}

function describe({ value, names, min, max, below }: Flag): string {
  if (value === "DIR") return "a folder";
  if (names) return `one of ${names.join(", ")}`;
  const kind = value === "N" ? "a whole number" : "a number";
  if (max !== undefined) return `${kind} from ${min} to ${max}`;
  if (below !== undefined) return `${kind} from ${min} to less than ${below}`;
  return `${kind} of at least ${min}`;
}

function format(value: Preset[keyof Preset]): string {
  return typeof value === "number" && value > 0 && value < 1e-3
    ? value.toExponential()
    : `${value}`;
}

/** "use --x, or " for the flag that was probably meant. */
function suggestion(typed: string): string {
  const wanted = typed.replaceAll("_", "-").toLowerCase();
  const names = [...NAMES.keys(), "help"];
  const related = wanted.length < 3
    ? []
    : names.filter((name) => name.includes(wanted) || wanted.includes(name));
  const [nearest] = (related.length > 0 ? related : names)
    .map((name) => ({ name, edits: editDistance(wanted, name) }))
    .sort((a, b) => a.edits - b.edits);
  const near = related.length > 0 || nearest!.edits <= wanted.length / 2;
  return near ? `use --${nearest!.name}, or ` : "";
}

/** Levenshtein's distance: letters to insert, delete or replace. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
