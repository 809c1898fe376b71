import { assertEquals } from "@std/assert";
import { zeros } from "../../mod.ts";
import { dispatchFlat, flatKernel } from "../../lib/ops/flat_step.ts";
import { KERNEL_SETS } from "../helpers/kernel_sets.ts";

const kernel = flatKernel(
  "count_visits",
  `
override WORKGROUP_SIZE: u32 = 64;
override VECTORS_PER_THREAD: u32 = 1;

struct Params {
  vectors: u32,
}

@group(0) @binding(0) var<storage, read_write> visits: array<vec4f>;
@group(0) @binding(1) var<uniform> params: Params;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let index = (workgroup.y * workgroups.x + workgroup.x) * WORKGROUP_SIZE + thread;
  let first = index * VECTORS_PER_THREAD;
  for (var i = first; i < min(first + VECTORS_PER_THREAD, params.vectors); i++) {
    visits[i] += vec4f(1.0);
  }
}
`,
);

Deno.test("dispatchFlat() processes every vector once", async (t) => {
  for (const { name, device } of KERNEL_SETS) {
    // One vector, a block, a part of a second one, and several workgroups.
    for (const size of [4, 64, 68, 64 * 8 * 3 + 12]) {
      await t.step(`${name}: ${size}`, async () => {
        using _scope = device.scope();
        const visits = zeros(device, [size]);
        dispatchFlat(kernel, [visits]);
        assertEquals([...await visits.toArray()], new Array(size).fill(1));
      });
    }
  }
});
