// GELU times a gate, forward; exact or by tanh, depending on the functions appended.
//
//   y[r,c] = gelu(x[r,c]) · x[r,C + c]
//
// One thread per vector of y.
// Source: Shazeer 2020, https://arxiv.org/abs/2002.05202

struct Params {
  vectors: u32, // R · C, in vectors
  columns: u32, // C, in vectors
}

@group(0) @binding(0) var<storage, read> x: array<Vector>; // [R, 2, C]
@group(0) @binding(1) var<storage, read_write> y: array<Vector>; // [R, C]
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
  let input = i + i / params.columns * params.columns; // x[r, c]
  y[i] = to_vector(gelu(to_vec4(x[input]))) * x[input + params.columns];
}
