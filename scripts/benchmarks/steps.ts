/**
 * Timing of training steps for `bench.ts`.
 *
 * @module
 */
import type { Device, Tensor } from "../../mod.ts";
import type { BenchOptions } from "./flags.ts";
import { kernelsAndGaps, profileTable } from "./profile.ts";
import { type BenchResult, median, timesOf } from "./result.ts";
import { table } from "../cli/table.ts";

/** Minimum number of losses that are reported. */
const MIN_LOSSES = 6;
/** Longest time between the end of the GPU's work and the arrival of the loss, in ms. */
const MAX_DELAY_MS = 30;
/** Number of profiled steps. */
const PROFILED_STEPS = 3;

/**
 * Prepares a step: makes its batch on the host, which is not timed.
 *
 * @param i Number of the step, from 0.
 * @returns A function that records the step and returns its loss.
 */
export type PrepareStep = (i: number) => () => Tensor;

/** Measurements of a step. */
interface StepTimes {
  loss: number;
  /** Time until the GPU is done. */
  ms: number;
  /** Time on the host: from forward to the return of submit. */
  hostMs: number;
  dispatches: number;
  submits: number;
}

/**
 * Times steps one by one, each until the GPU is done. The delay until its loss
 * arrives on the host is not counted: a training loop reads many losses at once.
 * Nor is the choice of tiles, which a step waits for.
 *
 * @param device The device.
 * @param prepare Prepares a step.
 * @param options Number of steps, and whether to profile additional ones.
 * @param signal Ends the run after the current step.
 * @returns Times and losses.
 */
export async function benchSteps(
  device: Device,
  prepare: PrepareStep,
  { warmup, steps, profile }: BenchOptions,
  signal: AbortSignal,
): Promise<BenchResult> {
  const all: StepTimes[] = [];
  const count = Math.max(MIN_LOSSES, warmup + steps);
  for (let i = 0; i < count; i++) {
    all.push(await timeStep(device, prepare(i)));
    await device.tuning.settled;
    signal.throwIfAborted();
  }
  const timed = all.slice(warmup, warmup + steps);
  const medianOf = (key: keyof StepTimes) =>
    median(timed.map((step) => step[key]));
  const fields = {
    ...timesOf(timed.map(({ ms }) => ms)),
    losses: all.map(({ loss }) => loss),
    hostMs: medianOf("hostMs"),
    firstStepMs: all[0]!.ms,
    dispatchesPerStep: medianOf("dispatches"),
    submitsPerStep: medianOf("submits"),
    peakBytes: device.memory.peakBytes,
  };
  const tables = [table(["", "step"], [
    ["median ms", fields.medianMs],
    ["minimum ms", fields.minMs],
    ["maximum ms", fields.maxMs],
    ["median ms on the host", fields.hostMs],
    ["first step, ms", fields.firstStepMs],
    ["dispatches", fields.dispatchesPerStep],
    ["submits", fields.submitsPerStep],
    ["peak MB on the device", fields.peakBytes / 1e6],
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
  const kernels = kernelsAndGaps(profiles);
  tables.push(profileTable(kernels));
  return { tables, fields: { ...fields, profile: kernels } };
}

async function timeStep(
  device: Device,
  record: () => Tensor,
): Promise<StepTimes> {
  const before = device.counters;
  const start = performance.now();
  using _step = device.scope();
  const result = record();
  const recorded = performance.now();
  device.submit();
  const submitted = performance.now();
  const { dispatches, submits } = device.counters;
  // Deno waits for the GPU before it returns the promise of a read, and resolves
  // the promise 10 ms later.
  const arriving = result.item();
  const returned = performance.now();
  const loss = await arriving;
  const arrived = performance.now();
  // Now and then it returns the promise at once, which then waits itself.
  const isEarly = arrived - returned > MAX_DELAY_MS;
  return {
    loss,
    ms: (isEarly ? arrived : returned) - start,
    // A software adapter computes inside submit.
    hostMs: (device.isSoftware ? recorded : submitted) - start,
    dispatches: dispatches - before.dispatches,
    submits: submits - before.submits,
  };
}
