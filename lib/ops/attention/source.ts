/**
 * Parts of all attention kernels: WGSL for one head width.
 *
 * Probabilities are not stored: the backward pass recomputes them from `lse`.
 * Source: Dao et al. 2022, https://arxiv.org/abs/2205.14135.
 *
 *     s[i,j]  = scale · q[i] · k[j]
 *     p[i,j]  = exp(s[i,j] - lse[i]),  lse[i] = log Σ_j exp(s[i,j])
 *     o[i]    = Σ_j mask[i,j] p[i,j] v[j]
 *     δ[i]    = dO[i] · o[i]
 *     dS[i,j] = scale · p[i,j] (mask[i,j] dO[i] · v[j] - δ[i])
 *     dQ[i]   = Σ_j dS[i,j] k[j]
 *     dK[j]   = Σ_i dS[i,j] q[i]
 *     dV[j]   = Σ_i mask[i,j] p[i,j] dO[i]
 *
 * @module
 */
import { type OperandAccess, unitOf } from "../operand_source.ts";
import type { Lines } from "../wgsl_lines.ts";

/** The form of an attention kernel. */
export interface AttentionForm {
  /** The head width D. */
  readonly width: number;
  /** The number of heads A. */
  readonly heads: number;
  /** Access to the operands. */
  readonly access: OperandAccess;
}

/** Rows of a tile. */
export const TILE_ROWS = 32;

/**
 * Constants, `Params` and the key of the dropout.
 *
 * @param form The form.
 * @param offsets Fields of `Params` after the common ones.
 * @returns WGSL.
 */
export function header(
  { width, heads, access }: AttentionForm,
  offsets: Lines = [],
): Lines {
  const unit = unitOf(access);
  return [
    `const WIDTH = ${width}u; // D, of a head`,
    `const HEADS = ${heads}u; // A`,
    `const STRIDE = ${heads * width / unit}u; // from row to row of [T, H]`,
    `const HEAD = ${width / unit}u; // from head to head`,
    "const NEVER = vec4f(-3.4028234663852886e38);",
    "struct Params {",
    [
      "tiles: u32, // N",
      "scale: f32, // D^-½",
      "threshold: u32,",
      "keep_scale: f32,",
      "seed: u32,",
      "step: u32,",
      "site: u32,",
      ...offsets,
    ],
    "}",
    "fn dropout() -> Dropout {",
    [
      "return Dropout(params.threshold, params.keep_scale, params.seed, params.step, params.site);",
    ],
    "}",
  ];
}

/** The functions that address rows. */
export function addresses(): Lines {
  return [
    "// The start of a row of one head in [T, 3, A, D], and in [T, A, D].",
    "fn qkv_start(row: u32, part: u32, head: u32) -> u32 {",
    ["return (3u * row + part) * STRIDE + head * HEAD;"],
    "}",
    ...["o", "d_o"].flatMap((name) => [
      `fn ${name}_start(row: u32, part: u32, head: u32) -> u32 {`,
      ["return row * STRIDE + head * HEAD;"],
      "}",
    ]),
  ];
}

/** Declares a result, and the function that stores one vec4 of a head. */
export function storeSource(
  name: string,
  binding: number,
  access: OperandAccess,
): Lines {
  const isScalar = access === "scalar";
  const element = isScalar ? "f32" : "vec4f";
  const storeElements = [
    "for (var e = 0u; e < min(4u, WIDTH - 4u * block); e++) {",
    [`${name}[start + 4u * block + e] = value[e];`],
    "}",
  ];
  return [
    `@group(0) @binding(${binding}) var<storage, read_write> ${name}: array<${element}>;`,
    `fn store_${name}(start: u32, block: u32, value: vec4f) {`,
    isScalar ? storeElements : [`${name}[start + block] = value;`],
    "}",
  ];
}
