// Partial sums of squares over a flat buffer of gradients, one per workgroup.
//
//   partial[w] = Σ_i g[i]²  over the blocks of workgroup w without a 0 in block_table
//
// One thread per block of 64 elements, and every T-th block after it, where T is the number of
// threads: the order is fixed, so the result is the same on every run.

override WORKGROUP_SIZE: u32 = 64; // a power of two

struct Params {
  blocks: u32, // B
  vectors: u32, // C, in vectors; the last block may have fewer than 16
  first: u32, // index of this buffer's first partial sum
}

@group(0) @binding(0) var<storage, read> g: array<vec4f>; // [C]
@group(0) @binding(1) var<storage, read> block_table: array<u32>; // [B]
@group(0) @binding(2) var<storage, read_write> partials: array<f32>; // [partial sums]
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let threads = workgroups.x * WORKGROUP_SIZE;
  var sum = 0.0;
  for (var b = workgroup.x * WORKGROUP_SIZE + thread; b < params.blocks; b += threads) {
    if (block_table[b] != 0) {
      for (var i = 16 * b; i < min(16 * b + 16, params.vectors); i++) {
        sum += dot(g[i], g[i]);
      }
    }
  }
  let total_sum = workgroup_sum(sum, thread);
  if (thread == 0) {
    partials[params.first + workgroup.x] = total_sum;
  }
}
