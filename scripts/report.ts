/**
 * Compares runs in one page: scores, curves, settings that differ.
 *
 *     deno task report runs/A runs/B
 *
 * `--allow-read`: the runs. `--allow-write=runs`: the page. No net, env, ffi or
 * run, and no GPU.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { describeFlags, type FlagTable } from "./cli/flag_help.ts";
import { readFlags } from "./cli/flag_table.ts";
import { type Run, runMain } from "./cli/run_main.ts";
import { comparisonHtml } from "./report/comparison_page.ts";
import { checkPageFile, writePage } from "./report/page_file.ts";
import { readRun, type RunSummary } from "./report/run_summary.ts";

/** The settings. */
interface Options {
  readonly runs: readonly string[];
  readonly output: string;
}

const DEFAULTS = { output: "runs/comparison.html" };

/** Runs that have colours of their own. */
const MAX_RUNS = 6;

const FLAGS: FlagTable = {
  output: {
    value: "FILE",
    help: "the page, a name that ends in .html; an older one is replaced",
  },
};

function help(): string {
  return [
    "Compares runs in one page: scores, curves, settings that differ.",
    "",
    "./denow task report RUN RUN… [flags]",
    "",
    ...describeFlags(FLAGS, DEFAULTS),
    "",
    `RUN is the folder of a run; 2 to ${MAX_RUNS} of them. The report of a single run is its`,
    "report.html.",
  ].join("\n");
}

function parse(args: readonly string[]): Options | "help" {
  const { values, positionals, help } = readFlags(args, FLAGS);
  if (help) return "help";
  const runs = positionals.map((path) => path.replace(/\/+$/, ""));
  if (runs.length < 2 || runs.length > MAX_RUNS) {
    throw new TypeError(
      `Cannot compare ${
        runs.length === 1 ? "one run" : `${runs.length} runs`
      }: name the folders of two to ${MAX_RUNS}, such as runs/A runs/B${
        runs.length === 1 ? `; ${runs[0]}/report.html is the report of one` : ""
      }`,
    );
  }
  const repeated = runs.find((path, i) => runs.indexOf(path) !== i);
  if (repeated !== undefined) {
    throw new TypeError(
      `Cannot compare ${repeated} with itself: name each run once`,
    );
  }
  const { output } = { ...DEFAULTS, ...values };
  checkPageFile(output, { flag: "output", task: "report" });
  return { runs, output };
}

/** Names of the folders; whole paths where two folders have the same name. */
function namesOf(paths: readonly string[]): readonly string[] {
  const names = paths.map((path) => path.slice(path.lastIndexOf("/") + 1));
  return new Set(names).size === names.length ? names : paths;
}

async function report(
  { runs, output }: Options,
  { begin }: Run,
): Promise<void> {
  const names = namesOf(runs);
  const summaries: RunSummary[] = [];
  for (const [i, path] of runs.entries()) {
    summaries.push(await readRun(path, names[i]!));
  }
  begin();
  await writePage(output, await comparisonHtml(summaries));
  console.log(`The comparison is in ${output}`);
}

if (import.meta.main) await runMain({ parse, help }, report);
