/**
 * Flags of `sweep.ts`: those of `train_classifier.ts`, some with several values, and
 * its own.
 *
 * @module
 */
import { CLASSIFY_FLAGS } from "../classify/flags.ts";
import { flagsText, taskStart } from "../cli/command_text.ts";
import {
  describeFlags,
  type Flag,
  flagName,
  type FlagTable,
  type Value,
} from "../cli/flag_help.ts";
import { readFlags, refusePositionals } from "../cli/flag_table.ts";
import type { CommandLine } from "../cli/run_main.ts";
import { withoutSlash } from "../run_folder/paths.ts";
import { FREE } from "../run_folder/resume.ts";
import { checkFolder } from "./folder.ts";
import { partOf, readPart } from "./part.ts";
import { runsOf, type SweepRun } from "./runs.ts";

/** The settings of a sweep. */
export interface SweepOptions {
  /** Folder of the sweep; that of each run lies in it. */
  readonly folder: string;
  /** The flags that decide its runs, by the name of their setting. */
  readonly flags: Readonly<Record<string, Value>>;
  /** All runs. */
  readonly runs: readonly SweepRun[];
  /** The runs of this process. */
  readonly own: readonly SweepRun[];
  /** Name of the part, for files of this process. */
  readonly part: string;
  /** Whether runs below the median end early. */
  readonly stopWorst: boolean;
  /** The command of this process. */
  readonly command: string;
}

/**
 * Flags with one value for all runs: those that decide what the scores mean, where
 * the files are, and what a comma is.
 */
const FIXED: readonly string[] = [
  "data",
  "task",
  "textColumns",
  "labelColumn",
  "labelSeparator",
  "delimiter",
  "problemType",
  "validationSplit",
  "testSplit",
  "classWeights",
  "outputDir",
  "metricForBestModel",
];

const { resume: _, outputDir, ...RUN_FLAGS } = CLASSIFY_FLAGS;

/** Flags that take several values, each of which changes what is computed. */
export const SWEPT: readonly string[] = Object.entries(RUN_FLAGS)
  .filter(([name, { value }]) =>
    value !== undefined && ![...FIXED, ...FREE].includes(name)
  )
  .map(([name]) => name);

const DEFAULTS = { sweepSeed: 42 };

const OWN_FLAGS = {
  outputDir: {
    ...outputDir!,
    help:
      "folder of the sweep, with one for each run; if it exists, the sweep goes on in it",
    defaultText: "runs/sweep- and the start time",
  },
  part: {
    value: "NAME",
    help:
      "take part I of N of the runs only, counted from 1: 3/12, for processes that share --output-dir",
    defaultText: "all runs",
  },
  random: {
    value: "N",
    min: 1,
    help:
      "draw N of the combinations, without repeats; each runs with every --seed",
    defaultText: "all combinations",
  },
  sweepSeed: {
    value: "N",
    min: 0,
    max: 2 ** 32 - 1,
    help: "seed of --random",
  },
  stopWorst: {
    help:
      "end a run whose best score so far is below the median of the others at the same step",
  },
} satisfies FlagTable;

const FLAGS: FlagTable = {
  ...Object.fromEntries(
    Object.entries(RUN_FLAGS).map(([name, flag]): [string, Flag] => [
      name,
      // A text here: each of its values is checked by the run's own flags.
      SWEPT.includes(name) ? { value: "NAME", help: flag.help } : flag,
    ]),
  ),
  ...OWN_FLAGS,
};

/** Makes the settings of a sweep from its arguments. */
function parse(args: readonly string[]): SweepOptions | "help" {
  if (args.some((arg) => /^--resume(=|$)/.test(arg))) {
    throw new TypeError(
      "sweep has no --resume: the same command with the same --output-dir goes on",
    );
  }
  const parsed = readFlags(args, FLAGS);
  if (parsed.help) return "help";
  refusePositionals(parsed);
  const { part: partText, outputDir, ...flags } = parsed.values;
  const { random, sweepSeed, stopWorst, ...given } = flags;
  const part = partText === undefined ? undefined : readPart(`${partText}`);
  if (part && outputDir === undefined) {
    throw new TypeError(
      `--part ${partText} needs --output-dir: all parts of a sweep share its folder`,
    );
  }
  if (sweepSeed !== undefined && random === undefined) {
    throw new TypeError(
      `--sweep-seed ${sweepSeed} is the seed of --random: give both or none`,
    );
  }
  const startTime = new Date().toISOString().slice(0, 19).replaceAll(":", "-");
  const folder = withoutSlash(`${outputDir ?? `runs/sweep-${startTime}`}`);
  const runs = runsOf(given, SWEPT, folder, {
    count: random as number | undefined,
    seed: (sweepSeed ?? DEFAULTS.sweepSeed) as number,
  });
  checkFolder(folder, runs);
  const all = { ...parsed.values, outputDir: folder };
  return {
    ...{ folder, flags, runs },
    own: part ? partOf(runs, part) : runs,
    part: part ? `${part.index}-of-${part.count}` : "1-of-1",
    stopWorst: stopWorst === true,
    command: `${taskStart("sweep", "sweep", folder)}${flagsText(all)}`,
  };
}

/** Flags as a list that is broken into lines. */
function listOf(names: readonly string[]): string {
  const lines = [""];
  for (const name of names) {
    const flag = `--${flagName(name)}`;
    if (`${lines.at(-1)} ${flag}`.length > 76) lines.push("");
    lines.push(`${lines.pop()} ${flag}`);
  }
  return lines.map((line) => ` ${line}`).join("\n");
}

function help(): string {
  const others = Object.keys(RUN_FLAGS).filter((name) => !SWEPT.includes(name));
  return [
    "Runs classify for each combination of settings, one run after the other, and",
    "compares them: mean and standard deviation over the seeds.",
    "",
    "./denow task sweep --data messages.csv --learning-rate 1e-5,3e-5 --seed 1,2,3",
    "",
    ...describeFlags(OWN_FLAGS, DEFAULTS),
    "",
    "Flags of classify that take several values, separated by commas",
    listOf(SWEPT),
    "",
    "Flags of classify with one value for all runs; a comma in it is part of it",
    listOf(others),
    "",
    "./denow task classify --help describes them.",
  ].join("\n");
}

/** Command line of `sweep.ts`. */
export const sweepFlags: CommandLine<SweepOptions> = { parse, help };
