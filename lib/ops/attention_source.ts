/**
 * The generator of the attention kernels: WGSL text for one head width.
 *
 * Like the matrix product (see matmul_source.ts) it is generated so that all
 * that a loop holds is straight-line text over named registers. A thread owns
 * four rows of one head of one sequence, walks over the sequence four rows at a
 * time, and never stores a probability: the backward pass computes them again
 * from `lse`. Source: Dao et al. 2022, https://arxiv.org/abs/2205.14135.
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
import { type Access, operandSource } from "./operand_source.ts";

const ROWS = [0, 1, 2, 3] as const;
const COMPONENTS = ["x", "y", "z", "w"] as const;

/** Text for each of four rows and each vec4 of a head. */
function each(
  blocks: number,
  text: (row: number, block: number) => string,
): string {
  return Array.from(
    { length: blocks },
    (_, block) => ROWS.map((row) => text(row, block)).join(" "),
  ).join("\n");
}

/** Declares `NAME{row}_{block}`, four rows of one head, as read by `load_OPERAND`. */
function loadRows(
  name: string,
  operand: string,
  blocks: number,
  rows: string,
  part: number,
): string {
  return each(
    blocks,
    (r, c) =>
      `let ${name}${r}_${c} = load_${operand}(${operand}_start(${rows}[${r}], ${part}u, head), ${c}u, WIDTH);`,
  );
}

/** Adds the products of two sets of four rows to `NAME0 … NAME3`, a vec4 over the second set each. */
function dotRows(name: string, a: string, b: string, blocks: number): string {
  return each(
    blocks,
    (r, c) =>
      `${name}${r} += vec4f(${
        ROWS.map((j) => `dot(${a}${r}_${c}, ${b}${j}_${c})`).join(", ")
      });`,
  );
}

