/**
 * The case `dispatch` of `bench.ts`: the marginal cost of a dispatch and of a
 * submit, as the slope between few of them and many.
 *
 * @module
 */
import { type Device, Kernel, Tensor } from "../../mod.ts";
import type { BenchOptions } from "./flags.ts";
import { kernelsAndGaps, profileTable } from "./profile.ts";
import { type BenchResult, timesOf } from "./result.ts";
import { table } from "../cli/table.ts";

const FEW = 50;
const MANY = 1050;
const SUBMITS = 200;
/** Attempts at a slope that is not lost in the noise of a busy machine. */
const ATTEMPTS = 20;
/** Elements of the kernel: one workgroup. */
const SIZE = 64;

const kernel = new Kernel(
  "one_more",
  `
struct Params {
  addend: f32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>; // [${SIZE}]
@group(0) @binding(1) var<storage, read_write> y: array<f32>; // [${SIZE}]
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(${SIZE})
fn main(@builtin(local_invocation_index) i: u32) {
  y[i] = x[i] + params.addend;
}
`,
);

/**
 * Times dispatches and submits.
 *
 * @param device The device.
 * @param options Number of repeats, and whether to profile.
 * @param signal Ends the run after the current repeat.
 * @returns Times per dispatch and per submit.
 */
export async function benchDispatch(
  device: Device,
  { warmup, steps, profile }: BenchOptions,
  signal: AbortSignal,
): Promise<BenchResult> {
  using _scope = device.scope();
  const [x, y] = [new Tensor(device, [SIZE]), new Tensor(device, [SIZE])];
  const dispatch = (times: number) => {
    for (let i = 0; i < times; i++) {
      device.dispatch(kernel, [x, y], { addend: 1 }, 1);
    }
  };
  /** Time on the host, and time until the GPU is done. */
  const time = async (work: () => void): Promise<[number, number]> => {
    const start = performance.now();
    work();
    device.submit(); // encodes what was recorded
    const recorded = performance.now() - start;
    // Deno waits for the GPU before it returns the promise of a read.
    const arriving = device.read(y);
    const drained = performance.now() - start;
    await arriving;
    return [recorded, drained];
  };
  const dispatchMs: number[] = [];
  const hostMs: number[] = [];
  const submitMs: number[] = [];
  const submitEach = () => {
    for (let i = 0; i < SUBMITS; i++) {
      dispatch(1);
      device.submit();
    }
  };
  for (let i = 0; i < warmup + steps; i++) {
    const [host, drained] = await marginalMs(
      () => time(() => dispatch(FEW)),
      () => time(() => dispatch(MANY)),
      MANY - FEW,
    );
    const [submit] = await marginalMs(
      async () => [(await time(() => dispatch(SUBMITS)))[1]],
      async () => [(await time(submitEach))[1]],
      SUBMITS,
    );
    signal.throwIfAborted();
    if (i < warmup) continue;
    hostMs.push(host!);
    dispatchMs.push(drained!);
    submitMs.push(submit!);
  }
  const [submit, host] = [timesOf(submitMs), timesOf(hostMs)];
  const fields = { ...timesOf(dispatchMs), losses: [], submit, host };
  const row = (name: string, { medianMs, minMs, maxMs }: typeof submit) => [
    name,
    1e3 * medianMs,
    1e3 * minMs,
    1e3 * maxMs,
  ];
  const tables = [
    table(["", "median µs", "minimum", "maximum"], [
      row("one more dispatch", fields),
      row("host part of it", host),
      row("one more submit", submit),
    ]),
  ];
  if (!profile) return { tables, fields };
  const runs = await device.profile(() => dispatch(MANY));
  const kernels = kernelsAndGaps([runs]);
  return {
    tables: [...tables, profileTable(kernels)],
    fields: { ...fields, profile: kernels },
  };
}

/**
 * Estimates what one more unit of work costs, as the slope between two amounts of
 * it. What else runs on the machine may make the smaller amount the slower one:
 * then both are timed again.
 *
 * @param few Times the smaller amount; one or more times in ms.
 * @param many Times the larger amount, likewise.
 * @param difference Units between the two amounts.
 * @returns Each time for one unit, in ms, above 0.
 * @throws {Error} If the machine is too busy.
 */
export async function marginalMs(
  few: () => Promise<readonly number[]>,
  many: () => Promise<readonly number[]>,
  difference: number,
): Promise<number[]> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const [less, more] = [await few(), await many()];
    const slopes = more.map((ms, i) => (ms - less[i]!) / difference);
    if (slopes.every((slope) => slope > 0)) return slopes;
  }
  throw new Error(
    "Cannot time single dispatches: the machine is too busy; end other programs and try again",
  );
}
