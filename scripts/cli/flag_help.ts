/**
 * Tables of command-line flags, and their `--help`. Without any package, so that
 * `--help` downloads none.
 *
 * @module
 */

/** Definition of a flag. */
export interface Flag {
  /** Placeholder of the value in `--help`: `N` is an integer, `X` any number, `C` a character, `PATH` a file or a folder. A flag without one is a switch. */
  readonly value?: "DIR" | "FILE" | "PATH" | "NAME" | "N" | "X" | "C";
  /** Description. */
  readonly help: string;
  /** Whether it may be given without its value. */
  readonly isOptional?: boolean;
  /** Whether a switch has a `--no-` form too. */
  readonly isNegatable?: boolean;
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
    usage: usageOf(setting, flag),
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

function usageOf(
  setting: string,
  { value, isOptional, isNegatable }: Flag,
): string {
  const name = `${isNegatable ? "[no-]" : ""}${flagName(setting)}`;
  if (value === undefined) return `--${name}`;
  return `--${name} ${isOptional ? `[${value}]` : value}`;
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

/** `--model`, which is required. */
export const MODEL: Flag = {
  value: "DIR",
  help: "the fine-tuned model: the model folder of a run",
  defaultText: "none, it is required",
};

/** `--batch-size`. */
export const BATCH_SIZE: Flag = {
  value: "N",
  min: 1,
  help: "rows of a batch",
};

/** `--max-length`. */
export const MAX_LENGTH: Flag = {
  value: "N",
  min: 5,
  help: "tokens after which a row is truncated",
  defaultText: "the model's maximum",
};

/** `--text-columns`. */
export const TEXT_COLUMNS: Flag = {
  value: "NAME",
  help: "the text column, or two separated by a comma",
  defaultText:
    "those of GLUE, such as sentence1,sentence2, or the only ones that can be meant",
};

/** `--delimiter`. */
export const DELIMITER: Flag = {
  value: "C",
  help: "the character between two columns of .csv and .tsv: ';' or '\\t'",
  defaultText: "a comma in .csv, a tab in .tsv",
};

/** Flags of labelled rows: a split of a folder, or one file. */
export const LABELLED_ROWS = {
  data: {
    value: "PATH",
    help:
      "a folder with the split, as .arrow, .parquet, .tsv, .csv, .jsonl or .json; or one file",
    defaultText: "the embedded data",
  },
  split: {
    value: "NAME",
    help: "train, validation, test or another split of a folder",
    defaultText: "validation",
  },
  textColumns: TEXT_COLUMNS,
  labelColumn: { value: "NAME", help: "the label column" },
  delimiter: DELIMITER,
} satisfies FlagTable;
