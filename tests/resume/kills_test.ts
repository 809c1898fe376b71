import { assertEquals } from "@std/assert";
import { needs } from "../helpers/permissions.ts";
import {
  differences,
  type Interruption,
  referenceOf,
  Runs,
} from "./harness.ts";
import type { MomentEvent } from "./moments.ts";
import {
  BY_EPOCH,
  BY_STEPS,
  GLUE,
  LOOPS,
  resumeFixture,
  type Scenario,
} from "./scenarios.ts";

const at = (
  event: MomentEvent,
  nth: number,
  action: Deno.Signal,
): Interruption => ({ moment: { event, nth, action } });

/** Death at the n-th operation on a path. */
const killedAt = (
  call: "write" | "fsync" | "rename",
  paths: string,
  nth: number,
): Interruption => ({ fault: { paths, call, nth, fault: "SIGKILL" } });

const CASES: readonly [Scenario, readonly Interruption[]][] = [
  [BY_STEPS, [
    at("training batch", 21, "SIGKILL"), // inside of a step
    at("evaluation batch", 8, "SIGTERM"),
    // The name of the checkpoint, after all of its files.
    killedAt("rename", "runs/a/checkpoint-2", 7),
    at("evaluation batch", 5, "SIGKILL"),
    at("removal", 2, "SIGKILL"),
  ]],
  [BY_EPOCH, [
    at("last batch of an epoch", 2, "SIGKILL"),
    at("training batch", 4, "SIGKILL"), // the same epoch again
    at("training batch", 15, "SIGINT"), // the epoch after the one of the resume
    killedAt("write", "metrics.jsonl", 9),
  ]],
  [GLUE, [
    at("training batch", 113, "SIGTERM"), // between two checkpoints
    at("evaluation batch", 5, "SIGTERM"), // of the second split
    killedAt("fsync", "runs/a/checkpoint-60.new.partial/optimizer", 1),
    killedAt("rename", "results.json", 1),
  ]],
  // The accumulation window is open in every other state.
  [LOOPS[0], [
    at("training batch", 40, "SIGKILL"),
    killedAt("write", "state-75.partial/gradients", 3),
  ]],
  [LOOPS[1], [at("training batch", 29, "SIGKILL")]],
  [LOOPS[2], [at("last batch of an epoch", 7, "SIGKILL")]],
  [LOOPS[3], [at("removal", 4, "SIGKILL")]],
];

Deno.test(
  needs(
    "a run that is interrupted and resumed leaves the bytes of one that is not",
    "read",
    "write",
    "run",
  ),
  async (t) => {
    await using fixture = await resumeFixture();
    for (const [scenario, interruptions] of CASES) {
      await t.step(scenario.name, async () => {
        const runs = new Runs(fixture, scenario, scenario.name);
        const [{ snapshot }] = await Promise.all([
          referenceOf(fixture, scenario, `0 ${scenario.name}`),
          runs.interrupted(interruptions),
        ]);
        assertEquals(differences(runs.snapshot(), snapshot), "", runs.log);
        assertEquals(runs.interruptions, interruptions.length, runs.log);
      });
    }
  },
);
