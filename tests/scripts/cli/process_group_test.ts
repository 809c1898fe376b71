import { assertEquals } from "@std/assert";
import { ProcessGroup } from "../../../scripts/cli/process_group.ts";
import { Interruption } from "../../../scripts/cli/signals.ts";
import { localCommunicators } from "../../distributed/local_communicators.ts";

/** Two processes that have joined. */
async function pair(): Promise<[ProcessGroup, ProcessGroup]> {
  const { log, warn } = console;
  const { process } = globalThis as unknown as {
    process: { stdout: { write: unknown } };
  };
  const { write } = process.stdout;
  try {
    const first = new ProcessGroup();
    const { startTime } = first;
    while (Date.now() === startTime.getTime()); // they start one after the other
    const second = new ProcessGroup();
    const communicators = localCommunicators(2);
    await Promise.all(
      [first, second].map((group, i) => group.join(() => communicators[i]!)),
    );
    return [first, second];
  } finally { // the second one has silenced them
    Object.assign(console, { log, warn });
    process.stdout.write = write;
  }
}

Deno.test("ProcessGroup.allReduceSum() sums, and passes a signal on to all", async () => {
  const [first, second] = await pair();
  const sum = () =>
    Promise.all([first.allReduceSum([1, 2]), second.allReduceSum([3, 4])]);
  for (const { sums, interruption } of await sum()) {
    assertEquals(sums, [4, 6]);
    assertEquals(interruption, undefined);
  }
  assertEquals(second.interrupt(new Interruption("SIGTERM")), false);
  for (const { sums, interruption } of await sum()) {
    assertEquals(sums, [4, 6]);
    assertEquals(interruption?.exitCode, 143);
  }
});

Deno.test("ProcessGroup.join() takes the start time of the first process", async () => {
  const [first, second] = await pair();
  assertEquals(second.startTime, first.startTime);
});

Deno.test("a ProcessGroup of one process ends at once by a signal", async () => {
  const group = new ProcessGroup();
  assertEquals(group.interrupt(new Interruption("SIGINT")), true);
  assertEquals((await group.allReduceSum([5])).sums, [5]);
});
