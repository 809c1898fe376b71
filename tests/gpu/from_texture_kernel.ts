import { Kernel } from "../../mod.ts";

/** `y[i] = x[i + x_offset]` for vec4s, with x read as a texture. */
export const FROM_TEXTURE = new Kernel(
  "from_texture",
  `
struct Params {
  x_offset: u32,
}

@group(0) @binding(0) var x: texture_storage_2d<rgba32float, read>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(1)
fn main(@builtin(workgroup_id) id: vec3u) {
  let i = id.x + params.x_offset;
  y[id.x] = textureLoad(x, vec2u(i & 2047u, i >> 11u));
}
`,
);
