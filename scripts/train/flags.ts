/**
 * Reads the flags of `train_mrpc.ts` and prints its `--help`, both from the
 * table in `options.ts`.
 *
 * @module
 */
import {
  describeFlags,
  flagName,
  type FlagTable,
  format,
  type Given,
  readFlags,
  refuseRest,
} from "../cli/flag_table.ts";
import { COURSE, FLAGS, type Options, PRESETS } from "./options.ts";

const KEYS = Object.keys(FLAGS) as (keyof Options)[];

/**
 * Reads the arguments of `train_mrpc.ts`.
 *
 * @param args The arguments, as in `Deno.args`.
 * @returns The settings, or `"help"` where `--help` is among the arguments.
 * @throws {TypeError} If a flag is unknown, has no value, or excludes another.
 * @throws {RangeError} If a value is not one that the flag takes.
 */
export function parseFlags(args: readonly string[]): Options | "help" {
  const given = readFlags(args, FLAGS);
  const options = toOptions(given);
  return given.help ? "help" : options;
}

/**
 * Fills in what no flag gave.
 *
 * @param given What the command line holds.
 * @returns The settings, after preset and flags.
 * @throws {TypeError} If flags exclude each other, or something is no flag's value.
 */
export function toOptions(given: Given): Options {
  refuseRest(given);
  const { values } = given;
  if (values.warmupSteps !== undefined && values.warmupRatio !== undefined) {
    throw new TypeError(
      `--warmup-steps ${values.warmupSteps} and --warmup-ratio ${values.warmupRatio} exclude each other: give one of them`,
    );
  }
  const embedded = values.model === undefined && values.data === undefined;
  const preset = `${values.preset ?? (embedded ? "embedded" : "course")}`;
  const blank = Object.fromEntries(KEYS.map((key) => [key, undefined]));
  return {
    ...blank,
    ...COURSE,
    ...PRESETS[preset]!.sets,
    ...values,
    // The steps that were given count, not the ratio of the preset.
    ...values.warmupSteps === undefined ? {} : { warmupRatio: undefined },
    preset,
  } as Options;
}

/**
 * Steps of warm-up, from whichever of the two flags was given; a ratio rounds
 * up, as in transformers.
 *
 * @param options The settings.
 * @param numTrainingSteps All steps of the schedule.
 * @returns The number of steps.
 */
export function numWarmupSteps(
  { warmupSteps, warmupRatio }: Options,
  numTrainingSteps: number,
): number {
  return warmupRatio === undefined
    ? warmupSteps
    : Math.ceil(warmupRatio * numTrainingSteps);
}

/** `--help` of `train_mrpc.ts`. */
export function help(): string {
  return helpText(
    "Fine-tunes a BERT on sentence pairs, with the loop in scripts/train_mrpc.ts.",
    "train",
    FLAGS,
  );
}

/**
 * The text of `--help`: every flag, its default, and each preset.
 *
 * @param about What the script does.
 * @param task The name of its task.
 * @param flags Its flags.
 */
export function helpText(
  about: string,
  task: string,
  flags: FlagTable,
): string {
  const presets = Object.entries(PRESETS).map(([name, { about, sets }]) => {
    const settings = name === "course" ? COURSE : sets;
    const typed = KEYS.flatMap((key) =>
      key in settings ? [`--${flagName(key)} ${format(settings[key]!)}`] : []
    );
    const lines = [about];
    if (name !== "course") {
      lines.push(typed.length ? "as course, but" : "as course");
    }
    for (let i = 0; i < typed.length; i += 3) {
      lines.push(typed.slice(i, i + 3).join(" "));
    }
    return `  ${name.padEnd(10)}${lines.join(`\n  ${" ".repeat(10)}`)}`;
  });
  return [
    about,
    "",
    `./denow task ${task} [flags]`,
    "",
    ...describeFlags(flags, COURSE),
    "",
    "Presets; a flag given beside one wins",
    ...presets,
  ].join("\n");
}
