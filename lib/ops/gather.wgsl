// Gathers slices of a tensor by index.
//
//   y[o,j,i] = x[o,index[j],i]
//
// One thread per vector of y.

struct Params {
  vectors: u32, // of y: O · J · I
  length: u32, // N
  indices: u32, // J
  inner: u32, // I, in vectors
}

@group(0) @binding(0) var<storage, read> x: array<Vector>; // [O, N, I]
@group(0) @binding(1) var<storage, read> index: array<u32>; // [J]
@group(0) @binding(2) var<storage, read_write> y: array<Vector>; // [O, J, I]
@group(0) @binding(3) var<uniform> params: Params;

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
  let j = vector / params.inner % params.indices;
  let o = vector / params.inner / params.indices;
  y[vector] = x[(o * params.length + index[j]) * params.inner + i];
}
