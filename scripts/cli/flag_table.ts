/**
 * Flags by a table: parses them, says what is wrong with them, and describes
 * them for `--help`.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";

/** How one flag is read and described. */
export interface Flag {
  /** Stands for the value in `--help`: a word, or a number that is whole or not; a flag without one is a switch. */
  readonly value?: "DIR" | "FILE" | "NAME" | "N" | "X";
  /** What it sets. */
  readonly help: string;
  /** Smallest value. */
  readonly min?: number;
  /** Largest value. */
  readonly max?: number;
  /** The value must be less than this. */
  readonly below?: number;
  /** The names to choose from. */
  readonly names?: readonly string[];
  /** Names known elsewhere that cannot be had here, and why. */
  readonly refused?: Readonly<Record<string, string>>;
  /** What `--help` says where no preset sets a value. */
  readonly otherwise?: string;
}

/** The flags of a script but `--help`, by the setting that each gives, in the order of `--help`. */
export type FlagTable = Readonly<Record<string, Flag>>;

/** A setting as it was given. */
export type Value = string | number | boolean;

/** What a command line holds. */
export interface Given {
  /** The settings for which there was a flag. */
  readonly values: Record<string, Value>;
  /** What belongs to no flag. */
  readonly rest: readonly string[];
  /** Whether `--help` is there. */
  readonly help: boolean;
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * The flag of a setting: `batch-size` for `batchSize`.
 *
 * @param setting The key in the table.
 */
export function flagName(setting: string): string {
  return setting.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);
}

/**
 * Reads the arguments of a script.
 *
 * @param args The arguments, as in `Deno.args`.
 * @param table Its flags.
 * @returns What was given.
 * @throws {TypeError} If a flag is unknown or has no value.
 * @throws {RangeError} If a value is not one that the flag takes.
 */
export function readFlags(args: readonly string[], table: FlagTable): Given {
  const flags = Object.entries(table)
    .map(([setting, flag]) => ({ setting, flag, name: flagName(setting) }));
  const names = (isSwitch: boolean) =>
    flags.filter(({ flag }) => (flag.value === undefined) === isSwitch)
      .map(({ name }) => name);
  const given: Record<string, unknown> & { _: unknown[] } = parseArgs(
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
    const value = given[name];
    if (value === undefined || value === false) continue;
    values[setting] = value === true || readValue(name, flag, `${value}`);
  }
  return { values, rest: given._.map(String), help: given.help === true };
}

/**
 * Refuses what belongs to no flag, in scripts whose flags are all there is.
 *
 * @param given What the command line holds.
 * @throws {TypeError} If there is anything.
 */
export function refuseRest({ rest }: Pick<Given, "rest">): void {
  if (rest.length > 0) {
    throw new TypeError(
      `Unexpected argument "${
        rest[0]
      }": every value follows its flag, see --help`,
    );
  }
}

/**
 * Describes flags for `--help`.
 *
 * @param table The flags.
 * @param defaults The settings where no flag is given.
 * @returns The lines: each flag, what it sets, and its default.
 */
export function describeFlags(
  table: FlagTable,
  defaults: Readonly<Record<string, Value | undefined>>,
): string[] {
  const flags = Object.entries(table).map(([setting, flag]) => ({
    ...flag,
    setting,
    typed: `--${flagName(setting)}${flag.value ? ` ${flag.value}` : ""}`,
  }));
  const width = Math.max(...flags.map(({ typed }) => typed.length)) + 2;
  return [
    ...flags.map(({ typed, setting, help, names, otherwise }) => {
      const value = defaults[setting];
      const standard = value === undefined ? otherwise : format(value);
      return [
        `  ${typed.padEnd(width)}${help}`,
        ...(names ? [`one of ${names.join(", ")}`] : []),
        ...(standard === undefined ? [] : [`default: ${standard}`]),
      ].join(`\n  ${" ".repeat(width)}`);
    }),
    `  ${"--help".padEnd(width)}this text`,
  ];
}

/**
 * Writes a setting as one would type it.
 *
 * @param value The setting.
 */
export function format(value: Value): string {
  return typeof value === "number" && value > 0 && value < 1e-3
    ? value.toExponential()
    : `${value}`;
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
  if (flag.value === "DIR" || flag.value === "FILE") return text;
  if (flag.value === "NAME") {
    if (flag.names?.includes(text) ?? true) return text;
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
  if (value === "FILE") return "a file";
  if (names) return `one of ${names.join(", ")}`;
  if (value === "NAME") return "a name";
  const kind = value === "N" ? "a whole number" : "a number";
  if (max !== undefined) return `${kind} from ${min} to ${max}`;
  if (below !== undefined) return `${kind} from ${min} to less than ${below}`;
  return `${kind} of at least ${min}`;
}

/** "use --x, or " for the flag that was probably meant. */
function suggestion(typed: string, names: readonly string[]): string {
  const wanted = typed.replaceAll("_", "-").toLowerCase();
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
