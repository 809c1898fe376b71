// Cross-entropy with weighted classes and smoothed labels, gradient of the logits.
//
//   dX[r,c] = dLoss · scale · (t[r] · exp(x[r,c] - highest[r] - log_sum[r]) - w[c] · q[r,c]),
//             or 0 if label[r] < 0
//   q[r,c]  = smoothed + on · [c = label[r]]
//   t[r]    = Σ_c w[c] · q[r,c] = smoothed_total + on · w[label[r]]
//
// One thread per element of x.
// The formula of cross_entropy_weighted.wgsl, differentiated.

struct Params {
  rows: u32, // R
  columns: u32, // C
  scale: f32, // 1 / the sum of the weights of the labels, or 1 for a sum
  on: f32, // 1 - ε
  smoothed: f32, // ε / C
  smoothed_total: f32, // ε / C · Σ_c w[c]
}

@group(0) @binding(0) var<storage, read> x: array<f32>; // [R, C]
@group(0) @binding(1) var<storage, read> label: array<i32>; // [R]
@group(0) @binding(2) var<storage, read> weight: array<f32>; // [C]
@group(0) @binding(3) var<storage, read> highest: array<f32>; // [R]
@group(0) @binding(4) var<storage, read> log_sum: array<f32>; // [R]
@group(0) @binding(5) var<storage, read> dloss: array<f32>; // []
@group(0) @binding(6) var<storage, read_write> dx: array<f32>; // [R, C]
@group(0) @binding(7) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
) {
  let i = id.y * workgroups.x * 64 + id.x;
  let row = i / params.columns;
  if (row >= params.rows) {
    return;
  }
  if (label[row] < 0) {
    dx[i] = 0.0;
    return;
  }
  let c = i % params.columns;
  let hit = u32(label[row]);
  let total = params.smoothed_total + params.on * weight[hit];
  let q = params.smoothed + select(0.0, params.on, c == hit);
  let probability = exp(x[i] - highest[row] - log_sum[row]);
  let gradient = dloss[0] * params.scale * (total * probability - weight[c] * q);
  // Compilers may assume that no f32 is NaN.
  let bits = bitcast<u32>(log_sum[row]);
  let is_nan = (bits & 0x7fffffffu) > 0x7f800000u;
  dx[i] = select(gradient, bitcast<f32>(bits | 0x7fc00000u), is_nan);
}
