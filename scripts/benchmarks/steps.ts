/**
 * Times training steps for `bench.ts`.
 *
 * @module
 */
import type { Device, Tensor } from "../../mod.ts";
import type { BenchOptions } from "./flags.ts";
import { kernelsAndPauses, profileTable } from "./profile.ts";
import { median, type Report, timesOf } from "./report.ts";
import { table } from "../cli/table.ts";

/** Losses that are reported at least, whatever the number of steps. */
const MIN_LOSSES = 6;
/** Steps that are profiled. */
const PROFILED_STEPS = 3;

/**
 * Prepares a step: what it needs on the host is made now, not when it is timed.
 *
 * @param i Which step, from 0.
 * @returns Records the step and returns its loss.
 */
export type PrepareStep = (i: number) => () => Tensor;

/** What is known of one step. */
interface StepClock {
  loss: number;
  /** Until the GPU was done. */
  ms: number;
  /** The host's part: forward to the return of submit. */
  hostMs: number;
  dispatches: number;
  submits: number;
}

/**
 * Runs steps one by one, each until the GPU was done. That its loss arrives on
 * the host later is not counted: a training loop reads many at once.
 *
 * @param device What runs them.
 * @param prepare Prepares a step.
 * @param options How many, and whether to profile some more.
 * @param signal Ends it after the current step.
 * @returns Their times and losses.
 */
export async function benchSteps(
  device: Device,
  prepare: PrepareStep,
  { warmup, steps, profile }: BenchOptions,
  signal: AbortSignal,
): Promise<Report> {
  const clocks: StepClock[] = [];
  const count = Math.max(MIN_LOSSES, warmup + steps);
  for (let i = 0; i < count; i++) {
    clocks.push(await timeStep(device, prepare(i)));
    signal.throwIfAborted();
  }
  const timed = clocks.slice(warmup, warmup + steps);
  const medianOf = (key: keyof StepClock) =>
    median(timed.map((clock) => clock[key]));
  const fields = {
    ...timesOf(timed.map(({ ms }) => ms)),
    losses: clocks.map(({ loss }) => loss),
    hostMs: medianOf("hostMs"),
    firstStepMs: clocks[0]!.ms,
    dispatchesPerStep: medianOf("dispatches"),
    submitsPerStep: medianOf("submits"),
    peakBytes: device.memory.peakBytes,
  };
  const tables = [table(["", "step"], [
    ["median ms", fields.medianMs],
    ["minimum ms", fields.minMs],
    ["maximum ms", fields.maxMs],
    ["median ms of the host", fields.hostMs],
    ["first step, ms", fields.firstStepMs],
    ["dispatches", fields.dispatchesPerStep],
    ["submits", fields.submitsPerStep],
    ["most MB on the device", fields.peakBytes / 1e6],
    ["first loss", fields.losses[0]],
    ["last loss", fields.losses.at(-1)],
  ])];
  if (!profile) return { tables, fields };
  const profiles = [];
  for (let i = count; i < count + PROFILED_STEPS; i++) {
    const record = prepare(i);
    profiles.push(
      await device.profile(() => {
        using _step = device.scope();
        record();
      }),
    );
  }
  const kernels = kernelsAndPauses(profiles);
  tables.push(profileTable(kernels));
  return { tables, fields: { ...fields, profile: kernels } };
}

async function timeStep(
  device: Device,
  record: () => Tensor,
): Promise<StepClock> {
  const before = device.counters;
  const start = performance.now();
  using _step = device.scope();
  const result = record();
  const recorded = performance.now();
  device.submit();
  const submitted = performance.now();
  const { dispatches, submits } = device.counters;
  // Deno waits for the GPU before it returns the promise of a read, and then
  // sleeps for 10 ms before it keeps it.
  const arriving = result.item();
  const ms = performance.now() - start;
  return {
    loss: await arriving,
    ms,
    // A software adapter works inside submit.
    hostMs: (device.isSoftware ? recorded : submitted) - start,
    dispatches: dispatches - before.dispatches,
    submits: submits - before.submits,
  };
}
