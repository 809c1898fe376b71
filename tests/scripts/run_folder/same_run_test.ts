import { assertEquals, assertRejects } from "@std/assert";
import { type Communicator, SingleProcess } from "../../../mod.ts";
import type { RunConfig } from "../../../scripts/run_folder/config.ts";
import {
  checkSameRun,
  checkSameStep,
} from "../../../scripts/run_folder/same_run.ts";
import { localCommunicators } from "../../distributed/local_communicators.ts";

const CONFIG: RunConfig = {
  flags: { seed: 1 },
  seed: 1,
  outputDir: "runs/a",
  classes: ["a", "b"],
  versions: { gradloop: "1" },
  adapter: "one",
  digests: { model: { "config.json": "12" }, data: { "train.csv": "34" } },
};

/** What the first of two processes does that compare something. */
function compare<T>(
  check: (communicator: Communicator, value: T) => Promise<void>,
  [first, second]: readonly [T, T],
): Promise<void> {
  const [one, other] = localCommunicators(2);
  check(other!, second); // waits for ever if the first one throws
  return check(one!, first);
}

Deno.test("checkSameRun() names the part in which a process differs", async () => {
  const digests = { ...CONFIG.digests, data: { "train.csv": "35" } };
  for (
    const [change, message] of [
      [{ seed: 2 }, "seed of rank 1 is 2, and that of rank 0 is 1"],
      [
        { digests },
        'digests.data.train.csv of rank 1 is "35", and that of rank 0 is "34"',
      ],
      [
        { digests: { ...CONFIG.digests, data: {} } },
        'digests.data.train.csv of rank 1 is missing, and that of rank 0 is "34"',
      ],
      [
        { classes: ["b", "a"] },
        'classes of rank 1 is ["b","a"], and that of rank 0 is ["a","b"]',
      ],
      [{ other: 1 }, "other of rank 1 is 1, and that of rank 0 is missing"],
    ] as const
  ) {
    await assertRejects(
      () => compare(checkSameRun, [CONFIG, { ...CONFIG, ...change }]),
      Error,
      `Cannot train together: ${message}; give all of them the same files, flags and versions`,
    );
  }
});

Deno.test("checkSameRun() lets folders, adapters and the form of flags differ", async () => {
  const change = { outputDir: "runs/b", adapter: "two", flags: {} };
  await compare(checkSameRun, [CONFIG, { ...CONFIG, ...change }]);
  await checkSameRun(new SingleProcess(), CONFIG);
});

Deno.test("checkSameStep() compares the checkpoints of all processes", async () => {
  await compare(checkSameStep, [7, 7]);
  await compare(checkSameStep, [undefined, undefined]);
  const error = await assertRejects(() => compare(checkSameStep, [7, 5]));
  assertEquals(
    (error as Error).message,
    "Cannot train together: rank 1 goes on from checkpoint-5, and rank 0 from checkpoint-7; give all of them the same folder",
  );
});
