// Dropout, residual and layer normalisation: the end of a BERT block.
//
//   sum[r,c] = mask[r,c] · x[r,c] + residual[r,c]
//   mean[r]  = 1/C Σ_c sum[r,c]
//   rstd[r]  = 1 / sqrt(1/C Σ_c (sum[r,c] - mean[r])² + eps)
//   y[r,c]   = weight[c] · (sum[r,c] - mean[r]) · rstd[r] + bias[c]
//
// One workgroup per row r; its threads stride over the vectors c.

override WORKGROUP_SIZE: u32 = 64; // a power of two

struct Params {
  rows: u32, // R
  vectors: u32, // C, in vectors
  eps: f32,
  threshold: u32,
  scale: f32,
  seed: u32,
  step: u32,
  site: u32,
  first_row: u32,
  batch_rows: u32,
}

@group(0) @binding(0) var<storage, read> x: array<Vector>; // [R, C]
@group(0) @binding(1) var<storage, read> residual: array<Vector>; // [R, C]
@group(0) @binding(2) var<storage, read> weight: array<Vector>; // [C]
@group(0) @binding(3) var<storage, read> bias: array<Vector>; // [C]
@group(0) @binding(4) var<storage, read_write> sum: array<Vector>; // [R, C]
@group(0) @binding(5) var<storage, read_write> y: array<Vector>; // [R, C]
@group(0) @binding(6) var<storage, read_write> statistics: array<vec2f>; // [R, 2]: mean, rstd
@group(0) @binding(7) var<uniform> params: Params;

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
  let C = f32(vectors * WIDTH);
  let start = row * vectors; // x[row, 0]
  let dropout = Dropout(
    params.threshold, params.scale, params.seed, params.step, params.site, params.first_row,
    params.batch_rows,
  );

  var row_sum = 0.0;
  for (var c = thread; c < vectors; c += WORKGROUP_SIZE) {
    let mask = pick(dropout_scales(dropout, c * WIDTH / 4, row), c * WIDTH);
    let v = mask * x[start + c] + residual[start + c];
    sum[start + c] = v;
    row_sum += total(v);
  }
  let m = workgroup_sum(row_sum, thread) / C;

  var squares = 0.0;
  for (var c = thread; c < vectors; c += WORKGROUP_SIZE) {
    let d = sum[start + c] - m;
    squares += total(d * d);
  }
  let s = inverseSqrt(workgroup_sum(squares, thread) / C + params.eps);

  for (var c = thread; c < vectors; c += WORKGROUP_SIZE) {
    y[start + c] = weight[c] * (sum[start + c] - m) * s + bias[c];
  }
  if (thread == 0) {
    statistics[row] = vec2f(m, s);
  }
}
