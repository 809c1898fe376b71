// Adds slices to the slices of their ids: the gradient of gather.wgsl.
//
//   target[o,ids[u],i] = target[o,ids[u],i] + Σ_p dY[o,positions[p],i]
//                        over p from starts[u] up to starts[u + 1]
//
// A compact target has the rows of the ids only: row u + 1 for ids[u]. A shard begins with row
// first_row, and has the groups from first_group.
//
// One workgroup per COLUMNS neighbouring vectors i of one o and u. SLICES threads share a vector,
// each adding every SLICES-th row: no atomics, so the result is the same on every run.

override COLUMNS: u32 = 8;
override SLICES: u32 = 16;

struct Params {
  outer: u32, // O
  length: u32, // N
  inner: u32, // I, in vectors
  groups: u32, // of the target
  rows: u32, // J
  compact: u32, // whether the target is compact
  first_group: u32,
  first_row: u32,
}

@group(0) @binding(0) var<storage, read> dy: array<Vector>; // [O, J, I]
@group(0) @binding(1) var<storage, read> ids: array<u32>; // [U]
@group(0) @binding(2) var<storage, read> starts: array<u32>; // [U + 1]
@group(0) @binding(3) var<storage, read> positions: array<u32>; // [P]
@group(0) @binding(4) var<storage, read_write> target_: array<Vector>; // [O, N, I], or [> U, I]
@group(0) @binding(5) var<uniform> params: Params;

@compute @workgroup_size(COLUMNS, SLICES)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
) {
  let w = workgroup.y * workgroups.x + workgroup.x;
  let tiles = (params.inner + COLUMNS - 1) / COLUMNS;
  let u = params.first_group + w / tiles % params.groups;
  let o = w / tiles / params.groups;
  if (o >= params.outer) {
    return;
  }
  let i = w % tiles * COLUMNS + thread.x;
  let inside = i < params.inner;

  var sum = Vector();
  if (inside) {
    for (var p = starts[u] + thread.y; p < starts[u + 1]; p += SLICES) {
      sum += dy[(o * params.rows + positions[p]) * params.inner + i];
    }
  }
  sum = slice_sum(sum, thread);
  if (inside && thread.y == 0) {
    let row = select(ids[u] - params.first_row, u + 1, params.compact != 0);
    target_[(o * params.length + row) * params.inner + i] += sum;
  }
}
