import type { TrainFixture } from "../scripts/train_fixture.ts";
import { REPORT, type Report, type Staging, stagingFlags } from "./moments.ts";
import { RUN, type Scenario } from "./scenarios.ts";

/** An interruption of one process: by itself, or by a signal from outside. */
export type Interruption =
  | Staging
  | { readonly signal: Deno.Signal; readonly afterMs: number };

/** The outcome of a process. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Options of a process. */
export interface ProcessOptions {
  readonly interruption?: Interruption;
  /** Whether it goes on, instead of starting a run. */
  readonly isResumed?: boolean;
  /** Further arguments. */
  readonly more?: readonly string[];
  /** A line of the shell with `RUN` in place of the process. */
  readonly shell?: string;
}

/** All files of a run, by path, without the times in them. */
export type Snapshot = ReadonlyMap<string, Uint8Array>;

const EXIT_CODES: Partial<Record<Deno.Signal, number>> = {
  SIGKILL: 137,
  SIGTERM: 143,
  SIGINT: 130,
};

/** Runs of a scenario in one working folder. */
export class Runs {
  readonly scenario: Scenario;
  /** The working folder. */
  readonly path: string;
  /** Processes that were interrupted. */
  interruptions = 0;
  readonly #log: string[] = [];

  /** Takes a folder below that of the fixture; it must not exist. */
  constructor(fixture: TrainFixture, scenario: Scenario, name: string) {
    this.scenario = scenario;
    this.path = `${fixture.path}/${name}`;
    Deno.mkdirSync(`${this.path}/runs`, { recursive: true });
  }

  /** Processes so far, for messages. */
  get log(): string {
    return this.#log.join("\n");
  }

  /** Path of the folder of the run. */
  get folder(): string {
    return `${this.path}/${RUN}`;
  }

  /** Whether the run has a file; a regular expression finds one of several. */
  has(name: string | RegExp): boolean {
    try {
      const names = [...Deno.readDirSync(this.folder)].map(({ name }) => name);
      return names.some((found) =>
        typeof name === "string" ? found === name : name.test(found)
      );
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return false;
      throw error;
    }
  }

  /** Runs a process to its end. */
  async process(options: ProcessOptions = {}): Promise<Outcome> {
    const { interruption = {}, isResumed = false, shell } = options;
    const { permissions, script, args, resumeArgs } = this.scenario;
    const staging = "signal" in interruption ? undefined : interruption;
    const command = [
      ...["run", "--no-check", "--no-prompt", ...permissions],
      ...(staging && Object.keys(staging).length ? stagingFlags(staging) : []),
      ...[script, ...isResumed ? resumeArgs : args, ...options.more ?? []],
    ];
    const child = new Deno.Command("deno", {
      args: shell === undefined ? command : ["eval", inShell(shell, command)],
      cwd: this.path,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    let timer: ReturnType<typeof setTimeout> | undefined;
    if ("signal" in interruption) {
      const { signal, afterMs } = interruption;
      timer = setTimeout(() => child.kill(signal), afterMs);
    }
    const output = await child.output();
    clearTimeout(timer);
    const [stdout, stderr] = [output.stdout, output.stderr]
      .map((bytes) => new TextDecoder().decode(bytes));
    const outcome = { code: output.code, stdout: stdout!, stderr: stderr! };
    const what = JSON.stringify(interruption);
    this.#log.push(
      `${isResumed ? "resumed" : "started"} ${what}: code ${output.code}`,
    );
    return outcome;
  }

  /** Interrupts one process after the other, and then lets the run come to its end. */
  async interrupted(interruptions: readonly Interruption[]): Promise<void> {
    const { started, ended, command } = this.scenario;
    for (const interruption of [...interruptions, undefined]) {
      const isResumed = this.has(started);
      const { code, stderr } = await this.process({
        ...interruption && { interruption },
        isResumed,
      });
      if (code === 0) break;
      const expected = interruption && exitCode(interruption);
      if (code !== expected || !interruption) {
        throw new Error(`Exit code ${code}\n${stderr}\n${this.log}`);
      }
      this.interruptions++;
      const isOver = this.has(ended);
      if (command && code !== EXIT_CODES.SIGKILL) {
        const isSaid = stderr.includes(`Continue with: ${command}\n`);
        const canGoOn = !isOver && this.has(started);
        // Before its first batch a process ends at once, without a word.
        const mustSay = canGoOn && "moment" in interruption &&
          interruption.moment?.event !== "removal";
        if (isSaid ? !canGoOn : mustSay) {
          const problem = isSaid ? "is there" : "is missing";
          throw new Error(`"Continue with" ${problem}\n${stderr}\n${this.log}`);
        }
      }
      if (isOver) break;
    }
    if (!this.has(ended)) throw new Error(`No ${ended}\n${this.log}`);
  }

  /** Reads all files of the run and those beside it. */
  snapshot(): Snapshot {
    return snapshotOf(`${this.path}/runs`);
  }
}

/** Runs a scenario without an interruption, and counts what happens in it. */
export async function referenceOf(
  fixture: TrainFixture,
  scenario: Scenario,
  name: string,
  more: readonly string[] = [],
): Promise<{ runs: Runs; snapshot: Snapshot; report: Report; ms: number }> {
  const runs = new Runs(fixture, scenario, name);
  const start = performance.now();
  const interruption = { reported: "runs/" };
  const { code, stderr } = await runs.process({ interruption, more });
  const ms = performance.now() - start;
  const line = stderr.split("\n").find((line) => line.startsWith(REPORT));
  if (code !== 0 || !line) {
    throw new Error(`${scenario.name}: exit code ${code}\n${stderr}`);
  }
  const report = JSON.parse(line.slice(REPORT.length));
  return { runs, snapshot: runs.snapshot(), report, ms };
}

/**
 * Compares two runs.
 *
 * @returns The differences, one a line; empty if there are none.
 */
export function differences(actual: Snapshot, expected: Snapshot): string {
  const lines: string[] = [];
  for (const path of new Set([...expected.keys(), ...actual.keys()])) {
    const [a, b] = [actual.get(path), expected.get(path)];
    if (!a) lines.push(`${path} is missing`);
    else if (!b) lines.push(`${path} is there`);
    else if (!isSame(a, b)) lines.push(`${path} differs${firstLine(a, b)}`);
  }
  return lines.join("\n");
}

/** Whether bytes are the same. */
export function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

function firstLine(a: Uint8Array, b: Uint8Array): string {
  const [first, second] = [a, b].map((bytes) =>
    new TextDecoder().decode(bytes).split("\n")
  );
  if (a.includes(0)) return "";
  const at = second!.findIndex((line, i) => line !== first![i]);
  return ` at line ${at + 1}: ${first![at]}, expected ${second![at]}`;
}

function snapshotOf(
  folder: string,
  prefix = "",
  files = new Map<string, Uint8Array>(),
): Map<string, Uint8Array> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = `${prefix}${name}`;
    if (isDirectory) snapshotOf(`${folder}/${name}`, `${path}/`, files);
    else files.set(path, withoutTimes(name, `${folder}/${name}`));
  }
  return files;
}

