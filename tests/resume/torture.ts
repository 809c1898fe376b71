/**
 * Interrupts and disturbs training runs in every way for as long as it is asked to:
 *
 *     deno task torture --kills 200 --seed 1
 *
 * Each run must end as if nothing had happened. The folder of a run that does not
 * is kept.
 */
// deno-lint-ignore-file no-console
import { Random } from "../../lib/random.ts";
import { readFlags } from "../../scripts/cli/flag_table.ts";
import { checkDisks } from "./disks.ts";
import { checkFault, faultReference, faultyOperations } from "./faults.ts";
import { differences, referenceOf, Runs } from "./harness.ts";
import { drawInterruptions } from "./interruptions.ts";
import {
  PRETRAIN,
  resumeFixture,
  type Scenario,
  SCENARIOS,
  SHORT,
} from "./scenarios.ts";

const { values } = readFlags(Deno.args, {
  kills: { value: "N", min: 1, help: "interruptions" },
  faults: { value: "N", min: 1, help: "faults, chosen at random" },
  seed: { value: "N", min: 0, help: "seed of everything that is random" },
  jobs: { value: "N", min: 1, help: "cases at a time" },
});
const kills = Number(values.kills ?? 200);
const faults = Number(values.faults ?? Infinity);
const seed = Number(values.seed ?? 1);
const jobs = Number(values.jobs ?? 2);

const INTERRUPTIONS_PER_RUN = 5;

const fixture = await resumeFixture();
let failures = 0;

/** Reports a case, and removes its folder unless something is wrong. */
async function report(
  runs: Runs | undefined,
  name: string,
  problems: string,
): Promise<void> {
  if (problems === "") {
    console.log(`ok    ${name}`);
    if (runs) await Deno.remove(runs.path, { recursive: true });
    return;
  }
  failures++;
  console.log(`FAIL  ${name}${runs ? `, kept in ${runs.path}` : ""}`);
  console.log(
    [problems, runs?.log ?? ""].join("\n").replaceAll(/^/gm, "      "),
  );
}

/** Works off a list of cases, several at a time. */
async function inParallel<T>(
  cases: Iterable<T>,
  work: (value: T) => Promise<void>,
): Promise<void> {
  const iterator = cases[Symbol.iterator]();
  const worker = async () => {
    for (let next; !(next = iterator.next()).done;) await work(next.value);
  };
  await Promise.all(Array.from({ length: jobs }, worker));
}

const scenarios = [...SCENARIOS, PRETRAIN];
const references = new Map<string, ReturnType<typeof referenceOf>>();
function referenceFor(scenario: Scenario): ReturnType<typeof referenceOf> {
  const { name } = scenario;
  const known = references.get(name) ??
    referenceOf(fixture, scenario, `0 ${name}`);
  references.set(name, known);
  return known;
}

let interruptions = 0;
function* cases() {
  for (let i = 0; interruptions < kills; i++) yield i;
}
await inParallel(cases(), async (i) => {
  const scenario = scenarios[i % scenarios.length]!;
  const { name, command } = scenario;
  const reference = await referenceFor(scenario);
  const runs = new Runs(fixture, scenario, `${i + 1}`);
  const random = new Random(seed, i);
  let problems: string;
  try {
    await runs.interrupted(
      drawInterruptions(
        random,
        reference,
        INTERRUPTIONS_PER_RUN,
        command !== undefined,
      ),
    );
    problems = differences(runs.snapshot(), reference.snapshot);
  } catch (error) {
    problems = (error as Error).message;
  }
  interruptions += runs.interruptions;
  const label = `${i + 1}: ${name}, ${runs.interruptions} interruptions`;
  await report(runs, label, problems);
});

const reference = await faultReference(fixture, SHORT);
const all = faultyOperations(reference.operations).flatMap((nth) =>
  (["ENOSPC", "EIO"] as const).flatMap((fault) =>
    [false, true].map((isLasting) => ({ nth, fault, isLasting }))
  )
);
const chosen = [...new Random(seed).permutation(all.length)]
  .slice(0, faults)
  .sort((a, b) => a - b)
  .map((i) => all[i]!);
await inParallel(chosen, async (options) => {
  const { nth, fault, isLasting } = options;
  const runs = new Runs(fixture, SHORT, `fault ${nth} ${fault} ${isLasting}`);
  const problems = await checkFault(
    runs,
    { paths: "runs/", ...options },
    reference,
  );
  const operation = reference.operations[nth - 1];
  const kind = isLasting ? "from then on" : "once";
  await report(runs, `${fault} ${kind} at ${nth}: ${operation}`, problems);
});

const disks = await checkDisks(fixture);
if (disks.length === 0) console.log("no permission to mount: disks not tested");
for (const { name, problems } of disks) await report(undefined, name, problems);

console.log(
  `${interruptions} interruptions, ${chosen.length} of ${all.length} faults, ${disks.length} disks: ${failures} failures`,
);
if (failures === 0) await fixture[Symbol.asyncDispose]();
Deno.exit(failures === 0 ? 0 : 1);
