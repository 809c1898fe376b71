// Layer normalisation over the last dimension, forward.
//
//   mean[r] = 1/C Σ_c x[r,c]
//   rstd[r] = 1 / sqrt(1/C Σ_c (x[r,c] - mean[r])² + eps)
//   y[r,c]  = weight[c] · (x[r,c] - mean[r]) · rstd[r] + bias[c]
//
// Without a bias that term is left out, and the binding is not read.
//
// One workgroup per row r; its threads stride over the vectors c.
// mean and rstd are stored as statistics, for the backward pass.
// Source: Ba et al. 2016, https://arxiv.org/abs/1607.06450

override WORKGROUP_SIZE: u32 = 64; // a power of two
override HAS_BIAS: u32 = 1;

struct Params {
  rows: u32, // R
  vectors: u32, // C, in vectors
  eps: f32,
}

@group(0) @binding(0) var<storage, read> x: array<Vector>; // [R, C]
@group(0) @binding(1) var<storage, read> weight: array<Vector>; // [C]
@group(0) @binding(2) var<storage, read> bias: array<Vector>; // [C]
@group(0) @binding(3) var<storage, read_write> y: array<Vector>; // [R, C]
@group(0) @binding(4) var<storage, read_write> statistics: array<vec2f>; // [R, 2]: mean, rstd
@group(0) @binding(5) var<uniform> params: Params;

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
  let vectors = params.vectors;
  let start = row * vectors; // x[row, 0]
  let C = f32(vectors * WIDTH);

  var sum = 0.0;
  for (var c = thread; c < vectors; c += WORKGROUP_SIZE) {
    sum += total(x[start + c]);
  }
  let m = workgroup_sum(sum, thread) / C;

  var squares = 0.0;
  for (var c = thread; c < vectors; c += WORKGROUP_SIZE) {
    let d = x[start + c] - m;
    squares += total(d * d);
  }
  let s = inverseSqrt(workgroup_sum(squares, thread) / C + params.eps);

  for (var c = thread; c < vectors; c += WORKGROUP_SIZE) {
    let scaled = weight[c] * (x[start + c] - m) * s;
    if (HAS_BIAS != 0) {
      y[start + c] = scaled + bias[c];
    } else {
      y[start + c] = scaled;
    }
  }
  if (thread == 0) {
    statistics[row] = vec2f(m, s);
  }
}
