// One step of stochastic gradient descent over a flat buffer of parameters.
//
//   d[i] = g[i] + weight_decay · p[i]
//   b[i] = keep · b[i] + take · d[i]
//   p[i] = p[i] - lr · (nesterov ? d[i] + momentum · b[i] : b[i])
//
// One thread per VECTORS_PER_THREAD vectors i, all of one block of 64 elements. block_table has
// each block's row in settings, from 1; blocks of row 0 are skipped. If g is sparse, row r of p has
// its gradient in row slots[r] of g.
// Source: https://docs.pytorch.org/docs/stable/generated/torch.optim.SGD.html

override WORKGROUP_SIZE: u32 = 64;
override VECTORS_PER_THREAD: u32 = 1; // a divisor of 16
override IS_SPARSE: bool = false;

struct Params {
  vectors: u32, // C, in vectors
  row_vectors: u32, // of one row of p
}

@group(0) @binding(0) var<storage, read_write> p: array<vec4f>; // [C]
@group(0) @binding(1) var<storage, read_write> b: array<vec4f>; // [C]
@group(0) @binding(2) var<storage, read> g: array<vec4f>; // [gradient rows, row_vectors]
@group(0) @binding(3) var<storage, read> slots: array<u32>; // [C / row_vectors]
@group(0) @binding(4) var<storage, read> block_table: array<u32>; // [C / 16]
@group(0) @binding(5) var<storage, read> settings: array<vec4f>; // [settings rows, 2]
@group(0) @binding(6) var<uniform> params: Params;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let index = (workgroup.y * workgroups.x + workgroup.x) * WORKGROUP_SIZE + thread;
  let first = index * VECTORS_PER_THREAD;
  if (first >= params.vectors) {
    return;
  }
  let row = block_table[first / 16] & 0x7fffffff; // zero-state blocks too: weight decay applies
  if (row == 0) {
    return;
  }
  let factors = settings[2 * row - 2]; // lr, weight_decay, keep, take
  let more = settings[2 * row - 1]; // momentum, nesterov, unused, whether to skip
  if (more.w != 0.0) {
    return;
  }
  var shift = 0u; // g[i - shift] is the gradient of p[i]
  if (IS_SPARSE) {
    let r = first / params.row_vectors;
    shift = (r - slots[r]) * params.row_vectors;
  }
  for (var i = first; i < min(first + VECTORS_PER_THREAD, params.vectors); i++) {
    let d = g[i - shift] + factors.y * p[i];
    let b_new = factors.z * b[i] + factors.w * d;
    let update = select(b_new, d + more.x * b_new, vec4<bool>(more.y != 0.0));
    p[i] -= factors.x * update;
    b[i] = b_new;
  }
}
