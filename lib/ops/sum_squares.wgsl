// Partial sums of squares over a flat buffer of gradients, one per workgroup.
//
//   partial[w] = Σ_i g[i]²  over the blocks of workgroup w without a 0 in block_table
//
// One thread per block of 64 elements, and every T-th block after it, where T is the number of
// threads: the order is fixed, so the result is the same on every run. A thread's sum over one
// shard of a buffer is carried to the next; the partial sums of the last shard are the result.

override WORKGROUP_SIZE: u32 = 64; // a power of two

struct Params {
  blocks: u32, // of the shard
  vectors: u32, // C, in vectors; the last block may have fewer than 16
  first: u32, // index of this buffer's first partial sum
  first_block: u32, // index of the shard's first block in the buffer
  carry: u32, // index of the first thread's sum; 0 if the buffer is not split
}

@group(0) @binding(0) var<storage, read> g: array<vec4f>; // [C]
@group(0) @binding(1) var<storage, read> block_table: array<u32>; // [B]
@group(0) @binding(2) var<storage, read_write> partials: array<f32>; // [partial sums, and carry]
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let threads = workgroups.x * WORKGROUP_SIZE;
  let t = workgroup.x * WORKGROUP_SIZE + thread;
  let start = (t + threads - params.first_block % threads) % threads;
  var sum = 0.0;
  if (params.first_block > 0) {
    sum = partials[params.carry + t];
  }
  for (var b = start; b < params.blocks; b += threads) {
    if (block_table[params.first_block + b] != 0) {
      for (var i = 16 * b; i < min(16 * b + 16, params.vectors); i++) {
        sum += dot(g[i], g[i]);
      }
    }
  }
  if (params.carry > 0) {
    partials[params.carry + t] = sum;
  }
  let total_sum = workgroup_sum(sum, thread);
  if (thread == 0) {
    partials[params.first + workgroup.x] = total_sum;
  }
}
