// Softmax over the last dimension, forward.
//
//   m[r]   = max_c x[r,c]
//   y[r,c] = exp(x[r,c] - m[r]) / Σ_c exp(x[r,c] - m[r])
//
// One workgroup per row r; its threads stride over the vectors c.

override WORKGROUP_SIZE: u32 = 64; // a power of two

struct Params {
  rows: u32, // R
  vectors: u32, // C, in vectors
}

@group(0) @binding(0) var<storage, read> x: array<Vector>; // [R, C]
@group(0) @binding(1) var<storage, read_write> y: array<Vector>; // [R, C]
@group(0) @binding(2) var<uniform> params: Params;

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
  let start = row * params.vectors; // x[row, 0]

  var highest = LOWEST_KEY;
  for (var c = thread; c < params.vectors; c += WORKGROUP_SIZE) {
    highest = max(highest, largest_key(to_vec4(x[start + c])));
  }
  let key = workgroup_max(highest, thread);
  let m = value_of(key);

  var sum = 0.0;
  for (var c = thread; c < params.vectors; c += WORKGROUP_SIZE) {
    sum += total(exp(x[start + c] - m));
  }
  let s = workgroup_sum(sum, thread);

  for (var c = thread; c < params.vectors; c += WORKGROUP_SIZE) {
    y[start + c] = to_vector(or_nan(to_vec4(exp(x[start + c] - m) / s), key));
  }
}