/** Fields of times; the last two are in `results.json`. */
const TIMES =
  /,?\s*"(\w*(Seconds|PerSecond)|seconds)": ?[\d.e+-]+|,?\s*"tuning": \{[^}]*\}/g;

function withoutTimes(name: string, path: string): Uint8Array {
  const bytes = Deno.readFileSync(path);
  if (name.startsWith("events.out.tfevents")) return withoutWallTimes(bytes);
  if (!/^(metrics\.jsonl|results\.json|config\.json)$/.test(name)) return bytes;
  const text = new TextDecoder().decode(bytes).replaceAll(TIMES, "");
  return new TextEncoder().encode(text);
}

/** Bytes of a record of TensorBoard: length and its checksum, tag and wall time, checksum of the record. */
const RECORD = { length: 8, lengthCrc: 4, tag: 1, time: 8, crc: 4 };

function withoutWallTimes(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer);
  const head = RECORD.length + RECORD.lengthCrc;
  let start = 0;
  while (start < bytes.length) {
    if (start + head > bytes.length) break;
    const end = start + head + Number(view.getBigUint64(start, true));
    if (end + RECORD.crc > bytes.length) break; // the rest is torn
    const time = start + head + RECORD.tag;
    bytes.fill(0, time, time + RECORD.time);
    bytes.fill(0, end, end + RECORD.crc);
    start = end + RECORD.crc;
  }
  return bytes.subarray(0, start);
}

/** The exit code of a process that was interrupted. */
function exitCode(interruption: Interruption): number | undefined {
  if ("signal" in interruption) return EXIT_CODES[interruption.signal];
  const { moment, fault } = interruption;
  if (fault) return fault.fault === "SIGKILL" ? 137 : undefined;
  return EXIT_CODES[moment?.action as Deno.Signal];
}

/** A program that runs a line of the shell: tests may run Deno alone. */
function inShell(line: string, command: readonly string[]): string {
  const args = ["-c", line.replace("RUN", '"$0" "$@"'), "deno", ...command];
  return `const { code } = await new Deno.Command("sh", {
    args: ${JSON.stringify(args)},
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn().status;
  Deno.exit(code);`;
}
