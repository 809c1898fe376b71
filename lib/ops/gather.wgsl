// Picks slices of a tensor by their index.
//
//   y[o,j,i] = x[o,index[j],i]
//
// One thread per cell of y.

struct Params {
  cells: u32, // of y: O · J · I
  length: u32, // N
  indices: u32, // J
  inner: u32, // I, in cells
}

@group(0) @binding(0) var<storage, read> x: array<Cell>; // [O, N, I]
@group(0) @binding(1) var<storage, read> index: array<u32>; // [J]
@group(0) @binding(2) var<storage, read_write> y: array<Cell>; // [O, J, I]
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
) {
  let cell = id.y * workgroups.x * 64 + id.x;
  if (cell >= params.cells) {
    return;
  }
  let i = cell % params.inner;
  let j = cell / params.inner % params.indices;
  let o = cell / params.inner / params.indices;
  y[cell] = x[(o * params.length + index[j]) * params.inner + i];
}
