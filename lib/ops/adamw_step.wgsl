// One step of AdamW over a flat buffer of parameters.
//
//   p[i] = p[i] · decay
//   m[i] = m[i] + (g[i] - m[i]) · (1 - β₁)
//   v[i] = β₂ · v[i] + (1 - β₂) · g[i]²
//   p[i] = p[i] - step_size · m[i] / (√v[i] / √(1 - β₂ᵗ) + eps)
//
// One thread per VECTORS_PER_THREAD vectors i, all of one block of 64 elements. block_table has
// each block's row in settings, from 1; blocks of row 0 are skipped. In a zero-state block, m and v
// are 0: without a gradient, only the decay applies. If g is sparse, row r of p has its gradient in
// row slots[r] of g; row 0 is all zeros and is not read.
// Source: Loshchilov & Hutter 2019, https://arxiv.org/abs/1711.05101

override WORKGROUP_SIZE: u32 = 64;
override VECTORS_PER_THREAD: u32 = 1; // a divisor of 16
override IS_SPARSE: bool = false;

const ZERO_STATE: u32 = 0x80000000;

struct Params {
  vectors: u32, // C, in vectors
  row_vectors: u32, // of one row of p
}

@group(0) @binding(0) var<storage, read_write> p: array<vec4f>; // [C]
@group(0) @binding(1) var<storage, read_write> m: array<vec4f>; // [C]
@group(0) @binding(2) var<storage, read_write> v: array<vec4f>; // [C]
@group(0) @binding(3) var<storage, read> g: array<vec4f>; // [gradient rows, row_vectors]
@group(0) @binding(4) var<storage, read> slots: array<u32>; // [C / row_vectors]
@group(0) @binding(5) var<storage, read_write> block_table: array<atomic<u32>>; // [C / 16]
@group(0) @binding(6) var<storage, read> settings: array<vec4f>; // [settings rows, 2]
@group(0) @binding(7) var<uniform> params: Params;

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
  let entry = atomicLoad(&block_table[first / 16]);
  let row = entry & ~ZERO_STATE;
  if (row == 0) {
    return;
  }
  let end = min(first + VECTORS_PER_THREAD, params.vectors);
  var has_gradient = true;
  var shift = 0u; // g[i - shift] is the gradient of p[i]
  if (IS_SPARSE) {
    let r = first / params.row_vectors;
    has_gradient = slots[r] != 0;
    shift = (r - slots[r]) * params.row_vectors;
  }
  let factors = settings[2 * row - 2]; // decay, 1 - β₁, β₂, 1 - β₂
  let more = settings[2 * row - 1]; // step_size, √(1 - β₂ᵗ), eps, whether to skip
  if (more.w != 0.0) {
    return;
  }
  if (entry != row) {
    var has_update = more.z == 0.0; // without eps it is 0 / 0
    for (var i = first; i < end && has_gradient; i++) {
      has_update |= any(g[i - shift] != vec4f());
    }
    if (!has_update) {
      for (var i = first; i < end; i++) {
        p[i] *= factors.x;
      }
      return;
    }
    atomicStore(&block_table[first / 16], row);
  }
  for (var i = first; i < end; i++) {
    var gradient = vec4f();
    if (has_gradient) {
      gradient = g[i - shift];
    }
    let m_new = m[i] + (gradient - m[i]) * factors.y;
    let v_new = factors.z * v[i] + factors.w * gradient * gradient;
    p[i] = p[i] * factors.x - more.x * m_new / (sqrt(v_new) / more.y + more.z);
    m[i] = m_new;
    v[i] = v_new;
  }
}
