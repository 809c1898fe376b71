// Element-wise product of two tensors, the second one broadcast.
//
//   y[i] = a[i] · b[i mod P]
//
// One thread per vector i.

struct Params {
  vectors: u32, // N, in vectors
  period: u32, // P, in vectors
}

@group(0) @binding(0) var<storage, read> a: array<Vector>; // [N]
@group(0) @binding(1) var<storage, read> b: array<Vector>; // [P]
@group(0) @binding(2) var<storage, read_write> y: array<Vector>; // [N]
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
) {
  let i = id.y * workgroups.x * 64 + id.x;
  if (i >= params.vectors) {
    return;
  }
  y[i] = a[i] * b[i % params.period];
}
