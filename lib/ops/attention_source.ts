/**
 * The pieces of the attention kernels: WGSL text for one head width.
 *
 * Like the matrix product (see matmul_source.ts) it is generated so that all
 * that a loop holds is straight-line text over named registers. Eight threads
 * share one head of one sequence: each owns four rows, all walk over the sequence
 * four rows at a time, and a processor's subgroup reads those together. No
 * probability is stored: the backward pass computes them again from `lse`.
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
import { lines, type OperandAccess } from "./operand_source.ts";

/** What a kernel is made for. */
export interface AttentionForm {
  /** The head width D. */
  readonly width: number;
  /** The number of heads A. */
  readonly heads: number;
  /** How operands are read. */
  readonly access: OperandAccess;
  /** Threads of a workgroup, a multiple of 8. */
  readonly threads: number;
  /** Whether eight threads are a subgroup and read for one another; D must be a multiple of 8. */
  readonly lanes: boolean;
}

/** A form, with the number of vec4s of a head. */
export interface Form extends AttentionForm {
  readonly blocks: number;
}

const ROWS = [0, 1, 2, 3] as const;
/** Components of a vec4. */
export const COMPONENTS = ["x", "y", "z", "w"] as const;

/** Text for each of four rows and each vec4 of a head. */
export function each(
  blocks: number,
  text: (row: number, block: number) => string,
): string {
  return Array.from(
    { length: blocks },
    (_, block) => ROWS.map((row) => text(row, block)).join(" "),
  ).join("\n");
}

/** Declares `NAME{row}_{block}`, four rows of one head, as read by `load_OPERAND`. */
export function loadRows(
  name: string,
  operand: string,
  blocks: number,
  rows: string,
  part: number,
): string {
  return each(
    blocks,
    (r, c) =>
      `let ${name}${r}_${c} = load_${operand}(${operand}_offset + ${operand}_start(${rows}[${r}], ${part}u, head), ${c}u, WIDTH);`,
  );
}

/**
 * The same of four rows from `first`, which all threads walk over: those of a
 * subgroup read a part each, and broadcast it.
 */
export function loadWalked(
  name: string,
  operand: string,
  { blocks, lanes }: Form,
  rows: string,
  part: number,
): string {
  if (!lanes) return loadRows(name, operand, blocks, rows, part);
  return loadParts(name, operand, blocks, part) + "\n" +
    each(
      blocks,
      (r, c) => `let ${name}${r}_${c} = ${broadcast(name, r * blocks + c)};`,
    );
}

/** A lane's parts of those rows, `NAME_{i}`: the vec4s number `8·i + lane` of all. */
export function loadParts(
  name: string,
  operand: string,
  blocks: number,
  part: number,
): string {
  return lines(blocks / 2, (i) => {
    const at = `(${8 * i}u + lane)`;
    return `let ${name}_${i} = load_${operand}(${operand}_offset + ${operand}_start(min(first + ${at} / ${blocks}u, end - 1u), ${part}u, head), ${at} % ${blocks}u, WIDTH);`;
  });
}

/** Number `i` of what the lanes hold in parts. */
export const broadcast = (name: string, i: number) =>
  `subgroupBroadcast(${name}_${i >> 3}, ${i & 7}u)`;

/** Adds the products of two sets of four rows to `NAME0 … NAME3`, a vec4 over the second set each. */
export function dotRows(
  name: string,
  a: string,
  b: string,
  blocks: number,
): string {
  return each(
    blocks,
    (r, c) =>
      `${name}${r} += vec4f(${
        ROWS.map((j) => `dot(${a}${r}_${c}, ${b}${j}_${c})`).join(", ")
      });`,
  );
}

