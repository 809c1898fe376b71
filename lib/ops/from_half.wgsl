// Converts numbers from f16.
//
//   target[i] = f32(half[i])
//
// One thread per vec4 i.

struct Params {
  vectors: u32, // C, in vec4s
}

@group(0) @binding(0) var<storage, read> half: array<vec4<f16>>; // [C]
@group(0) @binding(1) var<storage, read_write> target_: array<vec4f>; // [C]
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
) {
  let i = id.y * workgroups.x * 64 + id.x;
  if (i < params.vectors) {
    target_[i] = vec4f(half[i]);
  }
}
