/**
 * The most multiply-adds a second that an adapter does where nothing is read:
 * what matrix products are measured against.
 *
 * @module
 */
import { type Device, Kernel, Tensor } from "../../mod.ts";

/** Independent sums of a thread: with the two factors they fit 16 registers, and hide the latency of a multiply-add. */
const ACCUMULATORS = 10;
/** Multiply-adds of each sum in one turn of the loop, so that the loop costs nothing. */
const UNROLL = 16;
/** Enough threads for every GPU. */
const WORKGROUPS = 4096;
const WORKGROUP_SIZE = 64;
/** How long a run has to be, so that its beginning and end do not count. */
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

@group(0) @binding(0) var<storage, read_write> y: array<f32>; // a number a thread
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
 * Measures it: the best of a few runs.
 *
 * @param device Whose.
 * @returns GFLOP/s; a multiply-add counts two.
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
  // x ← 0.5 x + 0.5 comes to exactly 1, from any number in so many turns.
  let rounds = MIN_ROUNDS;
  while (await time(rounds, 2) < MIN_MS) rounds *= 2;
  const ms = await time(rounds, RUNS);
  const [sum] = await y.toArray();
  if (sum !== ACCUMULATORS) {
    throw new Error(
      `The kernel "peak" gave ${sum}, not ${ACCUMULATORS}: the driver of ${device.description} computes wrongly`,
    );
  }
  const flop = 2 * y.size * ACCUMULATORS * UNROLL * rounds;
  return flop / ms / 1e6;
}
