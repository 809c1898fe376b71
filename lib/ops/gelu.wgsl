// GELU, forward; exact or by tanh, depending on the functions appended.
//
//   y[i] = gelu(x[i]) = x[i] · Φ(x[i])
//
// One thread per vector i.

struct Params {
  vectors: u32, // N, in vectors
}

@group(0) @binding(0) var<storage, read> x: array<Vector>; // [N]
@group(0) @binding(1) var<storage, read_write> y: array<Vector>; // [N]
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
) {
  let i = id.y * workgroups.x * 64 + id.x;
  if (i >= params.vectors) {
    return;
  }
  y[i] = to_vector(gelu(to_vec4(x[i])));
}
