// deno-lint-ignore-file no-console
import type { FileOutcome } from "./file_run.ts";
import type { TestResult } from "./registry.ts";

/** Number of the slowest tests that the summary names. */
const SLOWEST = 10;

/** Counts over all files. */
export class Summary {
  passed = 0;
  failed = 0;
  steps = 0;
  adapter = "";
  /** Number of ignored tests by reason. */
  readonly ignored: Record<string, number> = {};
  readonly tolerances: Record<string, number> = {};
  readonly warnings = new Set<string>();
  readonly shaders = new Set<string>();
  readonly #started = performance.now();
  readonly #failures: string[] = [];
  readonly #times: { test: string; ms: number }[] = [];

  /** Adds the results of a file. */
  add({ file, adapter, results, tolerances, shaders }: FileOutcome): void {
    if (adapter) this.adapter = adapter;
    for (const { name, status, ms, steps, errors } of results) {
      const test = `${file}: ${name}`;
      this.steps += steps;
      this.#times.push({ test, ms: Math.round(ms) });
      if (status === "passed") this.passed++;
      else if (status === "failed") {
        this.failed++;
        this.#failures.push(`${test}\n${plain(errors.join("\n"))}`);
      } else {
        const reason = reasonOf(name);
        this.ignored[reason] = (this.ignored[reason] ?? 0) + 1;
      }
    }
    for (const [name, used] of Object.entries(tolerances)) {
      this.tolerances[name] = Math.max(used, this.tolerances[name] ?? 0);
    }
    shaders.digests.forEach((digest) => this.shaders.add(digest));
    shaders.warnings.forEach((warning) => this.warnings.add(warning));
  }

  get failures(): readonly string[] {
    return this.#failures;
  }

  get slowest(): readonly { test: string; ms: number }[] {
    return this.#times.toSorted((a, b) => b.ms - a.ms).slice(0, SLOWEST);
  }

  get ms(): number {
    return Math.round(performance.now() - this.#started);
  }
}

/** The reason at the end of the name of an ignored test, as `needs()` writes it. */
function reasonOf(name: string): string {
  return /\((needs [^)]*)\)$/.exec(name)?.[1] ?? "the test's own condition";
}

/** Text without colours, which assertions use where they see no NO_COLOR. */
function plain(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replace(/\x1b\[\d+m/g, "");
}

/** Prints the tests of a file. */
export function printFile({ file, results }: FileOutcome): void {
  console.log(`running ${results.length} tests in ${file}`);
  for (const result of results) console.log(line(result));
}

function line({ name, status, ms, errors }: TestResult): string {
  if (status === "ignored") return `${name} ... ignored`;
  const time = `(${Math.round(ms)}ms)`;
  return status === "passed"
    ? `${name} ... ok ${time}`
    : `${name} ... FAILED ${time}\n${plain(errors[0]!).split("\n")[0]}`;
}

/** Prints what failed, the counts, and the line of JSON. */
export function printSummary(summary: Summary, browser: string): void {
  const { passed, failed, steps, ignored, ms, warnings } = summary;
  for (const failure of summary.failures) console.log(`\n${failure}`);
  for (const warning of warnings) console.log(`\nshader ${warning}`);
  const count = Object.values(ignored).reduce((sum, n) => sum + n, 0);
  console.log(
    `\n${
      failed === 0 ? "ok" : "FAILED"
    } | ${passed} passed (${steps} steps) | ${failed} failed | ${count} ignored (${
      Math.round(ms / 1000)
    }s)\n`,
  );
  console.log(JSON.stringify({
    browser,
    adapter: summary.adapter,
    passed,
    failed,
    ignored,
    seconds: Math.round(ms / 1000),
    shaders: summary.shaders.size,
    shaderWarnings: warnings.size,
    tolerances: Object.fromEntries(
      Object.entries(summary.tolerances)
        .map(([name, used]) => [name, Number(used.toFixed(2))]),
    ),
    slowest: summary.slowest,
  }));
}
