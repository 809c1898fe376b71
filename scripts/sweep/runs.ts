/**
 * The runs of a sweep: combinations of the values of its flags.
 *
 * @module
 */
import { Random } from "../../mod.ts";
import { classifyFlags, type ClassifyOptions } from "../classify/flags.ts";
import { flagName, format, type Value } from "../cli/flag_help.ts";

/** A run of a sweep. */
export interface SweepRun {
  /** Name of its folder. */
  readonly name: string;
  /** Its flags, by the name of their setting, without `--output-dir`. */
  readonly flags: Readonly<Record<string, Value>>;
  /** The flags in which the runs differ. */
  readonly swept: Readonly<Record<string, Value>>;
}

/** A random choice of combinations. */
export interface Draw {
  /** Number of combinations; undefined for all. */
  readonly count: number | undefined;
  /** Seed of the choice. */
  readonly seed: number;
}

/** Flags by the name of their setting. */
type Flags = Readonly<Record<string, Value>>;

/**
 * Makes the runs of a sweep.
 *
 * @param given The flags that were given, by the name of their setting.
 * @param names Names of those that may have several values.
 * @param folder Folder of the sweep.
 * @param draw The choice.
 * @returns The runs; the seed changes fastest.
 * @throws {TypeError} If no flag has several values, or one has the same value twice.
 * @throws {Error} If a run is refused by its flags, as `train_classifier.ts` does.
 */
export function runsOf(
  given: Flags,
  names: readonly string[],
  folder: string,
  draw: Draw,
): SweepRun[] {
  const lists = Object.entries(given)
    .filter(([name]) => names.includes(name))
    .map(([name, values]): [string, string[]] => [name, `${values}`.split(",")])
    .filter(([, values]) => values.length > 1);
  if (lists.length === 0) {
    throw new TypeError(
      "Nothing to sweep: give a flag several values, separated by commas, such as --learning-rate 1e-5,3e-5 or --seed 1,2,3",
    );
  }
  const [seeds, others] = [
    lists.filter(([name]) => name === "seed"),
    lists.filter(([name]) => name !== "seed"),
  ];
  const settings = chosen(combinations(others), draw);
  const runs = settings.flatMap((setting) =>
    combinations(seeds).map((seed): SweepRun => {
      const values = { ...given, ...setting, ...seed };
      // As numbers, so that 1e-5 and 0.00001 are the same run.
      const { outputDir: _, ...flags } = optionsOf(values, folder).flags;
      const swept = Object.fromEntries(
        [...others, ...seeds].map(([name]) => [name, flags[name]!]),
      );
      return { name: nameOf(swept), flags, swept };
    })
  );
  const repeated = runs.find(({ name }, i) =>
    runs.findIndex((run) => run.name === name) !== i
  );
  if (repeated) {
    throw new TypeError(
      `Two runs are ${repeated.name}: give each value of a flag once`,
    );
  }
  return runs;
}

/** Every combination of the values; the last flag changes fastest. */
function combinations(
  lists: readonly (readonly [string, readonly string[]])[],
): Flags[] {
  return lists.reduce<Flags[]>(
    (all, [name, values]) =>
      all.flatMap((flags) =>
        values.map((value) => ({ ...flags, [name]: value }))
      ),
    [{}],
  );
}

/** The first ones of a random order: a larger number keeps those of a smaller one. */
function chosen(settings: readonly Flags[], { count, seed }: Draw): Flags[] {
  if (count === undefined) return [...settings];
  const order = new Random(seed).permutation(settings.length);
  return [...order.subarray(0, count)].map((i) => settings[i]!);
}

/** Name of a run: its swept flags. */
function nameOf(swept: Flags): string {
  return Object.entries(swept)
    .map(([name, value]) => `${flagName(name)}=${format(value)}`)
    .join("_")
    .replaceAll("/", "--")
    .replaceAll(/[^\w.=+-]/g, "-");
}

/**
 * The settings of a run.
 *
 * @param flags Its flags, by the name of their setting.
 * @param folder Its folder.
 * @param isResumed Whether it goes on in its folder.
 * @returns The settings.
 * @throws {Error} If they are refused, as `train_classifier.ts` does.
 */
export function optionsOf(
  flags: Flags,
  folder: string,
  isResumed = false,
): ClassifyOptions {
  const args = Object.entries(flags).map(([name, value]) =>
    typeof value === "boolean"
      ? `--${value ? "" : "no-"}${flagName(name)}`
      : `--${flagName(name)}=${value}`
  );
  const where = isResumed ? "--resume" : "--output-dir";
  return classifyFlags.parse([
    ...args,
    `${where}=${folder}`,
  ]) as ClassifyOptions; // there is no --help in args
}
