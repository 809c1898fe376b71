// Sums of squares over an arena of gradients, one a workgroup.
//
//   partial[w] = Σ_i g[i]²  over the blocks i of workgroup w with table[i] ≠ 0
//
// One thread per block of 64 elements, then per every T-th block after it, T
// being all threads: a fixed order, so the same bits in every run.

override WORKGROUP_SIZE: u32 = 64; // a power of two

struct Params {
  blocks: u32, // B
  vectors: u32, // C, of the last block perhaps fewer than 16
  first: u32, // where this arena's partial sums begin
}

@group(0) @binding(0) var<storage, read> g: array<vec4f>; // [C]
@group(0) @binding(1) var<storage, read> table: array<u32>; // [B]
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
    if (table[b] != 0) {
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
