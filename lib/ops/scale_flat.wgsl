// Scales a flat buffer of gradients.
//
//   g[i] = g[i] · coefficient, 0 if g[i] is 0
//
// A coefficient that is NaN leaves the padding between parameters, which is 0, as it is: later
// norms have it too.
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
@group(0) @binding(2) var<storage, read> coefficient: array<f32>; // []
@group(0) @binding(3) var<uniform> params: Params;

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
  let c = coefficient[0];
  for (var i = first; i < min(first + VECTORS_PER_THREAD, params.vectors); i++) {
    // By bits: fast math may assume that nothing is NaN.
    let is_zero = (bitcast<vec4u>(g[i]) & vec4u(0x7fffffff)) == vec4u(0);
    g[i] = select(g[i] * c, vec4f(0.0), is_zero);
  }
}
