/**
 * Operands of the generated kernels: textures, buffers of vec4 or buffers of
 * f32, and the choice of one.
 *
 * @module
 */
import type { DeviceClass } from "../gpu/kernel.ts";
import { TEXTURE_WIDTH } from "../gpu/texture_cache.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Lines, times } from "./wgsl_lines.ts";

/**
 * Access to the operands of a kernel: as textures (software adapters read buffers
 * at a tenth of their speed), as buffers of vec4, or element by element, for any
 * size.
 */
export type OperandAccess = "texture" | "vec4" | "scalar";

/**
 * Chooses how a kernel reads its operands.
 *
 * @param device The device.
 * @param tensors Operands and results.
 * @param rowLengths Their row lengths, strides and column offsets, in elements.
 * @returns Access by vec4s if everything is a multiple of four, else by scalars.
 */
export function accessFor(
  device: DeviceClass,
  tensors: readonly Tensor[],
  rowLengths: readonly number[],
): OperandAccess {
  const aligned = rowLengths.every((length) => length % 4 === 0) &&
    tensors.every(({ byteOffset }) => byteOffset % 16 === 0);
  if (!aligned) return "scalar";
  return device.isSoftware ? "texture" : "vec4";
}

/** Elements per unit of an offset or stride. */
export function unitOf(access: OperandAccess): number {
  return access === "scalar" ? 1 : 4;
}

/** Texel of vec4 number `i` of a texture. */
const COLUMN_OF_I = `i & ${TEXTURE_WIDTH - 1}u`;
const ROW_OF_I = `i >> ${Math.log2(TEXTURE_WIDTH)}u`;

/**
 * Declares an operand, and the function that reads four neighbouring elements.
 *
 * @param name The variable's name; the function is `load_NAME`.
 * @param binding The binding's number.
 * @param access Access to it.
 * @returns WGSL; `load_NAME(start, block, columns)` reads elements `4·block …`
 * of the row that begins at `start`, with zeros after its `columns`.
 */
export function operandSource(
  name: string,
  binding: number,
  access: OperandAccess,
): Lines {
  const variable = `@group(0) @binding(${binding}) var`;
  const signature =
    `fn load_${name}(start: u32, block: u32, columns: u32) -> vec4f {`;
  switch (access) {
    case "texture":
      return [
        `${variable} ${name}: texture_storage_2d<rgba32float, read>;`,
        signature,
        [
          "let i = start + block;",
          `return textureLoad(${name}, vec2u(${COLUMN_OF_I}, ${ROW_OF_I}));`,
        ],
        "}",
      ];
    case "vec4":
      return [
        `${variable}<storage, read> ${name}: array<vec4f>;`,
        signature,
        [`return ${name}[start + block];`],
        "}",
      ];
    case "scalar": {
      const four =
        `vec4f(${name}[i], ${name}[i + 1u], ${name}[i + 2u], ${name}[i + 3u])`;
      return [
        `${variable}<storage, read> ${name}: array<f32>;`,
        signature,
        [
          "let i = start + 4u * block;",
          "let left = vec4u(columns - min(columns, 4u * block));",
          `return select(vec4f(), ${four}, vec4u(0u, 1u, 2u, 3u) < left);`,
        ],
        "}",
      ];
    }
  }
}

/**
 * Declares a buffer operand, and the function that reads four neighbouring
 * elements from a vec4 or element.
 *
 * @param name The variable's name; the function is `read_NAME`.
 * @param binding The binding's number.
 * @param access Access to it, not `texture`.
 * @returns WGSL; `read_NAME(i)` reads vec4 `i`, or the elements `i … i + 3`.
 */
export function bufferSource(
  name: string,
  binding: number,
  access: OperandAccess,
): Lines {
  const [element, value] = access === "scalar"
    ? [
      "f32",
      `vec4f(${
        times(4, (e) => `${name}[i${e > 0 ? ` + ${e}u` : ""}]`).join(", ")
      })`,
    ]
    : ["vec4f", `${name}[i]`];
  return [
    `@group(0) @binding(${binding}) var<storage, read> ${name}: array<${element}>;`,
    `fn read_${name}(i: u32) -> vec4f {`,
    [`return ${value};`],
    "}",
  ];
}
