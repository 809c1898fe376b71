/**
 * Command-line flags, defined by a table: parsing and error messages.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import {
  type Flag,
  flagName,
  type FlagTable,
  type Value,
} from "./flag_help.ts";

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
  const negations = new Map(
    flags.filter(({ flag }) => flag.isNegatable)
      .map(({ name }) => [`--no-${name}`, name]),
  );
  refuseSwitchValues(args, [
    ...names(true).map((name) => `--${name}`),
    ...negations.keys(),
    "--help",
  ]);
  const parsed: Record<string, unknown> & { _: unknown[] } = parseArgs(
    joinNegativeValues(
      args.map((arg) => negations.has(arg) ? `--${negations.get(arg)}` : arg),
    ),
    {
      boolean: [...names(true), "help"],
      string: [...names(false), "_"],
      unknown: (arg, key) => {
        if (key === undefined) return; // kept in _
        const known = [
          ...flags.map(({ name }) => name),
          ...negations.keys().map((flag) => flag.slice(2)),
          "help",
        ];
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
    // The last of --x and --no-x counts.
    const last = args.findLast((arg) =>
      arg === `--${name}` || negations.get(arg) === name
    );
    if (negations.has(`${last}`)) values[setting] = false;
    else if (value === true || (value === "" && flag.isOptional)) {
      values[setting] = true;
    } else if (value !== undefined && value !== false) {
      values[setting] = readValue(name, flag, `${value}`);
    }
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

/** Throws if a switch has a value, which parseArgs takes and drops. */
function refuseSwitchValues(
  args: readonly string[],
  switches: readonly string[],
): void {
  for (const [i, arg] of args.entries()) {
    if (arg === "--") return;
    const flag = arg.split("=", 1)[0]!;
    if (!switches.includes(flag)) continue;
    const value = arg === flag ? args[i + 1] : arg.slice(flag.length + 1);
    if (arg === flag && value !== "true" && value !== "false") continue;
    const opposite = `--no-${flag.slice(2)}`;
    throw new TypeError(
      `${flag} takes no value, not "${value}": leave it out${
        switches.includes(opposite) ? `, or use ${opposite}` : ""
      }`,
    );
  }
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
  if (["DIR", "FILE", "PATH"].includes(flag.value!)) return text;
  if (flag.value === "C") {
    const character = text === "\\t" ? "\t" : text;
    if (character.length === 1) return character;
    throw new RangeError(`--${name} must be ${allowed}, not "${text}"`);
  }
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
  if (value === "PATH") return "a file or a folder";
  if (value === "C") return "one character, or \\t for a tab";
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
