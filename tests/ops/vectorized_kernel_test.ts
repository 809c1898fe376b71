import { assert, assertEquals } from "@std/assert";
import { fromArray, zeros } from "../../mod.ts";
import {
  dispatchElementwise,
  grid,
  VectorizedKernel,
} from "../../lib/ops/vectorized_kernel.ts";
import { values } from "../helpers/check_op.ts";
import { device } from "../helpers/device.ts";

const kernel = new VectorizedKernel(
  "twice",
  `
struct Params {
  vectors: u32,
  factor: f32,
}

@group(0) @binding(0) var<storage, read> x: array<Vector>;
@group(0) @binding(1) var<storage, read_write> y: array<Vector>;
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
) {
  let i = id.y * workgroups.x * 64 + id.x;
  if (i < params.vectors) {
    y[i] += params.factor * x[i];
  }
}
`,
);

Deno.test("VectorizedKernel processes four elements at a time if rows are whole vec4s", () => {
  assertEquals(kernel.for(12).vectors, 3);
  assertEquals(kernel.for(13).vectors, 13);
  assertEquals(kernel.for(12).kernel.label, "twice");
  assertEquals(kernel.for(13).kernel.label, "twice_scalar");
});

Deno.test("dispatchElementwise() processes every vector once", async (t) => {
  for (const size of [1, 4, 63, 256, 260, 1027]) {
    await t.step(`${size}`, async () => {
      using _scope = device.scope();
      const x = values(size);
      const y = zeros(device, [size]);
      dispatchElementwise(kernel, [fromArray(device, x, [size]), y], {
        factor: 2,
      });
      assertEquals([...await y.toArray()], x.map((v) => 2 * v));
    });
  }
});

Deno.test("grid() spreads workgroups over two axes if one is too short", () => {
  const device = { maxWorkgroups: 100 };
  assertEquals(grid(device, 1), [1, 1]);
  assertEquals(grid(device, 100), [100, 1]);
  for (const workgroups of [101, 199, 200, 201, 9999, 10000]) {
    const [x, y] = grid(device, workgroups);
    assert(x <= 100 && y <= 100);
    assert(x * y >= workgroups && x * y - workgroups < y);
  }
});
