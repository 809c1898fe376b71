// Sum over one dimension, or over chunks of it.
//
//   y[o,k,i] = scale · Σ_n x[o,n,i]   over n from k · CHUNK up to (k + 1) · CHUNK, or N
//
// One workgroup per COLUMNS neighbouring vectors i of one o and k. SLICES threads share a vector,
// each adding every SLICES-th element: no atomics, so the result is the same on every run.

override COLUMNS: u32 = 8;
override SLICES: u32 = 16;
override CHUNK: u32 = 1024;

struct Params {
  outer: u32, // O
  length: u32, // N
  inner: u32, // I, in vectors
  chunks: u32, // K
  scale: f32,
}

@group(0) @binding(0) var<storage, read> x: array<Vector>; // [O, N, I]
@group(0) @binding(1) var<storage, read_write> y: array<Vector>; // [O, K, I]
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(COLUMNS, SLICES)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
) {
  let w = workgroup.y * workgroups.x + workgroup.x;
  let tiles = (params.inner + COLUMNS - 1) / COLUMNS;
  let k = w / tiles % params.chunks;
  let o = w / tiles / params.chunks;
  if (o >= params.outer) {
    return;
  }
  let i = w % tiles * COLUMNS + thread.x;
  let inside = i < params.inner;

  var sum = Vector();
  if (inside) {
    let end = min((k + 1) * CHUNK, params.length);
    for (var n = k * CHUNK + thread.y; n < end; n += SLICES) {
      sum += x[(o * params.length + n) * params.inner + i];
    }
  }
  sum = slice_sum(sum, thread);
  if (inside && thread.y == 0) {
    y[(o * params.chunks + k) * params.inner + i] = params.scale * sum;
  }
}
