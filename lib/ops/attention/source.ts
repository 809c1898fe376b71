/**
 * Parts of all attention kernels: WGSL for one head width.
 *
 * Probabilities are not stored: the backward pass recomputes them from `lse`.
 * Source: Dao et al. 2022, https://arxiv.org/abs/2205.14135.
 *
 *     s[i,j]  = scale · q[i] · k[j] + bias[i,j]
 *     p[i,j]  = exp(s[i,j] - lse[i]),  lse[i] = log Σ_j exp(s[i,j])
 *     o[i]    = Σ_j mask[i,j] p[i,j] v[j]
 *     δ[i]    = dO[i] · o[i]
 *     dBias[i,j] = p[i,j] (mask[i,j] dO[i] · v[j] - δ[i])
 *     dS[i,j] = scale · dBias[i,j]
 *     dQ[i]   = Σ_j dS[i,j] k[j]
 *     dK[j]   = Σ_i dS[i,j] q[i]
 *     dV[j]   = Σ_i mask[i,j] p[i,j] dO[i]
 *
 * All sums are over the j (or i) of the sequence; in local attention over those
 * with |i - j| ≤ W, and rows farther away are not read.
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
  /** Whether a query sees only the keys near it, at most `params.window` rows away. */
  readonly isLocal?: boolean;
  /** Whether a bias is added to the scores. */
  readonly hasBias?: boolean;
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
  { width, heads, access, isLocal, hasBias }: AttentionForm,
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
      "first_row: u32, // rows of the batch before row 0, times A",
      "batch_rows: u32, // rows of the batch, times A",
      ...isLocal ? ["window: u32, // W"] : [],
      ...hasBias ? ["bias_stride: u32, // from head to head, in vec4s"] : [],
      ...offsets,
    ],
    "}",
    "fn dropout() -> Dropout {",
    [
      "return Dropout(params.threshold, params.keep_scale, params.seed, params.step, params.site, params.first_row, params.batch_rows);",
    ],
    "}",
    ...isLocal
      ? [
        "fn is_near(query: u32, keys: vec4u) -> vec4<bool> {",
        [
          "return (keys + params.window >= vec4u(query)) & (keys <= vec4u(query + params.window));",
        ],
        "}",
      ]
      : [],
  ];
}

/**
 * Declares `walk_first` and `walk_end`, the rows that a tile walks over: all of its
 * sequence, or its own rows and W more on either side. They begin at a multiple of
 * four, as the blocks of the dropout do.
 */
export function walk({ isLocal }: AttentionForm): Lines {
  return isLocal
    ? [
      "let before = tile.x - tile.y;",
      "let walk_first = tile.y + (before - min(before, params.window)) / 4u * 4u;",
      `let walk_end = min(tile.z, tile.x + ${TILE_ROWS}u + params.window);`,
    ]
    : ["let walk_first = tile.y;", "let walk_end = tile.z;"];
}

/** WGSL: the keys that a query sees, of the four that `key_valid` is about. */
export function visible(
  { isLocal }: AttentionForm,
  query: string,
  keys: string,
): string {
  return isLocal ? `key_valid & is_near(${query}, ${keys})` : "key_valid";
}

/** Declares the bias, and the function that finds those of a query with four keys. */
export function biasSource({ hasBias }: AttentionForm, binding: number): Lines {
  if (!hasBias) return [];
  return [
    `@group(0) @binding(${binding}) var<storage, read> bias: array<vec4f>; // [A, N]`,
    "fn bias_place(tile: vec4u, head: u32, query: u32, key_block: u32) -> u32 {",
    [
      "let blocks = (tile.z - tile.y + 3u) / 4u;",
      "return head * params.bias_stride + tile.w + (query - tile.y) * blocks + key_block;",
    ],
    "}",
  ];
}

/**
 * WGSL: scores of a query with four keys, scaled, and with their bias.
 *
 * @param form The form.
 * @param scores WGSL: the scores.
 * @param query WGSL: the query, which must be in the sequence.
 */
export function biased(
  { hasBias }: AttentionForm,
  scores: string,
  query: string,
): string {
  const scaled = `params.scale * ${scores}`;
  return hasBias
    ? `${scaled} + bias[bias_place(tile, head, ${query}, key_block)]`
    : scaled;
}

/**
 * Declares the gradient of query r's scores before and after the scale:
 * `d_bias{r}`, if there is a bias, and `ds{r}`.
 */
export function scoreGradient(
  { hasBias }: AttentionForm,
  r: number,
  delta: string,
): Lines {
  const gradient = `p${r} * (mask${r} * dp${r} - ${delta})`;
  return hasBias
    ? [
      `let d_bias${r} = ${gradient};`,
      `let ds${r} = params.scale * d_bias${r};`,
    ]
    : [`let ds${r} = params.scale * ${gradient};`];
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
