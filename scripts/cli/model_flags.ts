/**
 * Flags of the scripts that use a fine-tuned model.
 *
 * @module
 */
import type { FlagTable } from "./flag_help.ts";
import {
  type ParsedFlags,
  readFlags,
  refusePositionals,
} from "./flag_table.ts";
import { resolveHubNames } from "../hub/names.ts";

/**
 * Parses the arguments of a script that takes flags only.
 *
 * @param args The arguments, as in `Deno.args`.
 * @param table The flags.
 * @param defaults The settings without flags.
 * @returns The settings, or `"help"` for `--help`.
 * @throws {TypeError} If a flag is unknown or lacks its value, there is a positional argument, or `--model` is missing.
 * @throws {RangeError} If a value is not allowed.
 * @throws {Error} If a name of the Hub has not been fetched.
 */
export function parseModelFlags<Options>(
  args: readonly string[],
  table: FlagTable,
  defaults: Partial<Options>,
): Options | "help" {
  const parsed = readFlags(args, table);
  if (parsed.help) return "help";
  refusePositionals(parsed);
  requireModel(parsed);
  const { values } = parsed;
  return { ...defaults, ...values, ...resolveHubNames(values) } as Options;
}

/**
 * Checks that there is a `--model`.
 *
 * @param parsed The parsed command line.
 * @throws {TypeError} If it is missing.
 */
export function requireModel({ values }: Pick<ParsedFlags, "values">): void {
  if (values.model === undefined) {
    throw new TypeError(
      "Missing --model: give the model folder of a run, such as runs/…/model",
    );
  }
}
