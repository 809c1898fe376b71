/**
 * A command as a user types it.
 *
 * @module
 */
import { flagName, type Value } from "./flag_help.ts";
import { quotePath } from "./shell_quote.ts";

/**
 * Writes the start of a command that writes a folder: the task may write below
 * `runs` alone.
 *
 * @param task The task.
 * @param script The name of its script.
 * @param folder The folder.
 * @param permissions Other permissions of the script.
 * @returns The command without its flags.
 */
export function taskStart(
  task: string,
  script: string,
  folder: string,
  permissions: readonly string[] = [],
): string {
  if (/^(\.\/)?runs\/(?!.*\.\.)/.test(folder)) return `./denow task ${task}`;
  return scriptStart(script, folder, permissions);
}

/**
 * Writes the start of a command that runs a script outside of its task.
 *
 * @param script The name of the script.
 * @param folder The folder that it writes.
 * @param permissions Other permissions of the script.
 * @returns The command without its flags.
 */
export function scriptStart(
  script: string,
  folder: string,
  permissions: readonly string[] = [],
): string {
  // A list of paths has none with a comma.
  const allowWrite = folder.includes(",")
    ? "--allow-write"
    : quotePath(`--allow-write=${folder}`);
  return ["deno run --allow-read", allowWrite, ...permissions]
    .concat(`scripts/${script}.ts`).join(" ");
}

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
  return `./denow task ${task}${flagsText(flags)}`;
}

/**
 * Writes flags.
 *
 * @param flags The flags, by the name of their setting.
 * @returns Each with a space before it, for a shell.
 */
export function flagsText(flags: Readonly<Record<string, Value>>): string {
  const texts = Object.entries(flags).map(([name, value]) =>
    typeof value === "boolean"
      ? ` --${value ? "" : "no-"}${flagName(name)}`
      : ` --${flagName(name)} ${quotePath(`${value}`)}`
  );
  return texts.join("");
}
