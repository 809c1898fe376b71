/** The part of `@std/cli/parse-args` that the scripts use. */

/** How to read the arguments. */
export interface ParseOptions {
  /** Flags that take no value. */
  boolean?: readonly string[];
  /** Flags whose value stays text. */
  string?: readonly string[];
  /** Value of each flag that is not given. */
  default?: Record<string, unknown>;
  /** Other names of a flag. */
  alias?: Record<string, string | readonly string[]>;
  /** Flags that may be given more than once; their values come as an array. */
  collect?: readonly string[];
  /** Called for each argument that no other option names; false leaves it out. */
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

/** What was read: a value by flag, and the positional arguments in `_`. */
export interface ParsedArgs {
  [flag: string]: unknown;
  _: (string | number)[];
}

export function parseArgs(
  args: readonly string[],
  options?: ParseOptions,
): ParsedArgs;
