// Sum of two tensors, the second one repeated.
//
//   y[i] = a[i] + b[i mod P]
//
// One thread per cell i.

struct Params {
  cells: u32, // N, in cells
  period: u32, // P, in cells
}

@group(0) @binding(0) var<storage, read> a: array<Cell>; // [N]
@group(0) @binding(1) var<storage, read> b: array<Cell>; // [P]
@group(0) @binding(2) var<storage, read_write> y: array<Cell>; // [N]
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
) {
  let i = id.y * workgroups.x * 64 + id.x;
  if (i >= params.cells) {
    return;
  }
  y[i] = a[i] + b[i % params.period];
}
