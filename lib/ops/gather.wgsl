// Gathers slices of a tensor by index.
//
//   y[o,j,i] = x[o,index[j] - first,i]  for index[j] from first up to first + N
//
// One thread per vector of y.

struct Params {
  vectors: u32, // of y: O · J · I
  length: u32, // N
  indices: u32, // J
  inner: u32, // I, in vectors
  first: u32, // index of the first slice of x; those of a tensor that is not split begin at 0
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
  let slice = index[j] - params.first;
  if (slice >= params.length) {
    return; // it is in another shard
  }
  y[vector] = x[(o * params.length + slice) * params.inner + i];
}
