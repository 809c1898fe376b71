/**
 * The backward kernel of attention, as WGSL text.
 *
 * @module
 */
import {
  ARGUMENTS,
  type AttentionForm,
  broadcast,
  COMPONENTS,
  dotRows,
  each,
  header,
  loadParts,
  loadRows,
  loadWalked,
  perRow,
  scores,
  storeRows,
  storeSource,
  sumRows,
  zeroRows,
} from "./attention_source.ts";
import { lines, operandSource } from "./operand_source.ts";

/** Copies: a loop would read them each time. */
const OFFSETS = `  let qkv_offset = params.qkv_offset;
  let o_offset = params.o_offset;
  let d_o_offset = params.d_o_offset;`;

/**
 * The backward kernel, in two kinds of threads: those that own four queries and
 * sum over the keys for dQ, and those that own four keys and sum over the
 * queries for dK and dV.
 *
 * @param attention What it is made for.
 * @returns WGSL without Philox: bindings `qkv o d_o tiles lse d_qkv params`.
 */
export function attentionBackwardSource(attention: AttentionForm): string {
  const { width, access, threads, lanes } = attention;
  const blocks = Math.ceil(width / 4);
  const form = { ...attention, blocks };
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
  const queries = (
    load: (name: string, operand: string, part: number) => string,
    rows: string,
    delta: string,
  ) => `
${load("q", "qkv", 0)}
${load("d", "d_o", 0)}
${perRow((r) => `let lse${r} = lse[${rows}[${r}] * HEADS + head];`)}
${perRow((r) => `var delta${r} = 0.0;`)}
${delta}`;
  const own = (rows: string) => (name: string, operand: string, part: number) =>
    loadRows(name, operand, blocks, rows, part);
  const walked =
    (rows: string) => (name: string, operand: string, part: number) =>
      loadWalked(name, operand, form, rows, part);
  const deltaOf = (rows: string) =>
    each(
      blocks,
      (r, c) =>
        `delta${r} += dot(d${r}_${c}, load_o(o_offset + o_start(${rows}[${r}], 0u, head), ${c}u, WIDTH));`,
    );
  // Each lane multiplies the parts that it has read.
  const deltaOfParts = () => `
${loadParts("o", "o", blocks, 0)}
${lines(blocks / 2, (i) => `let product_${i} = dot(d_${i}, o_${i});`)}
${
    each(
      blocks,
      (r, c) => `delta${r} += ${broadcast("product", r * blocks + c)};`,
    )
  }`;
  const part = (i: number) => (r: number) =>
    `qkv_start(own[${r}], ${i}u, head)`;
  return `
${operandSource("qkv", 0, access)}
${operandSource("o", 1, access)}
${operandSource("d_o", 2, access)}
@group(0) @binding(3) var<storage, read> tiles: array<vec4u>; // [N]: first of 32 rows, sequence's first, its end
@group(0) @binding(4) var<storage, read> lse: array<f32>; // [T, A]
${storeSource("d_qkv", 5, access)}
@group(0) @binding(6) var<uniform> params: Params;
${header(form)}
fn query_gradient(tile: vec4u, head: u32, lane: u32) {
${OFFSETS}
  let end = tile.z;
  let own_first = tile.x + 4u * lane;
  let own = rows_from(own_first, end);
  let query = own;
${queries(own("own"), "own", deltaOf("own"))}
${zeroRows("dq", blocks)}
  for (var first = tile.y; first < end; first += 4u) {
    let key = rows_from(first, end);
    let key_block = (first - tile.y) / 4u;
${loadWalked("k", "qkv", form, "key", 1)}
${loadWalked("v", "qkv", form, "key", 2)}
${scores(blocks, "vec4u(first) + vec4u(0u, 1u, 2u, 3u) < vec4u(end)")}
${probabilities(() => "key_valid")}
${sumRows("dq", "k", blocks, (i, j) => `ds${i}.${COMPONENTS[j]}`)}
  }
  let count = end - min(own_first, end);
${storeRows("d_qkv", "dq", blocks, part(0), "count")}
}
fn key_value_gradient(tile: vec4u, head: u32, lane: u32) {
${OFFSETS}
  let end = tile.z;
  let own_first = tile.x + 4u * lane;
  let own = rows_from(own_first, end);
  let key_block = (own_first - tile.y) / 4u;
${loadRows("k", "qkv", blocks, "own", 1)}
${loadRows("v", "qkv", blocks, "own", 2)}
${zeroRows("dk", blocks)}
${zeroRows("dv", blocks)}
  for (var first = tile.y; first < end; first += 4u) {
    let query = rows_from(first, end);
${queries(walked("query"), "query", lanes ? deltaOfParts() : deltaOf("query"))}
${scores(blocks, "vec4u(own_first) + vec4u(0u, 1u, 2u, 3u) < vec4u(end)")}
${probabilities((r) => `key_valid & vec4<bool>(first + ${r}u < end)`)}
${sumRows("dk", "q", blocks, (i, j) => `ds${j}.${COMPONENTS[i]}`)}
${sumRows("dv", "d", blocks, (i, j) => `w${j}.${COMPONENTS[i]}`)}
  }
  let count = end - min(own_first, end);
${storeRows("d_qkv", "dk", blocks, part(1), "count")}
${storeRows("d_qkv", "dv", blocks, part(2), "count")}
}
@compute @workgroup_size(${threads})
fn main(${ARGUMENTS}) {
  // The kinds take turns, so that both halves of the workgroups cost the same.
  let index = workgroup.y * workgroups.x + workgroup.x;
  let i = index / 2u * ${threads / 8}u + thread / 8u;
  if (i >= params.tiles * HEADS) { return; }
  let tile = tiles[i / HEADS];
  let head = i % HEADS;
  if (index % 2u == 0u) {
    query_gradient(tile, head, thread % 8u);
  } else {
    key_value_gradient(tile, head, thread % 8u);
  }
}
`;
}
