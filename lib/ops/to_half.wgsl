// Rounds numbers to f16, two in each u32.
//
//   half[i] = f16(source[i]), ±∞ from 65520 on
//
// One thread per vec4 i.
// Source: https://www.w3.org/TR/WGSL/#pack2x16float-builtin, which leaves overflow open

struct Params {
  vectors: u32, // C, in vec4s
}

@group(0) @binding(0) var<storage, read> source: array<vec4f>; // [C]
@group(0) @binding(1) var<storage, read_write> half: array<vec2u>; // [C]
@group(0) @binding(2) var<uniform> params: Params;

const MAX_HALF: f32 = 65504.0;

fn to_half(value: vec2f) -> u32 {
  // By bits: fast math may assume that nothing is infinite.
  let magnitude = bitcast<vec2u>(value) & vec2u(0x7fffffff);
  let finite = pack2x16float(clamp(value, vec2f(-MAX_HALF), vec2f(MAX_HALF)));
  let halves = vec2u(finite & 0xffff, finite >> 16);
  let sign = (bitcast<vec2u>(value) >> vec2u(16)) & vec2u(0x8000);
  let is_infinite = magnitude >= vec2u(0x477ff000); // 65520
  let is_nan = magnitude > vec2u(0x7f800000);
  let rounded = select(halves, sign | vec2u(0x7c00), is_infinite);
  let all = select(rounded, vec2u(0x7e00), is_nan);
  return all.x | (all.y << 16);
}

@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
) {
  let i = id.y * workgroups.x * 64 + id.x;
  if (i >= params.vectors) {
    return;
  }
  half[i] = vec2u(to_half(source[i].xy), to_half(source[i].zw));
}
