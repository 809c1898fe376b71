/**
 * Peak rate of multiply-adds of an adapter, without memory access: the reference
 * of the matrix products.
 *
 * @module
 */
import { type Device, Kernel, Tensor } from "../../mod.ts";

/** Independent accumulators of a thread: they fit 16 registers with the two factors, and hide the latency of a multiply-add. */
const ACCUMULATORS = 10;
/** Multiply-adds per accumulator and iteration, so that the loop overhead is negligible. */
const UNROLL = 16;
/** Enough to fill every GPU. */
const WORKGROUPS = 4096;
const WORKGROUP_SIZE = 64;
/** Minimum time of a run, so that its start and end are negligible. */
const MIN_MS = 20;
const RUNS = 15;
const MIN_ROUNDS = 4;

const each = (text: (i: number) => string) =>
  Array.from({ length: ACCUMULATORS }, (_, i) => text(i));

const kernel = new Kernel(
  "peak",
  `
struct Params {
  factor: f32,
  addend: f32,
  rounds: u32,
}

@group(0) @binding(0) var<storage, read_write> y: array<f32>; // one element per thread
@group(0) @binding(1) var<uniform> params: Params;

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let factor = params.factor;
  let addend = params.addend;
  let rounds = params.rounds;
${each((i) => `  var a${i} = f32(id.x + ${i}u);`).join("\n")}
  for (var round = 0u; round < rounds; round++) {
${
    Array(UNROLL).fill(
      each((i) => `    a${i} = fma(a${i}, factor, addend);`).join("\n"),
    ).join("\n")
  }
  }
  y[id.x] = ${each((i) => `a${i}`).join(" + ")};
}
`,
);

/**
 * Measures the peak rate: the best of several runs.
 *
 * @param device The device.
 * @returns GFLOP/s; a multiply-add counts as two operations.
 */
export async function peakGflops(device: Device): Promise<number> {
  using _scope = device.scope();
  const y = new Tensor(device, [WORKGROUPS * WORKGROUP_SIZE]);
  const time = async (rounds: number, times: number) => {
    const runs = await device.profile(() => {
      for (let i = 0; i < times; i++) {
        device.dispatch(
          kernel,
          [y],
          { factor: 0.5, addend: 0.5, rounds },
          WORKGROUPS,
        );
      }
    });
    return Math.min(...runs.map(({ ms }) => ms));
  };
  // x ← 0.5 x + 0.5 converges to exactly 1 from any start in so many iterations.
  let rounds = MIN_ROUNDS;
  while (await time(rounds, 2) < MIN_MS) rounds *= 2;
  const ms = await time(rounds, RUNS);
  const [sum] = await y.toArray();
  if (sum !== ACCUMULATORS) {
    throw new Error(
      `The kernel "peak" computed ${sum} instead of ${ACCUMULATORS}: the driver of ${device.description} is wrong`,
    );
  }
  const flop = 2 * y.size * ACCUMULATORS * UNROLL * rounds;
  return flop / ms / 1e6;
}

/**
 * Formats the peaks of an adapter.
 *
 * @param gflops Multiply-adds without memory access, in GFLOP/s.
 * @param copyGBs Reads and writes of a copy, in GB/s.
 * @returns A line.
 */
export function peaksLine(gflops: number, copyGBs: number): string {
  const text = (value: number) => `${Number(value.toPrecision(4))}`;
  return `Peaks: ${text(gflops)} GFLOP/s of multiply-adds in registers, ${
    text(copyGBs)
  } GB/s of a copy`;
}
