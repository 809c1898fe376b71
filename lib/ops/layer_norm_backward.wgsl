// Layer normalisation of x = mask · input + residual, all gradients.
//
//   x̂[r,c]         = (x[r,c] - mean[r]) · rstd[r]
//   g[r,c]         = dY[r,c] · weight[c]
//   dResidual[r,c] = rstd[r] · (g[r,c] - 1/C Σ_c g[r,c] - x̂[r,c] · 1/C Σ_c g[r,c] x̂[r,c])
//   dInput[r,c]    = mask[r,c] · dResidual[r,c]
//   dWeight[c]     = Σ_r dY[r,c] · x̂[r,c]
//   dBias[c]       = Σ_r dY[r,c]
//
// One workgroup per row r; its threads stride over the vectors c. One more workgroup per COLUMNS
// neighbouring vectors c: SLICES threads share a vector, each adding every SLICES-th row. There are
// no atomics, so the result is the same on every run. Column workgroups are spread evenly among row
// workgroups, because a CPU gives each of its threads consecutive workgroups.

override WORKGROUP_SIZE: u32 = 64; // a power of two, at least COLUMNS
override COLUMNS: u32 = 8;
override SLICES: u32 = WORKGROUP_SIZE / COLUMNS;
override HAS_BIAS: u32 = 1;

struct Params {
  rows: u32, // R
  vectors: u32, // C, in vectors
  accumulate: u32, // whether to add to dweight and dbias
  dbias_start: u32, // in dweight_dbias, in vectors
  threshold: u32,
  scale: f32,
  seed: u32,
  step: u32,
  site: u32,
  first_row: u32,
  batch_rows: u32,
}

@group(0) @binding(0) var<storage, read> x: array<Vector>; // [R, C]
@group(0) @binding(1) var<storage, read> weight: array<Vector>; // [C]
@group(0) @binding(2) var<storage, read> statistics: array<vec2f>; // [R, 2]: mean, rstd
@group(0) @binding(3) var<storage, read> dy: array<Vector>; // [R, C]
@group(0) @binding(4) var<storage, read_write> dinput: array<Vector>; // [R, C]
@group(0) @binding(5) var<storage, read_write> dresidual: array<Vector>; // [R, C]
@group(0) @binding(6) var<storage, read_write> dweight_dbias: array<Vector>; // [2, C] or [C]
@group(0) @binding(7) var<uniform> params: Params;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let tiles = (params.vectors + COLUMNS - 1) / COLUMNS;
  let all = params.rows + tiles;
  let w = workgroup.y * workgroups.x + workgroup.x;
  if (w >= all) {
    return;
  }
  let tile = w * tiles / all; // the number of tiles before this workgroup
  if ((w + 1) * tiles / all > tile) {
    sum_columns(tile, thread);
  } else {
    normalise_row(w - tile, thread);
  }
}

fn normalise_row(row: u32, thread: u32) {
  let vectors = params.vectors;
  let C = f32(vectors * WIDTH);
  let start = row * vectors; // x[row, 0]
  let m = statistics[row].x;
  let s = statistics[row].y;
  let dropout = Dropout(
    params.threshold, params.scale, params.seed, params.step, params.site, params.first_row,
    params.batch_rows,
  );

  var g_sum = 0.0;
  var g_xhat_sum = 0.0;
  for (var c = thread; c < vectors; c += WORKGROUP_SIZE) {
    let g = dy[start + c] * weight[c];
    g_sum += total(g);
    g_xhat_sum += total(g * (x[start + c] - m) * s);
  }
  let g_mean = workgroup_sum(g_sum, thread) / C;
  let g_xhat_mean = workgroup_sum(g_xhat_sum, thread) / C;

  for (var c = thread; c < vectors; c += WORKGROUP_SIZE) {
    let x_hat = (x[start + c] - m) * s;
    let g = dy[start + c] * weight[c];
    let d = s * (g - g_mean - x_hat * g_xhat_mean);
    let mask = pick(dropout_scales(dropout, c * WIDTH / 4, row), c * WIDTH);
    dresidual[start + c] = d;
    dinput[start + c] = mask * d;
  }
}

fn sum_columns(tile: u32, thread: u32) {
  let local = vec3u(thread % COLUMNS, thread / COLUMNS, 0u); // column and slice
  let c = tile * COLUMNS + local.x;
  let inside = c < params.vectors;

  var dweight_sum = Vector();
  var dbias_sum = Vector();
  if (inside) {
    for (var r = local.y; r < params.rows; r += SLICES) {
      let i = r * params.vectors + c; // x[r, c]
      dweight_sum += dy[i] * (x[i] - statistics[r].x) * statistics[r].y;
      dbias_sum += dy[i];
    }
  }
  dweight_sum = slice_sum(dweight_sum, local);
  dbias_sum = slice_sum(dbias_sum, local);
  if (inside && local.y == 0) {
    let dbias = params.dbias_start + c;
    if (params.accumulate != 0) {
      dweight_sum += dweight_dbias[c];
    }
    dweight_dbias[c] = dweight_sum;
    if (HAS_BIAS == 0) {
      return;
    }
    if (params.accumulate != 0) {
      dbias_sum += dweight_dbias[dbias];
    }
    dweight_dbias[dbias] = dbias_sum;
  }
}
