/**
 * How generated kernels read an operand many times: as a texture, as a buffer of
 * vec4, or element by element.
 *
 * @module
 */
import { TEXTURE_WIDTH } from "../gpu/texture_cache.ts";

/**
 * How operands are read: as textures (software adapters read buffers at a tenth
 * of their speed), as buffers of vec4, or element by element at any size.
 */
export type OperandAccess = "texture" | "vec4" | "scalar";

/** The part of C that one workgroup computes. */
export interface Tile {
  /** Rows of C that one thread computes, a multiple of 4, or of `lanes` if there are any. */
  readonly rows: number;
  /** Columns of C that one thread computes, a multiple of 4. */
  readonly columns: number;
  /** Threads along the columns and rows of C. */
  readonly threads: readonly [x: number, y: number];
  /** How much of K the threads share through workgroup memory at a time, a multiple of 4; 0 for none. */
  readonly depth: number;
  /** 8 where the threads of a subgroup each read a part of A and broadcast it to the others; 0 where each reads all. */
  readonly lanes: 0 | 8;
}

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
  access: OperandAccess,
): string {
  const at = `@group(0) @binding(${binding}) var`;
  const signature =
    `fn load_${name}(start: u32, block: u32, columns: u32) -> vec4f`;
  if (access === "texture") {
    return `
${at} ${name}: texture_storage_2d<rgba32float, read>;
${signature} {
  let i = start + block;
  return textureLoad(${name}, vec2u(i & ${TEXTURE_WIDTH - 1}u, i >> ${
      Math.log2(TEXTURE_WIDTH)
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
