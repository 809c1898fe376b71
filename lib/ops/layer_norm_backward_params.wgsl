// Layer normalisation, gradients of the weight and the bias.
//
//   dWeight[c] = Σ_r dY[r,c] · (x[r,c] - mean[r]) · rstd[r]
//   dBias[c]   = Σ_r dY[r,c]
//
// One workgroup per COLUMNS neighbouring cells c. SLICES threads share a cell, each adding every
// SLICES-th row: no atomics, so the result is the same on every run.

override COLUMNS: u32 = 8;
override SLICES: u32 = 16;

struct Params {
  rows: u32, // R
  cells: u32, // C, in cells
  accumulate_dweight: u32, // whether to add to what dweight holds
  accumulate_dbias: u32,
}

@group(0) @binding(0) var<storage, read> x: array<Cell>; // [R, C]
@group(0) @binding(1) var<storage, read> mean: array<f32>; // [R]
@group(0) @binding(2) var<storage, read> rstd: array<f32>; // [R]
@group(0) @binding(3) var<storage, read> dy: array<Cell>; // [R, C]
@group(0) @binding(4) var<storage, read_write> dweight: array<Cell>; // [C]
@group(0) @binding(5) var<storage, read_write> dbias: array<Cell>; // [C]
@group(0) @binding(6) var<uniform> params: Params;

@compute @workgroup_size(COLUMNS, SLICES)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
) {
  let c = workgroup.x * COLUMNS + thread.x;
  let inside = c < params.cells;

  var dweight_sum = Cell();
  var dbias_sum = Cell();
  if (inside) {
    for (var r = thread.y; r < params.rows; r += SLICES) {
      let i = r * params.cells + c; // x[r, c]
      dweight_sum += dy[i] * (x[i] - mean[r]) * rstd[r];
      dbias_sum += dy[i];
    }
  }
  dweight_sum = slice_sum(dweight_sum, thread);
  dbias_sum = slice_sum(dbias_sum, thread);
  if (inside && thread.y == 0) {
    if (params.accumulate_dweight != 0) {
      dweight_sum += dweight[c];
    }
    if (params.accumulate_dbias != 0) {
      dbias_sum += dbias[c];
    }
    dweight[c] = dweight_sum;
    dbias[c] = dbias_sum;
  }
}
