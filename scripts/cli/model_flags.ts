/**
 * The flags of scripts that do something with a fine-tuned model.
 *
 * @module
 */
import {
  type Flag,
  type FlagTable,
  type Given,
  readFlags,
  refuseRest,
} from "./flag_table.ts";
import { resolveHubNames } from "../hub/names.ts";

/** `--model`, without which they do nothing. */
export const MODEL: Flag = {
  value: "DIR",
  help: "the model, as training leaves it",
  otherwise: "none, it must be given",
};

/**
 * Reads the arguments of a script whose flags are all there is.
 *
 * @param args The arguments, as in `Deno.args`.
 * @param table Its flags.
 * @param defaults The settings where no flag is given.
 * @returns The settings, or `"help"` where `--help` is among the arguments.
 * @throws {TypeError} If a flag is unknown or has no value, something belongs to none, or `--model` is missing.
 * @throws {RangeError} If a value is not one that the flag takes.
 * @throws {Error} If a name of the Hub was not fetched.
 */
export function parseModelFlags<Options>(
  args: readonly string[],
  table: FlagTable,
  defaults: Partial<Options>,
): Options | "help" {
  const given = readFlags(args, table);
  if (given.help) return "help";
  refuseRest(given);
  requireModel(given);
  const { values } = given;
  return { ...defaults, ...values, ...resolveHubNames(values) } as Options;
}

/**
 * Refuses a command line without a model, in scripts that have no other.
 *
 * @param given What the command line holds.
 * @throws {TypeError} If `--model` is missing.
 */
export function requireModel({ values }: Pick<Given, "values">): void {
  if (values.model === undefined) {
    throw new TypeError(
      "Missing --model: give a folder that training left, such as runs/…/model",
    );
  }
}
