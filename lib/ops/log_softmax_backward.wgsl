// Logarithm of softmax over the last dimension, gradient of the input.
//
//   dX[r,c] = dY[r,c] - exp(y[r,c]) · Σ_c dY[r,c]
//
// One workgroup per row r; its threads stride over the vectors c.

override WORKGROUP_SIZE: u32 = 64; // a power of two

struct Params {
  rows: u32, // R
  vectors: u32, // C, in vectors
}

@group(0) @binding(0) var<storage, read> y: array<Vector>; // [R, C]
@group(0) @binding(1) var<storage, read> dy: array<Vector>; // [R, C]
@group(0) @binding(2) var<storage, read_write> dx: array<Vector>; // [R, C]
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let row = workgroup.y * workgroups.x + workgroup.x;
  if (row >= params.rows) {
    return;
  }
  let start = row * params.vectors; // y[row, 0]

  var sum = 0.0;
  for (var c = thread; c < params.vectors; c += WORKGROUP_SIZE) {
    sum += total(dy[start + c]);
  }
  let s = workgroup_sum(sum, thread);

  for (var c = thread; c < params.vectors; c += WORKGROUP_SIZE) {
    dx[start + c] = dy[start + c] - exp(y[start + c]) * s;
  }
}
