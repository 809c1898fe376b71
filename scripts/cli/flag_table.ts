/**
 * Command-line flags, defined by a table: parsing, error messages, `--help`.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";

/** Definition of a flag. */
export interface Flag {
  /** Placeholder of the value in `--help`: `N` is an integer, `X` any number. A flag without one is a switch. */
  readonly value?: "DIR" | "FILE" | "NAME" | "N" | "X";
  /** Description. */
  readonly help: string;
  /** Smallest value. */
  readonly min?: number;
  /** Largest value. */
  readonly max?: number;
  /** Exclusive upper bound. */
  readonly below?: number;
  /** The names to choose from. */
  readonly choices?: readonly string[];
  /** Names that other libraries take and this flag does not, with the reason. */
  readonly unsupported?: Readonly<Record<string, string>>;
  /** The default in `--help`, if it is not a fixed value. */
  readonly defaultText?: string;
}

/** The flags of a script except `--help`, by the name of their setting, in the order of `--help`. */
export type FlagTable = Readonly<Record<string, Flag>>;

/** Value of a flag. */
export type Value = string | number | boolean;

/** A parsed command line. */
export interface ParsedFlags {
  /** The flags that were given, by the name of their setting. */
  readonly values: Record<string, Value>;
  /** Arguments that belong to no flag. */
  readonly positionals: readonly string[];
  /** Whether `--help` was given. */
  readonly help: boolean;
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * The flag of a setting: `batch-size` for `batchSize`.
 *
 * @param setting The key in the table.
 * @returns The flag, without the hyphens before it.
 */
export function flagName(setting: string): string {
  return setting.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);
}

/**
 * Parses the arguments of a script.
 *
 * @param args The arguments, as in `Deno.args`.
 * @param table The flags.
 * @returns The values.
 * @throws {TypeError} If a flag is unknown or lacks its value.
 * @throws {RangeError} If a value is not allowed.
 */
export function readFlags(
  args: readonly string[],
  table: FlagTable,
): ParsedFlags {
  const flags = Object.entries(table)
    .map(([setting, flag]) => ({ setting, flag, name: flagName(setting) }));
  const names = (isSwitch: boolean) =>
    flags.filter(({ flag }) => (flag.value === undefined) === isSwitch)
      .map(({ name }) => name);
  const parsed: Record<string, unknown> & { _: unknown[] } = parseArgs(
    joinNegativeValues(args),
    {
      boolean: [...names(true), "help"],
      string: [...names(false), "_"],
      unknown: (arg, key) => {
        if (key === undefined) return; // kept in _
        const known = [...flags.map(({ name }) => name), "help"];
        throw new TypeError(
          `Unknown flag ${arg.split("=")[0]}: ${
            suggestion(key, known)
          }see --help`,
        );
      },
    },
  );
  const values: Record<string, Value> = {};
  for (const { setting, flag, name } of flags) {
    const value = parsed[name];
    if (value === undefined || value === false) continue;
    values[setting] = value === true || readValue(name, flag, `${value}`);
  }
  const positionals = parsed._.map(String);
  return { values, positionals, help: parsed.help === true };
}

/**
 * Rejects positional arguments, for scripts that take flags only.
 *
 * @param parsed The parsed command line.
 * @throws {TypeError} If there is one.
 */
export function refusePositionals(
  { positionals }: Pick<ParsedFlags, "positionals">,
): void {
  if (positionals.length > 0) {
    throw new TypeError(
      `Unexpected argument "${
        positionals[0]
      }": every value follows its flag, see --help`,
    );
  }
}

/**
 * Describes flags for `--help`.
 *
 * @param table The flags.
 * @param defaults Their default values.
 * @returns The lines: each flag, its description and its default.
 */
export function describeFlags(
  table: FlagTable,
  defaults: Readonly<Record<string, Value | undefined>>,
): string[] {
  const flags = Object.entries(table).map(([setting, flag]) => ({
    ...flag,
    setting,
    usage: `--${flagName(setting)}${flag.value ? ` ${flag.value}` : ""}`,
  }));
  const width = Math.max(...flags.map(({ usage }) => usage.length)) + 2;
  return [
    ...flags.map(({ usage, setting, help, choices, defaultText }) => {
      const value = defaults[setting];
      const shown = value === undefined ? defaultText : format(value);
      return [
        `  ${usage.padEnd(width)}${help}`,
        ...(choices ? [`one of ${choices.join(", ")}`] : []),
        ...(shown === undefined ? [] : [`default: ${shown}`]),
      ].join(`\n  ${" ".repeat(width)}`);
    }),
    `  ${"--help".padEnd(width)}this text`,
  ];
}

/**
 * Formats a value as a user would type it.
 *
 * @param value The value.
 * @returns The text.
 */
export function format(value: Value): string {
  return typeof value === "number" && value > 0 && value < 1e-3
    ? value.toExponential()
    : `${value}`;
}

/** Writes `--x=-1` for `--x -1`, because parseArgs parses `-1` as a flag. */
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
  const allowed = describeValue(flag);
  if (text === "") {
    throw new TypeError(`Missing value for --${name}: give ${allowed}`);
  }
  if (flag.value === "DIR" || flag.value === "FILE") return text;
  if (flag.value === "NAME") {
    if (flag.choices?.includes(text) ?? true) return text;
    const reason = flag.unsupported?.[text];
    throw new RangeError(
      reason
        ? `--${name} cannot be ${text}: ${reason}; give ${allowed}`
        : `--${name} must be ${allowed}, not "${text}"`,
    );
  }
  const value = NUMBER.test(text) ? Number(text) : NaN;
  const { min = -Infinity, max = Infinity, below = Infinity } = flag;
  const isNumber = flag.value === "N"
    ? Number.isSafeInteger(value)
    : Number.isFinite(value);
  if (!isNumber || value < min || value > max || value >= below) {
    throw new RangeError(`--${name} must be ${allowed}, not "${text}"`);
  }
  return value;
}

function describeValue({ value, choices, min, max, below }: Flag): string {
  if (value === "DIR") return "a folder";
  if (value === "FILE") return "a file";
  if (choices) return `one of ${choices.join(", ")}`;
  if (value === "NAME") return "a name";
  const number = value === "N" ? "a whole number" : "a number";
  if (max !== undefined) return `${number} from ${min} to ${max}`;
  if (below !== undefined) return `${number} from ${min} to less than ${below}`;
  return `${number} of at least ${min}`;
}

/** "use --x, or " for the most similar flag, if any. */
function suggestion(typed: string, names: readonly string[]): string {
  const wanted = typed.replaceAll("_", "-").toLowerCase();
  const related = wanted.length < 3
    ? []
    : names.filter((name) => name.includes(wanted) || wanted.includes(name));
  const [nearest] = (related.length > 0 ? related : names)
    .map((name) => ({ name, edits: editDistance(wanted, name) }))
    .sort((a, b) => a.edits - b.edits);
  const isSimilar = related.length > 0 || nearest!.edits <= wanted.length / 2;
  return isSimilar ? `use --${nearest!.name}, or ` : "";
}

/** Levenshtein distance: letters to insert, delete or replace. */
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
