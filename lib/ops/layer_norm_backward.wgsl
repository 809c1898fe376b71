// Layer normalisation, gradient of the input.
//
//   x̂[r,c]  = (x[r,c] - mean[r]) · rstd[r]
//   g[r,c]  = dY[r,c] · weight[c]
//   dX[r,c] = rstd[r] · (g[r,c] - 1/C Σ_c g[r,c] - x̂[r,c] · 1/C Σ_c g[r,c] x̂[r,c])
//
// One workgroup per row r; its threads stride over the cells c.

override WORKGROUP_SIZE: u32 = 64; // a power of two

struct Params {
  rows: u32, // R
  cells: u32, // C, in cells
}

@group(0) @binding(0) var<storage, read> x: array<Cell>; // [R, C]
@group(0) @binding(1) var<storage, read> weight: array<Cell>; // [C]
@group(0) @binding(2) var<storage, read> mean: array<f32>; // [R]
@group(0) @binding(3) var<storage, read> rstd: array<f32>; // [R]
@group(0) @binding(4) var<storage, read> dy: array<Cell>; // [R, C]
@group(0) @binding(5) var<storage, read_write> dx: array<Cell>; // [R, C]
@group(0) @binding(6) var<uniform> params: Params;

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
  let cells = params.cells;
  let start = row * cells; // x[row, 0]
  let C = f32(cells * WIDTH);
  let m = mean[row];
  let s = rstd[row];

  var g_sum = 0.0;
  var g_xhat_sum = 0.0;
  for (var c = thread; c < cells; c += WORKGROUP_SIZE) {
    let x_hat = (x[start + c] - m) * s;
    let g = dy[start + c] * weight[c];
    g_sum += total(g);
    g_xhat_sum += total(g * x_hat);
  }
  let g_mean = workgroup_sum(g_sum, thread) / C;
  let g_xhat_mean = workgroup_sum(g_xhat_sum, thread) / C;

  for (var c = thread; c < cells; c += WORKGROUP_SIZE) {
    let x_hat = (x[start + c] - m) * s;
    let g = dy[start + c] * weight[c];
    dx[start + c] = s * (g - g_mean - x_hat * g_xhat_mean);
  }
}
