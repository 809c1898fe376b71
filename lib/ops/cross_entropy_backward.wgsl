// Mean cross-entropy, gradient of the logits.
//
//   dX[r,c] = dLoss · scale · (exp(x[r,c] - highest[r] - log_sum[r]) - [c = label[r]]),
//             or 0 if label[r] < 0
//
// One thread per element of x.

struct Params {
  rows: u32, // R
  columns: u32, // C
  scale: f32, // 1 / the number of rows with a label
}

@group(0) @binding(0) var<storage, read> x: array<f32>; // [R, C]
@group(0) @binding(1) var<storage, read> label: array<i32>; // [R]
@group(0) @binding(2) var<storage, read> highest: array<f32>; // [R]
@group(0) @binding(3) var<storage, read> log_sum: array<f32>; // [R]
@group(0) @binding(4) var<storage, read> dloss: array<f32>; // []
@group(0) @binding(5) var<storage, read_write> dx: array<f32>; // [R, C]
@group(0) @binding(6) var<uniform> params: Params;

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
  let probability = exp(x[i] - highest[row] - log_sum[row]);
  let hit = i % params.columns == u32(label[row]);
  let gradient = dloss[0] * params.scale * (probability - f32(hit));
  // Compilers may assume that no f32 is NaN.
  let bits = bitcast<u32>(log_sum[row]);
  let is_nan = (bits & 0x7fffffffu) > 0x7f800000u;
  dx[i] = select(gradient, bitcast<f32>(bits | 0x7fc00000u), is_nan);
}
