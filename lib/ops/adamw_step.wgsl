// One step of AdamW over an arena of parameters.
//
//   p[i] = p[i] · decay
//   m[i] = m[i] + (g[i] - m[i]) · (1 - β₁)
//   v[i] = β₂ · v[i] + (1 - β₂) · g[i]²
//   p[i] = p[i] - step_size · m[i] / (√v[i] / √(1 - β₂ᵗ) + eps)
//
// One thread per VECTORS_PER_THREAD vectors i, all of one block of 64 elements. A
// block's row in `rows` has its settings; blocks of row 0 are left alone. In a
// block that is still, m and v are 0: without a gradient only the decay is left.
// Row r of p has its gradient in row slots[r] of g. In row 0 of several there are
// only zeros, which are not read.
// Source: Loshchilov & Hutter 2019, https://arxiv.org/abs/1711.05101

override WORKGROUP_SIZE: u32 = 64;
override VECTORS_PER_THREAD: u32 = 1; // a divisor of 16

const ZERO_STATE: u32 = 0x80000000;

struct Params {
  vectors: u32, // C
  row_vectors: u32, // of a row of p
}

@group(0) @binding(0) var<storage, read_write> p: array<vec4f>; // [C]
@group(0) @binding(1) var<storage, read_write> m: array<vec4f>; // [C]
@group(0) @binding(2) var<storage, read_write> v: array<vec4f>; // [C]
@group(0) @binding(3) var<storage, read> g: array<vec4f>; // [rows of gradients, row_vectors]
@group(0) @binding(4) var<storage, read> slots: array<u32>; // [C / row_vectors]
@group(0) @binding(5) var<storage, read_write> table: array<atomic<u32>>; // [C / 16]
@group(0) @binding(6) var<storage, read> rows: array<vec4f>; // [settings, 2]
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
  let entry = atomicLoad(&table[first / 16]);
  let row = entry & ~ZERO_STATE;
  if (row == 0) {
    return;
  }
  let end = min(first + VECTORS_PER_THREAD, params.vectors);
  let r = first / params.row_vectors;
  let has_gradient = slots[r] != 0 || params.row_vectors == params.vectors;
  let behind = (r - slots[r]) * params.row_vectors; // vector i has its gradient in vector i - behind
  let settings = rows[2 * row - 2]; // decay, 1 - β₁, β₂, 1 - β₂
  let more = rows[2 * row - 1]; // step_size, √(1 - β₂ᵗ), eps
  if (entry != row) {
    var moves = more.z == 0.0; // by 0 / 0, without eps
    for (var i = first; i < end && has_gradient; i++) {
      moves |= any(g[i - behind] != vec4f());
    }
    if (!moves) {
      for (var i = first; i < end; i++) {
        p[i] *= settings.x;
      }
      return;
    }
    atomicStore(&table[first / 16], row);
  }
  for (var i = first; i < end; i++) {
    var gradient = vec4f();
    if (has_gradient) {
      gradient = g[i - behind];
    }
    let m_new = m[i] + (gradient - m[i]) * settings.y;
    let v_new = settings.z * v[i] + settings.w * gradient * gradient;
    p[i] = p[i] * settings.x - more.x * m_new / (sqrt(v_new) / more.y + more.z);
    m[i] = m_new;
    v[i] = v_new;
  }
}
