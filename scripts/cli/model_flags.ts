/**
 * Flags of the scripts that use a fine-tuned model.
 *
 * @module
 */
import {
  type Flag,
  type FlagTable,
  type ParsedFlags,
  readFlags,
  refusePositionals,
} from "./flag_table.ts";
import { resolveHubNames } from "../hub/names.ts";

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
  defaultText: "the columns of GLUE's tasks, such as sentence1,sentence2",
};

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
