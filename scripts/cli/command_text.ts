/**
 * A command as a user types it.
 *
 * @module
 */
import { flagName, type Value } from "./flag_help.ts";
import { quotePath } from "./shell_quote.ts";

/**
 * Writes a command.
 *
 * @param task The task.
 * @param flags Its flags, by the name of their setting.
 * @returns The command, for a shell.
 */
export function commandText(
  task: string,
  flags: Readonly<Record<string, Value>>,
): string {
  const texts = Object.entries(flags).map(([name, value]) =>
    typeof value === "boolean"
      ? ` --${value ? "" : "no-"}${flagName(name)}`
      : ` --${flagName(name)} ${quotePath(`${value}`)}`
  );
  return `./denow task ${task}${texts.join("")}`;
}
