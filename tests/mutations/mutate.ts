/**
 * Applies small changes (mutations) and reports those that no test notices.
 *
 *     deno task mutate            # all
 *     deno task mutate softmax    # in files with "softmax" in their path
 *
 * `--allow-read`: the project. `--allow-write=tests/tmp`: copies of it, which
 * are changed. `--allow-run=deno`: the tests. Exits 1 if a mutation survives,
 * that is, if its tests pass.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { ROOT } from "../helpers/permissions.ts";
import { tempFolder } from "../helpers/temp_folder.ts";
import { apply, type Mutation } from "./mutation.ts";
import { MUTATIONS } from "./mutations.ts";

const WORKERS = 2;
/** Limit for a mutation with an endless loop; the slowest tests take two minutes on a busy machine. */
const TIMEOUT_MS = 300_000;
/** Paths that are not copied: `.git`, and those that git ignores. */
const LEFT_OUT = new Set([
  ".git",
  "runs",
  "tests/tmp",
  "data/hub",
  "docs/api",
  "dist",
]);
/** Permissions of `deno task test`, without `./denow`: its tests are not run. */
const PERMISSIONS = [
  "--allow-read=.",
  "--allow-write=tests/tmp",
  "--allow-net=127.0.0.1",
  "--allow-run=deno",
];

async function copy(to: URL, folder = ""): Promise<void> {
  await Deno.mkdir(new URL(folder, to), { recursive: true });
  for await (
    const { name, isDirectory } of Deno.readDir(new URL(folder, ROOT))
  ) {
    const path = folder + name;
    if (LEFT_OUT.has(path)) continue;
    if (isDirectory) await copy(to, `${path}/`);
    else await Deno.copyFile(new URL(path, ROOT), new URL(path, to));
  }
}

interface Outcome {
  readonly passed: boolean;
  readonly output: string;
}

async function test(
  project: URL,
  tests: readonly string[],
  signal?: AbortSignal,
): Promise<Outcome> {
  const { stdout, stderr } = await new Deno.Command("deno", {
    args: ["test", "--no-check", "--fail-fast", ...PERMISSIONS, ...tests],
    cwd: project,
    env: { NO_COLOR: "1" },
    ...signal && { signal },
  }).output();
  const output = [stdout, stderr]
    .map((bytes) => new TextDecoder().decode(bytes)).join("");
  // Not the exit code: a software driver may crash when the process ends.
  return { passed: /^ok \| /m.test(output), output };
}

/** Name and message of the first test that failed. */
function failureIn(output: string): string {
  const [, name = "", message = ""] =
    /^(.*) => .*\n(?:.*\n)*?error: (.*)/m.exec(output) ?? [];
  return `${name}: ${message}`.slice(0, 140);
}

/** Applies one mutation, runs its tests and reverts it; returns whether it survived. */
async function survives(project: URL, mutation: Mutation): Promise<boolean> {
  const { file, from, to, tests } = mutation;
  const url = new URL(file, project);
  const text = await Deno.readTextFile(url);
  await Deno.writeTextFile(url, apply(mutation, text));
  const started = performance.now();
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const { passed, output } = await test(project, tests, signal);
  const seconds = Math.round((performance.now() - started) / 1000);
  await Deno.writeTextFile(url, text);
  const reason = signal.aborted ? "ran out of time" : failureIn(output);
  console.log(
    [
      `${passed ? "SURVIVED" : "killed"}  ${file}  (${seconds} s)`,
      `  ${JSON.stringify(from)}`,
      `  ${JSON.stringify(to)}`,
      ...passed ? [] : [`  ${reason}`],
    ].join("\n"),
  );
  return passed;
}

async function mutate(mutations: readonly Mutation[]): Promise<number> {
  await using folders = new AsyncDisposableStack();
  const projects: URL[] = [];
  for (let i = 0; i < WORKERS; i++) {
    const { url } = folders.use(await tempFolder());
    await copy(url);
    projects.push(url);
  }
  const tests = new Set(mutations.flatMap(({ tests }) => tests));
  console.log(`${tests.size} test files of ${mutations.length} mutations`);
  const { passed, output } = await test(projects[0]!, [...tests]);
  if (!passed) {
    console.error(`error: The tests fail without a mutation\n${output}`);
    return 1;
  }
  const queue = [...mutations];
  let survived = 0;
  await Promise.all(projects.map(async (project) => {
    for (
      let next = queue.shift();
      next !== undefined;
      next = queue.shift()
    ) {
      if (await survives(project, next)) survived++;
    }
  }));
  console.log(
    `${mutations.length} mutations: ${
      mutations.length - survived
    } killed, ${survived} survived`,
  );
  return survived === 0 ? 0 : 1;
}

const [filter = ""] = Deno.args;
const chosen = MUTATIONS.filter(({ file }) => file.includes(filter));
if (chosen.length === 0) {
  console.error(`error: No file with a mutation has "${filter}" in its path`);
  Deno.exitCode = 2;
} else Deno.exitCode = await mutate(chosen);
