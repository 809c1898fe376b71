// Sum over one dimension, gradient of the input.
//
//   dX[o,n,i] = scale · dY[o,i]
//
// One thread per cell of dX.

struct Params {
  cells: u32, // of dX: O · N · I
  length: u32, // N
  inner: u32, // I, in cells
  scale: f32,
}

@group(0) @binding(0) var<storage, read> dy: array<Cell>; // [O, I]
@group(0) @binding(1) var<storage, read_write> dx: array<Cell>; // [O, N, I]
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
) {
  let cell = id.y * workgroups.x * 64 + id.x;
  if (cell >= params.cells) {
    return;
  }
  let i = cell % params.inner;
  let o = cell / params.inner / params.length;
  dx[cell] = params.scale * dy[o * params.inner + i];
}
