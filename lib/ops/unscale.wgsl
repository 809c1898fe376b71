// Divides a flat buffer of gradients by the scale of the loss, and finds those that are not finite.
//
//   g[i] = g[i] / scale
//   found_inf = 1 if a g[i] is ±∞ or NaN, else as before
//
// One thread per VECTORS_PER_THREAD vectors i, all of one block of 64 elements; blocks with 0 in
// block_table are skipped.

override WORKGROUP_SIZE: u32 = 64;
override VECTORS_PER_THREAD: u32 = 1; // a divisor of 16

struct Params {
  vectors: u32, // C, in vectors
}

@group(0) @binding(0) var<storage, read_write> g: array<vec4f>; // [C]
@group(0) @binding(1) var<storage, read> block_table: array<u32>; // [C / 16]
@group(0) @binding(2) var<storage, read> scale: array<f32>; // []
@group(0) @binding(3) var<storage, read_write> found_inf: array<atomic<u32>>; // [] of f32
@group(0) @binding(4) var<uniform> params: Params;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let index = (workgroup.y * workgroups.x + workgroup.x) * WORKGROUP_SIZE + thread;
  let first = index * VECTORS_PER_THREAD;
  if (first >= params.vectors || block_table[first / 16] == 0) {
    return;
  }
  let factor = 1.0 / scale[0];
  var is_finite = true;
  for (var i = first; i < min(first + VECTORS_PER_THREAD, params.vectors); i++) {
    // By bits: fast math may assume that all is finite.
    let exponents = bitcast<vec4u>(g[i]) & vec4u(0x7f800000);
    is_finite &= all(exponents != vec4u(0x7f800000));
    g[i] *= factor;
  }
  if (!is_finite) {
    atomicStore(&found_inf[0], 0x3f800000); // 1.0
  }
}
