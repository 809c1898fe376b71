/**
 * Parts of the attention kernels: WGSL for one head width.
 *
 * They are generated, as the matrix product is (see source.ts), so that
 * the body of a loop is straight-line code over named registers. Eight threads
 * share one head of one tile: each owns four rows, all loop over the sequence
 * four rows at a time, and on a CPU their subgroup reads those together.
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
import type { OperandAccess } from "../operand_source.ts";
import { type Lines, times } from "../wgsl_lines.ts";

/** The form of an attention kernel. */
export interface AttentionForm {
  /** The head width D. */
  readonly width: number;
  /** The number of heads A. */
  readonly heads: number;
  /** Access to the operands. */
  readonly access: OperandAccess;
  /** Threads of a workgroup, a multiple of 8. */
  readonly threads: number;
  /** Whether eight threads are a subgroup that shares its reads; D must be a multiple of 8. */
  readonly lanes: boolean;
}

/** A form, with the number of vec4s of a head. */
export interface BlockedForm extends AttentionForm {
  readonly blocks: number;
}

const ROWS = [0, 1, 2, 3] as const;
/** Components of a vec4. */
export const COMPONENTS = ["x", "y", "z", "w"] as const;

/** Lines for each vec4 of a head and each of four rows. */
export function each(
  blocks: number,
  lines: (row: number, block: number) => string | string[],
): string[] {
  return Array.from(
    { length: blocks },
    (_, block) => ROWS.flatMap((row) => lines(row, block)),
  ).flat();
}

/** Lines for each of four rows. */
export function perRow(lines: (row: number) => string | Lines): Lines {
  return ROWS.flatMap(lines);
}

/**
 * Declares `NAME{row}_{block}`: four rows of one head, read by `load_OPERAND`.
 *
 * @param name Prefix of the registers.
 * @param operand Name of the binding.
 * @param blocks The number of vec4s of a head.
 * @param rows WGSL: the four row numbers, a vec4u.
 * @param part Of `qkv`: 0 for queries, 1 for keys, 2 for values; 0 for others.
 */
export function loadRows(
  name: string,
  operand: string,
  blocks: number,
  rows: string,
  part: number,
): Lines {
  return each(blocks, (r, c) => {
    const start =
      `${operand}_offset + ${operand}_start(${rows}[${r}], ${part}u, head)`;
    return `let ${name}${r}_${c} = load_${operand}(${start}, ${c}u, WIDTH);`;
  });
}

/**
 * The same of the four rows from `first`, which all threads of a head need: the
 * lanes of a subgroup read a share each, and broadcast it.
 */
export function loadSharedRows(
  name: string,
  operand: string,
  { blocks, lanes }: BlockedForm,
  rows: string,
  part: number,
): Lines {
  if (!lanes) return loadRows(name, operand, blocks, rows, part);
  return [
    ...loadLaneShare(name, operand, blocks, part),
    ...each(
      blocks,
      (r, c) => `let ${name}${r}_${c} = ${broadcast(name, r * blocks + c)};`,
    ),
  ];
}

/** Declares `NAME_{i}`, a lane's share of those rows: vec4 number `8·i + lane` of all. */
export function loadLaneShare(
  name: string,
  operand: string,
  blocks: number,
  part: number,
): Lines {
  return times(blocks / 2, (i) => {
    const at = `(${8 * i}u + lane)`;
    const row = `min(first + ${at} / ${blocks}u, end - 1u)`;
    const start =
      `${operand}_offset + ${operand}_start(${row}, ${part}u, head)`;
    return `let ${name}_${i} = load_${operand}(${start}, ${at} % ${blocks}u, WIDTH);`;
  });
}

/** Value `i` of a shared row, from the lane that has it. */
export function broadcast(name: string, i: number): string {
  return `subgroupBroadcast(${name}_${i >> 3}, ${i & 7}u)`;
}

/** Adds the dot products of two sets of four rows to `NAME0 … NAME3`, each a vec4 over the second set. */
export function dotRows(
  name: string,
  a: string,
  b: string,
  blocks: number,
): Lines {
  return each(blocks, (r, c) => {
    const products = ROWS.map((j) => `dot(${a}${r}_${c}, ${b}${j}_${c})`);
    return `${name}${r} += vec4f(${products.join(", ")});`;
  });
}

/** `NAME{i} += Σ_j weight(i, j) · OPERAND{j}` for four rows of a head. */
export function sumRows(
  name: string,
  operand: string,
  blocks: number,
  weight: (i: number, j: number) => string,
): Lines {
  return each(blocks, (i, c) => {
    const sum = `${name}${i}_${c}`;
    return ROWS.map((j) =>
      `${sum} = fma(vec4f(${weight(i, j)}), ${operand}${j}_${c}, ${sum});`
    );
  });
}

/** Declares `NAME{row}_{block}` as zeros. */
export function zeroRows(name: string, blocks: number): Lines {
  return each(blocks, (r, c) => `var ${name}${r}_${c} = vec4f();`);
}

/** Declares the scores `s0 … s3` of the rows `query` with four keys, and the dropout masks. */
export function scores(blocks: number, keyValid: string): Lines {
  return [
    ...perRow((r) => `var s${r} = vec4f();`),
    ...dotRows("s", "q", "k", blocks),
    `let key_valid = ${keyValid};`,
    ...perRow((r) =>
      `let mask${r} = dropout_scales(dropout(), key_block, query[${r}] * HEADS + head);`
    ),
  ];
}

/** The entry point: its attributes, signature and body. */
export function main(threads: number, body: Lines): Lines {
  return [
    `@compute @workgroup_size(${threads})`,
    "fn main(",
    [
      "@builtin(workgroup_id) workgroup: vec3u,",
      "@builtin(num_workgroups) workgroups: vec3u,",
      "@builtin(local_invocation_index) thread: u32,",
    ],
    ") {",
    body,
    "}",
  ];
}

/** Constants, `Params`, and the functions that address rows. */
export function header({ width, heads, access }: AttentionForm): Lines {
  const unit = access === "scalar" ? 1 : 4;
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
      "qkv_offset: u32,",
      "o_offset: u32,",
      "d_o_offset: u32,",
    ],
    "}",
    "fn dropout() -> Dropout {",
    [
      "return Dropout(params.threshold, params.keep_scale, params.seed, params.step, params.site);",
    ],
    "}",
    "// Four rows from `first`; after the end of the sequence, its last row.",
    "fn rows_from(first: u32, end: u32) -> vec4u {",
    ["return min(vec4u(first) + vec4u(0u, 1u, 2u, 3u), vec4u(end - 1u));"],
    "}",
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

/** Stores four rows of a head, as far as they are below `count`. */
export function storeRows(
  name: string,
  register: string,
  blocks: number,
  start: (row: number) => string,
): Lines {
  return perRow((r) => [
    `if (${r}u < count) {`,
    times(
      blocks,
      (c) => `store_${name}(${start(r)}, ${c}u, ${register}${r}_${c});`,
    ),
    "}",
  ]);
}
