// Scales a flat buffer of gradients.
//
//   g[i] = g[i] · coefficient
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
    g[i] *= c;
  }
}