/** `NAME{i} += Σ_j weight(i, j) · OPERAND{j}` for four rows of a head. */
export function sumRows(
  name: string,
  operand: string,
  blocks: number,
  weight: (i: number, j: number) => string,
): string {
  return each(
    blocks,
    (i, c) =>
      ROWS.map((j) =>
        `${name}${i}_${c} = fma(vec4f(${
          weight(i, j)
        }), ${operand}${j}_${c}, ${name}${i}_${c});`
      ).join(" "),
  );
}

/** Declares `NAME{row}_{block}` as zeros. */
export const zeroRows = (name: string, blocks: number) =>
  each(blocks, (r, c) => `var ${name}${r}_${c} = vec4f();`);

/** Arguments of `main`. */
export const ARGUMENTS = `
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) thread: u32,
`;

/** Text for each of four rows. */
export const perRow = (text: (row: number) => string) =>
  ROWS.map((row) => `    ${text(row)}`).join("\n");

/** `scores0 … scores3`, for query rows `query` and the keys `keys`, and the masks. */
export function scores(blocks: number, keyValid: string): string {
  return `
${perRow((r) => `var s${r} = vec4f();`)}
${dotRows("s", "q", "k", blocks)}
    let key_valid = ${keyValid};
${
    perRow((r) =>
      `let mask${r} = dropout_scales(dropout(), key_block, query[${r}] * HEADS + head);`
    )
  }`;
}

/** Constants, `Params` and where rows begin. */
export function header({ width, heads, access }: AttentionForm): string {
  const u = access === "scalar" ? 1 : 4;
  return `
const WIDTH = ${width}u; // D, of a head
const HEADS = ${heads}u; // A
const STRIDE = ${heads * width / u}u; // from row to row of [T, H]
const HEAD = ${width / u}u; // from head to head
const NEVER = vec4f(-3.4028234663852886e38);

struct Params {
  tiles: u32, // N
  scale: f32, // D^-½
  threshold: u32,
  keep_scale: f32,
  seed: u32,
  step: u32,
  site: u32,
  qkv_offset: u32,
  o_offset: u32,
  d_o_offset: u32,
}

fn dropout() -> Dropout {
  return Dropout(params.threshold, params.keep_scale, params.seed, params.step, params.site);
}

// Four rows from \`first\`, those behind the sequence's end replaced by its last.
fn rows_from(first: u32, end: u32) -> vec4u {
  return min(vec4u(first) + vec4u(0u, 1u, 2u, 3u), vec4u(end - 1u));
}

// Where a row of one head begins in [T, 3, A, D] and in [T, A, D].
fn qkv_start(row: u32, part: u32, head: u32) -> u32 {
  return (3u * row + part) * STRIDE + head * HEAD;
}
fn o_start(row: u32, part: u32, head: u32) -> u32 { return row * STRIDE + head * HEAD; }
fn d_o_start(row: u32, part: u32, head: u32) -> u32 { return row * STRIDE + head * HEAD; }
`;
}

/** The binding of a result, and a function that stores one vec4 of a head. */
export function storeSource(
  name: string,
  binding: number,
  access: OperandAccess,
): string {
  const element = access === "scalar" ? "f32" : "vec4f";
  return `
@group(0) @binding(${binding}) var<storage, read_write> ${name}: array<${element}>;
fn store_${name}(start: u32, block: u32, value: vec4f) {
${
    access === "scalar"
      ? `  for (var e = 0u; e < min(4u, WIDTH - 4u * block); e++) { ${name}[start + 4u * block + e] = value[e]; }`
      : `  ${name}[start + block] = value;`
  }
}
`;
}

/** Stores the first `count` of four rows of a head. */
export function storeRows(
  name: string,
  register: string,
  blocks: number,
  start: (row: number) => string,
  count: string,
): string {
  return ROWS.map((r) =>
    `  if (${r}u < ${count}) {
${
      Array.from(
        { length: blocks },
        (_, c) =>
          `    store_${name}(${start(r)}, ${c}u, ${register}${r}_${c});`,
      ).join("\n")
    }
  }`
  ).join("\n");
}
