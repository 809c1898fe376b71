// Sum over one dimension, gradient of the input.
//
//   dX[o,n,i] = scale · dY[o,i]
//
// One thread per vector of dX.

struct Params {
  vectors: u32, // of dX: O · N · I
  length: u32, // N
  inner: u32, // I, in vectors
  scale: f32,
}

@group(0) @binding(0) var<storage, read> dy: array<Vector>; // [O, I]
@group(0) @binding(1) var<storage, read_write> dx: array<Vector>; // [O, N, I]
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
) {
  let vector = id.y * workgroups.x * 64 + id.x;
  if (vector >= params.vectors) {
    return;
  }
  let i = vector % params.inner;
  let o = vector / params.inner / params.length;
  dx[vector] = params.scale * dy[o * params.inner + i];
}
