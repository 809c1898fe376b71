// Stores a gradient in its slot, or adds it to the slot.
//
//   target[i] = source[i]              if accumulate is 0
//   target[i] = target[i] + source[i]  otherwise
//
// One thread per vector i.

struct Params {
  vectors: u32, // C, in vectors
  accumulate: u32,
}

@group(0) @binding(0) var<storage, read> source: array<Vector>; // [C]
@group(0) @binding(1) var<storage, read_write> target_: array<Vector>; // [C]
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
) {
  let i = id.y * workgroups.x * 64 + id.x;
  if (i >= params.vectors) {
    return;
  }
  if (params.accumulate != 0) {
    target_[i] += source[i];
  } else {
    target_[i] = source[i];
  }
}
