/**
 * How generated kernels read an operand many times: as a texture, as a buffer of
 * vec4, or element by element.
 *
 * @module
 */
import { MIRROR_WIDTH } from "../gpu/mirror_ring.ts";

/**
 * How operands are read: as textures (software adapters read buffers at a tenth
 * of their speed), as buffers of vec4, or element by element at any size.
 */
export type Access = "texture" | "vec4" | "scalar";

/**
 * Joins pieces of generated text.
 *
 * @param length How many.
 * @param line Makes one.
 * @returns The pieces, a line each.
 */
export function lines(length: number, line: (i: number) => string): string {
  return Array.from({ length }, (_, i) => line(i)).join("\n");
}

/**
 * The binding of an operand, and the function that reads four neighbours of it.
 *
 * @param name The variable's name; the function is `load_NAME`.
 * @param binding Its number.
 * @param access How it is read.
 * @returns WGSL; `load_NAME(start, block, columns)` reads elements `4·block …`
 * of the row that begins at `start`, zeros behind its `columns`.
 */
export function operandSource(
  name: string,
  binding: number,
  access: Access,
): string {
  const at = `@group(0) @binding(${binding}) var`;
  const signature =
    `fn load_${name}(start: u32, block: u32, columns: u32) -> vec4f`;
  if (access === "texture") {
    return `
${at} ${name}: texture_storage_2d<rgba32float, read>;
${signature} {
  let i = start + block;
  return textureLoad(${name}, vec2u(i & ${MIRROR_WIDTH - 1}u, i >> ${
      Math.log2(MIRROR_WIDTH)
    }u));
}
`;
  }
  if (access === "vec4") {
    return `
${at}<storage, read> ${name}: array<vec4f>;
${signature} { return ${name}[start + block]; }
`;
  }
  return `
${at}<storage, read> ${name}: array<f32>;
${signature} {
  let i = start + 4u * block;
  let left = vec4u(columns - min(columns, 4u * block));
  return select(vec4f(), vec4f(${name}[i], ${name}[i + 1u], ${name}[i + 2u], ${name}[i + 3u]), vec4u(0u, 1u, 2u, 3u) < left);
}
`;
}
