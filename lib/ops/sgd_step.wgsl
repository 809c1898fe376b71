// One step of stochastic gradient descent over an arena of parameters.
//
//   d[i] = g[i] + weight_decay · p[i]
//   b[i] = keep · b[i] + take · d[i]
//   p[i] = p[i] - lr · (nesterov ? d[i] + momentum · b[i] : b[i])
//
// One thread per VECTORS_PER_THREAD vectors i, all of one block of 64 elements. A
// block's row in `rows` has its settings; blocks of row 0 are left alone. Row r
// of p has its gradient in row slots[r] of g.
// Source: https://docs.pytorch.org/docs/stable/generated/torch.optim.SGD.html

override WORKGROUP_SIZE: u32 = 64;
override VECTORS_PER_THREAD: u32 = 1; // a divisor of 16

struct Params {
  vectors: u32, // C
  row_vectors: u32, // of a row of p
}

@group(0) @binding(0) var<storage, read_write> p: array<vec4f>; // [C]
@group(0) @binding(1) var<storage, read_write> b: array<vec4f>; // [C]
@group(0) @binding(2) var<storage, read> g: array<vec4f>; // [rows of gradients, row_vectors]
@group(0) @binding(3) var<storage, read> slots: array<u32>; // [C / row_vectors]
@group(0) @binding(4) var<storage, read> table: array<u32>; // [C / 16]
@group(0) @binding(5) var<storage, read> rows: array<vec4f>; // [settings, 2]
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
  let row = table[first / 16] & 0x7fffffff; // a block that is still moves by its weight decay
  if (row == 0) {
    return;
  }
  let settings = rows[2 * row - 2]; // lr, weight_decay, keep, take
  let more = rows[2 * row - 1]; // momentum, nesterov
  let r = first / params.row_vectors;
  let behind = (r - slots[r]) * params.row_vectors; // vector i has its gradient in vector i - behind
  for (var i = first; i < min(first + VECTORS_PER_THREAD, params.vectors); i++) {
    let d = g[i - behind] + settings.y * p[i];
    let b_new = settings.z * b[i] + settings.w * d;
    let ahead = select(b_new, d + more.x * b_new, vec4<bool>(more.y != 0.0));
    p[i] -= settings.x * ahead;
    b[i] = b_new;
  }
}
