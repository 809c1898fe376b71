import type { TrainFixture } from "../scripts/train_fixture.ts";
import { checkLeft, faultReference } from "./faults.ts";
import { differences, Runs } from "./harness.ts";
import { FILLING } from "./scenarios.ts";

/** A small file system in memory. */
interface Disk {
  readonly name: string;
  readonly size: string;
  /** Exit code of a run on it. */
  readonly code: number;
  /** Whether it becomes read-only in the middle. */
  readonly isRemounted?: boolean;
}

const DISKS: readonly Disk[] = [
  { name: "no room for a checkpoint", size: "64k", code: 2 },
  { name: "room for one checkpoint", size: "100k", code: 1 },
  { name: "full in the middle", size: "3m", code: 0 },
  { name: "read-only in the middle", size: "9m", code: 0, isRemounted: true },
];

/** Runs a line of the shell: this process may run Deno alone. */
async function shell(line: string): Promise<boolean> {
  const program = `const { code } = new Deno.Command("sh", {
    args: ["-c", Deno.args[0]],
  }).outputSync();
  Deno.exit(code);`;
  const args = ["eval", program, line];
  return (await new Deno.Command("deno", { args }).output()).success;
}

/**
 * Trains on small file systems, makes room, and goes on where the run has not ended.
 *
 * @returns For each of them what was left, and what is wrong; none if the system does not let this process mount.
 */
export async function checkDisks(
  fixture: TrainFixture,
): Promise<{ name: string; problems: string }[]> {
  const outcomes: { name: string; problems: string }[] = [];
  const reference = await faultReference(fixture, FILLING);
  for (const { name, size, code, isRemounted } of DISKS) {
    const runs = new Runs(fixture, FILLING, name);
    const path = `${runs.path}/runs`;
    if (!await shell(`mount -t tmpfs -o size=${size} tmpfs '${path}'`)) break;
    try {
      const action = ["mount", "-o", "remount,ro", path];
      const outcome = await runs.process({
        ...isRemounted && {
          interruption: {
            moment: { event: "training batch", nth: 61, action },
          },
        },
      });
      const left = runs.snapshot();
      const problems = checkLeft(left, outcome, reference);
      if (outcome.code !== code) problems.push(`code ${outcome.code}`);
      await shell(`mount -o remount,rw,size=9m '${path}'`);
      if (runs.has("config.json") && !runs.has("results.json")) {
        const { code, stderr } = await runs.process({ isResumed: true });
        if (code !== 0) problems.push(`resumed: code ${code}\n${stderr}`);
        problems.push(differences(runs.snapshot(), reference.expected));
      }
      const text = problems.filter((problem) => problem !== "").join("\n");
      outcomes.push({
        name: `disk with ${name}: code ${outcome.code}, left ${
          summaryOf(left)
        }`,
        problems: text && `${text}\n${outcome.stderr}`,
      });
    } finally {
      await shell(`umount '${path}'`);
    }
  }
  return outcomes;
}

function summaryOf(left: ReadonlyMap<string, unknown>): string {
  const names = [...left.keys()]
    .map((path) => path.replace(/^a\//, "").replace(/\/.*/, ""));
  const others = names.filter((name) => !/^checkpoint-\d+$/.test(name));
  const checkpoints = new Set(names).size - new Set(others).size;
  return [...new Set(others), `${checkpoints} checkpoints`].join(", ");
}
