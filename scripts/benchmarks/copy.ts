/**
 * Memory bandwidth of an adapter: a kernel that copies one buffer into another.
 *
 * @module
 */
import { type Device, fromArray, Kernel, Tensor } from "../../mod.ts";

/** Source and target together exceed the caches of almost every GPU. */
const MAX_BYTES = 128 * 2 ** 20;
const WORKGROUP_SIZE = 64;
const REPEATS = 4;
const RUNS = 3;

const kernel = new Kernel(
  "copy",
  `
struct Params {
  vectors: u32,
}

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) thread: u32) {
  let i = (workgroup.y * workgroups.x + workgroup.x) * ${WORKGROUP_SIZE}u + thread;
  if (i < params.vectors) { y[i] = x[i]; }
}
`,
);

/**
 * Measures the memory bandwidth: the best of several runs.
 *
 * @param device The device.
 * @param maxBytes Size of each buffer, in bytes, in whole vectors; less if the device binds less.
 * @returns GB/s, reads and writes together.
 * @throws {Error} If the copy differs from the original.
 */
export async function copyGBs(
  device: Device,
  maxBytes = MAX_BYTES,
): Promise<number> {
  using _scope = device.scope();
  const vectors = Math.min(maxBytes, device.maxBindingBytes) >> 4;
  const size = 4 * vectors;
  const values = new Float32Array(size);
  for (let i = 0; i < size; i++) values[i] = i;
  const x = fromArray(device, values, [size]);
  const y = new Tensor(device, [size]);
  const workgroups = Math.ceil(vectors / WORKGROUP_SIZE);
  const rows = Math.ceil(workgroups / device.maxWorkgroups);
  const runs = await device.profile(() => {
    for (let run = 0; run < RUNS; run++) {
      const columns = Math.ceil(workgroups / rows);
      device.dispatch(kernel, [x, y], { vectors }, columns, rows);
    }
  }, REPEATS);
  const copied = await y.toArray();
  const wrong = values.findIndex((value, i) => copied[i] !== value);
  if (wrong >= 0) {
    throw new Error(
      `The kernel "copy" copied ${copied[wrong]} instead of ${
        values[wrong]
      }: the driver of ${device.description} is wrong`,
    );
  }
  const ms = Math.min(...runs.map(({ ms }) => ms));
  return 2 * 4 * size / ms / 1e6;
}
