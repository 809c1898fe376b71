import type { FaultOptions } from "../helpers/faulty_files.ts";
import type { TrainFixture } from "../scripts/train_fixture.ts";
import {
  differences,
  isSame,
  type Outcome,
  referenceOf,
  type Runs,
  type Snapshot,
} from "./harness.ts";
import type { Scenario } from "./scenarios.ts";

/** What a run with faults is compared with. */
export interface FaultReference {
  /** The run without faults. */
  readonly expected: Snapshot;
  /** The same, with every checkpoint that was saved. */
  readonly all: Snapshot;
  /** Its file operations. */
  readonly operations: readonly string[];
  /** Steps of the model at the end: the best one, and the last one. */
  readonly modelSteps: readonly number[];
}

const FOLDER = "a/";
const MODEL = `${FOLDER}model/model.safetensors`;
const RESULTS = `${FOLDER}results.json`;
const TEMPORARY = /\.(partial|new)(\/|$)/;

/** Runs a scenario without faults. */
export async function faultReference(
  fixture: TrainFixture,
  scenario: Scenario,
): Promise<FaultReference> {
  const { name } = scenario;
  const { snapshot: expected, report } = await referenceOf(
    fixture,
    scenario,
    `0 ${name}`,
  );
  const { snapshot } = await referenceOf(
    fixture,
    scenario,
    `0 ${name}, every checkpoint`,
    ["--save-total-limit", "100"],
  );
  const all = new Map([...snapshot, ...expected]); // config.json without the limit
  const results = new TextDecoder().decode(all.get(RESULTS));
  const { best, steps } = JSON.parse(results);
  const modelSteps = [best.step, steps];
  return { expected, all, operations: report.operations, modelSteps };
}

/** Numbers of the operations that differ in kind or file; of many writes of a file the first, one in the middle, and the last. */
export function faultyOperations(operations: readonly string[]): number[] {
  const numbers: number[] = [];
  for (let start = 0; start < operations.length;) {
    let end = start + 1;
    while (operations[end] === operations[start]) end++;
    numbers.push(...new Set([start + 1, (start + 1 + end) >> 1, end]));
    start = end;
  }
  return numbers;
}

/**
 * Runs a scenario with a fault, and checks its exit code and everything that
 * is left; then lets it go on without faults, unless it has ended.
 *
 * @returns What is wrong, one problem a line; empty if nothing is.
 */
export async function checkFault(
  runs: Runs,
  fault: FaultOptions,
  reference: FaultReference,
): Promise<string> {
  const { expected } = reference;
  const outcome = await runs.process({ interruption: { fault } });
  const { code, stderr } = outcome;
  const problems = checkLeft(runs.snapshot(), outcome, reference);
  if (!fault.isLasting && code === 0) {
    problems.push(differences(...afterTransient(runs, reference)));
  }
  if (runs.has("config.json") && !runs.has("results.json")) {
    const { code, stderr } = await runs.process({ isResumed: true });
    if (code !== 0) problems.push(`resumed: code ${code}\n${stderr}`);
    const resumed = [...runs.snapshot()]
      .filter(([path]) => path.startsWith(FOLDER));
    problems.push(differences(new Map(resumed), expected));
  }
  const text = problems.filter((problem) => problem !== "").join("\n");
  return text && `${text}\n${stderr}`;
}

/** Checks what a run has left, whatever could not be saved: nothing is torn, and the exit code is right. */
export function checkLeft(
  left: Snapshot,
  { code, stdout }: Outcome,
  { all, modelSteps }: FaultReference,
): string[] {
  const problems: string[] = [];
  if (code === 2) {
    // It ended before its first step, and at most its settings could not be removed.
    const rest = [...left.keys()].filter((path) => !TEMPORARY.test(path));
    if (rest.some((path) => path !== `${FOLDER}config.json`)) {
      problems.push(`code 2, but ${rest} are left`);
    }
    return problems;
  }
  const weights = modelSteps
    .map((step) => `${FOLDER}checkpoint-${step}/model.safetensors`);
  const paths = new Set([...left.keys()].map(inRun));
  const isSaved = [MODEL, ...weights].some((path) => paths.has(path));
  if (code !== Number(!isSaved)) {
    problems.push(`code ${code}, and is the model saved: ${isSaved}`);
  }
  const folders = new Set<string>();
  for (const [name, bytes] of left) {
    if (TEMPORARY.test(name)) continue;
    const path = inRun(name);
    const [folder] = /^a\/(checkpoint-\d+|model)\//.exec(path) ?? [];
    if (folder) folders.add(folder);
    const whole = path === MODEL
      ? weights.map((path) => all.get(path)!)
      : [all.get(path) ?? new Uint8Array()];
    // Of the logs, lines and records at the end may be missing.
    const isText = path === `${FOLDER}metrics.jsonl`;
    const isLog = isText || path.startsWith(`${FOLDER}tensorboard/`);
    const kept = isText
      ? bytes.subarray(0, bytes.lastIndexOf("\n".charCodeAt(0)) + 1)
      : bytes;
    // The report and the card tell of the run as far as it could be saved.
    const isSummary = /\/(report\.html|model\/README\.md)$/.test(path);
    const isRight = whole.some((bytes) =>
      isSummary
        ? hasEndsOf(bytes, kept)
        : isSame(kept, isLog ? bytes.subarray(0, kept.length) : bytes)
    );
    if (!isRight) problems.push(`${name} has another content`);
  }
  for (const path of all.keys()) {
    const isIncomplete = [...folders].some((folder) => path.startsWith(folder));
    if (isIncomplete && !paths.has(path)) problems.push(`${path} is missing`);
  }
  const isPrinted = stdout.includes('"samplesPerSecond"');
  if (code === 0 && !left.has(RESULTS) && !isPrinted) {
    problems.push("the results are nowhere");
  }
  return problems;
}

/** Whether a text has the first and the last line of another, so that it is not torn. */
function hasEndsOf(expected: Uint8Array, actual: Uint8Array): boolean {
  const [a, b] = [actual, expected].map((bytes) =>
    new TextDecoder().decode(bytes).trimEnd().split("\n")
  );
  return a![0] === b![0] && a!.at(-1) === b!.at(-1);
}

/**
 * What is left after a transient fault, and what is expected: the model may lie
 * beside the folder, a removal may have failed, and the results may be printed only.
 */
function afterTransient(
  runs: Runs,
  { expected, all }: FaultReference,
): [Snapshot, Snapshot] {
  const left = [...runs.snapshot()]
    .map(([path, bytes]) => [inRun(path), bytes] as const)
    .filter(([path]) => expected.has(path) || !all.has(path));
  const same = [...expected]
    .filter(([path]) => path !== RESULTS || runs.has("results.json"));
  return [new Map(left), new Map(same)];
}

/** The path in the folder of the run of a file of the model beside it. */
function inRun(path: string): string {
  return path.replace(/^a-model\//, `${FOLDER}model/`);
}
