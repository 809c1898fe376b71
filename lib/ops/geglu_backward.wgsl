// GELU times a gate, gradient of both; exact or by tanh, depending on the functions appended.
//
//   dX[r,c]     = dY[r,c] · x[r,C + c] · gelu'(x[r,c])
//   dX[r,C + c] = dY[r,c] · gelu(x[r,c])
//
// One thread per vector of dY.

struct Params {
  vectors: u32, // R · C, in vectors
  columns: u32, // C, in vectors
}

@group(0) @binding(0) var<storage, read> x: array<Vector>; // [R, 2, C]
@group(0) @binding(1) var<storage, read> dy: array<Vector>; // [R, C]
@group(0) @binding(2) var<storage, read_write> dx: array<Vector>; // [R, 2, C]
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
  let input = i + i / params.columns * params.columns; // x[r, c]
  let gate = input + params.columns;
  let a = to_vec4(x[input]);
  dx[input] = dy[i] * x[gate] * to_vector(gelu_derivative(a));
  dx[gate] = dy[i] * to_vector(gelu(a));
}