/** `NAME{i} += Σ_j weight(i, j) · OPERAND{j}` for four rows of a head. */
function sumRows(
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

const zeroRows = (name: string, blocks: number) =>
  each(blocks, (r, c) => `var ${name}${r}_${c} = vec4f();`);

const perRow = (text: (row: number) => string) =>
  ROWS.map((row) => `    ${text(row)}`).join("\n");

/** `scores0 … scores3`, for query rows `query` and the keys `keys`, and the masks. */
function scores(blocks: number, keyValid: string): string {
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

function header(width: number, heads: number, access: Access): string {
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
function storeSource(name: string, binding: number, access: Access): string {
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

function storeRows(
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

/**
 * The forward kernel.
 *
 * @param width The head width D.
 * @param heads The number of heads A.
 * @param access How `qkv` is read.
 * @param threads Threads of a workgroup.
 * @returns WGSL without Philox: bindings `qkv tiles o lse params`.
 */
export function attentionForwardSource(
  width: number,
  heads: number,
  access: Access,
  threads: number,
): string {
  const blocks = Math.ceil(width / 4);
  return `
${operandSource("qkv", 0, access)}
@group(0) @binding(1) var<storage, read> tiles: array<vec4u>; // [N]: first row, sequence's first, its end
${storeSource("o", 2, access)}
@group(0) @binding(3) var<storage, read_write> lse: array<f32>; // [T, A]
@group(0) @binding(4) var<uniform> params: Params;
${header(width, heads, access)}
@compute @workgroup_size(${threads})
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let i = id.y * workgroups.x * ${threads}u + id.x;
  if (i >= params.tiles * HEADS) { return; }
  let tile = tiles[i / HEADS];
  let head = i % HEADS;
  let end = tile.z;
  let query = rows_from(tile.x, end);
${loadRows("q", "qkv", blocks, "query", 0)}
${zeroRows("o", blocks)}
${perRow((r) => `var largest${r} = NEVER.x; var sum${r} = 0.0;`)}
  for (var first = tile.y; first < end; first += 4u) {
    let key = rows_from(first, end);
    let key_block = (first - tile.y) / 4u;
${loadRows("k", "qkv", blocks, "key", 1)}
${loadRows("v", "qkv", blocks, "key", 2)}
${scores(blocks, "vec4u(first) + vec4u(0u, 1u, 2u, 3u) < vec4u(end)")}
${
    perRow((r) => `
    s${r} = select(NEVER, params.scale * s${r}, key_valid);
    let new_largest${r} = max(largest${r}, max(max(s${r}.x, s${r}.y), max(s${r}.z, s${r}.w)));
    let shrink${r} = exp(largest${r} - new_largest${r});
    let p${r} = select(vec4f(), exp(s${r} - new_largest${r}), key_valid);
    sum${r} = sum${r} * shrink${r} + dot(p${r}, vec4f(1.0));
    largest${r} = new_largest${r};
    let w${r} = p${r} * mask${r};`)
  }
${each(blocks, (r, c) => `o${r}_${c} *= shrink${r};`)}
${sumRows("o", "v", blocks, (i, j) => `w${i}.${COMPONENTS[j]}`)}
  }
${each(blocks, (r, c) => `o${r}_${c} /= sum${r};`)}
  let count = end - tile.x;
${storeRows("o", "o", blocks, (r) => `o_start(query[${r}], 0u, head)`, "count")}
${
    perRow((r) =>
      `if (${r}u < count) { lse[query[${r}] * HEADS + head] = largest${r} + log(sum${r}); }`
    )
  }
}
`;
}

/**
 * The backward kernel, in two kinds of threads: those that own four queries and
 * sum over the keys for dQ, and those that own four keys and sum over the
 * queries for dK and dV.
 *
 * @param width The head width D.
 * @param heads The number of heads A.
 * @param access How `qkv`, `o` and `d_o` are read.
 * @param threads Threads of a workgroup.
 * @returns WGSL without Philox: bindings `qkv o d_o tiles lse d_qkv params`.
 */
export function attentionBackwardSource(
  width: number,
  heads: number,
  access: Access,
  threads: number,
): string {
  const blocks = Math.ceil(width / 4);
  const probabilities = (queryValid: (row: number) => string) => `
${
    perRow((r) => `
    let p${r} = select(vec4f(), exp(params.scale * s${r} - lse${r}), ${
      queryValid(r)
    });
    var dp${r} = vec4f();`)
  }
${dotRows("dp", "d", "v", blocks)}
${
    perRow((r) =>
      `let ds${r} = params.scale * p${r} * (mask${r} * dp${r} - delta${r}); let w${r} = mask${r} * p${r};`
    )
  }`;
  const loadQueries = (rows: string) => `
${loadRows("q", "qkv", blocks, rows, 0)}
${loadRows("d", "d_o", blocks, rows, 0)}
${
    perRow((r) =>
      `var delta${r} = 0.0; let lse${r} = lse[${rows}[${r}] * HEADS + head];`
    )
  }
${
    each(
      blocks,
      (r, c) =>
        `delta${r} += dot(d${r}_${c}, load_o(o_start(${rows}[${r}], 0u, head), ${c}u, WIDTH));`,
    )
  }`;
  const loadKeys = (rows: string) => `
${loadRows("k", "qkv", blocks, rows, 1)}
${loadRows("v", "qkv", blocks, rows, 2)}`;
  const part = (i: number) => (r: number) =>
    `qkv_start(own[${r}], ${i}u, head)`;
  return `
${operandSource("qkv", 0, access)}
${operandSource("o", 1, access)}
${operandSource("d_o", 2, access)}
@group(0) @binding(3) var<storage, read> tiles: array<vec4u>; // [N]: first row, sequence's first, its end
@group(0) @binding(4) var<storage, read> lse: array<f32>; // [T, A]
${storeSource("d_qkv", 5, access)}
@group(0) @binding(6) var<uniform> params: Params;
${header(width, heads, access)}
fn query_gradient(tile: vec4u, head: u32) {
  let end = tile.z;
  let own = rows_from(tile.x, end);
  let query = own;
${loadQueries("own")}
${zeroRows("dq", blocks)}
  for (var first = tile.y; first < end; first += 4u) {
    let key = rows_from(first, end);
    let key_block = (first - tile.y) / 4u;
${loadKeys("key")}
${scores(blocks, "vec4u(first) + vec4u(0u, 1u, 2u, 3u) < vec4u(end)")}
${probabilities(() => "key_valid")}
${sumRows("dq", "k", blocks, (i, j) => `ds${i}.${COMPONENTS[j]}`)}
  }
  let count = end - tile.x;
${storeRows("d_qkv", "dq", blocks, part(0), "count")}
}
fn key_value_gradient(tile: vec4u, head: u32) {
  let end = tile.z;
  let own = rows_from(tile.x, end);
  let key_block = (tile.x - tile.y) / 4u;
${loadKeys("own")}
${zeroRows("dk", blocks)}
${zeroRows("dv", blocks)}
  for (var first = tile.y; first < end; first += 4u) {
    let query = rows_from(first, end);
${loadQueries("query")}
${scores(blocks, "vec4u(tile.x) + vec4u(0u, 1u, 2u, 3u) < vec4u(end)")}
${probabilities((r) => `key_valid & vec4<bool>(first + ${r}u < end)`)}
${sumRows("dk", "q", blocks, (i, j) => `ds${j}.${COMPONENTS[i]}`)}
${sumRows("dv", "d", blocks, (i, j) => `w${j}.${COMPONENTS[i]}`)}
  }
  let count = end - tile.x;
${storeRows("d_qkv", "dk", blocks, part(1), "count")}
${storeRows("d_qkv", "dv", blocks, part(2), "count")}
}
@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) workgroups: vec3u, @builtin(local_invocation_index) thread: u32) {
  let own = (params.tiles * HEADS + ${
    threads - 1
  }u) / ${threads}u; // workgroups of a kind
  let index = workgroup.y * workgroups.x + workgroup.x;
  let i = index % own * ${threads}u + thread;
  if (i >= params.tiles * HEADS) { return; }
  let tile = tiles[i / HEADS];
  let head = i % HEADS;
  if (index < own) {
    query_gradient(tile, head);
  } else if (index < 2u * own) {
    key_value_gradient(tile, head);
  }
}
`;
}
