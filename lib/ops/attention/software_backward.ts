/**
 * The backward kernel of attention, as WGSL.
 *
 * @module
 */
import {
  type BlockedForm,
  broadcast,
  dotRows,
  each,
  loadLaneShare,
  loadRows,
  loadSharedRows,
  perRow,
  scores,
  type SoftwareForm,
  softwareHeader,
  storeRows,
  sumRows,
  zeroRows,
} from "./software_source.ts";
import {
  biased,
  biasSource,
  scoreGradient,
  storeSource,
  visible,
  walk,
} from "./source.ts";
import { operandSource } from "../operand_source.ts";
import { COMPONENTS, type Lines, main, times, wgsl } from "../wgsl_lines.ts";

/** Copies: a loop would read them each time. */
const OFFSETS: Lines = [
  "let qkv_offset = params.qkv_offset;",
  "let o_offset = params.o_offset;",
  "let d_o_offset = params.d_o_offset;",
];

/**
 * Generates the backward kernel. Half of the workgroups own queries, four per
 * thread, and sum over the keys for dQ; the other half own keys, and sum over
 * the queries for dK and dV.
 *
 * @param attention Its form.
 * @returns WGSL without Philox: bindings `qkv o d_o tiles lse d_qkv [bias d_bias] params`.
 */
export function softwareBackwardSource(attention: SoftwareForm): string {
  const { width, access } = attention;
  const form = { ...attention, blocks: Math.ceil(width / 4) };
  return wgsl([
    ...operandSource("qkv", 0, access),
    ...operandSource("o", 1, access),
    ...operandSource("d_o", 2, access),
    "// [N]: first of 32 rows, first row of the sequence, end of the sequence",
    "@group(0) @binding(3) var<storage, read> tiles: array<vec4u>;",
    "@group(0) @binding(4) var<storage, read> lse: array<f32>; // [T, A]",
    ...storeSource("d_qkv", 5, access),
    ...biasSource(attention, 6),
    ...attention.hasBias
      ? [
        "@group(0) @binding(7) var<storage, read_write> d_bias: array<vec4f>; // [A, N]",
      ]
      : [],
    `@group(0) @binding(${
      attention.hasBias ? 8 : 6
    }) var<uniform> params: Params;`,
    ...softwareHeader(form),
    "fn query_gradient(tile: vec4u, head: u32, lane: u32) {",
    queryGradient(form),
    "}",
    "fn key_value_gradient(tile: vec4u, head: u32, lane: u32) {",
    keyValueGradient(form),
    "}",
    ...main([8], [
      "// Even and odd workgroups differ, so that any half of them costs the same.",
      "let index = workgroup.y * workgroups.x + workgroup.x;",
      "let i = index / 2u;",
      "if (i >= params.tiles * HEADS) { return; }",
      "let tile = tiles[i / HEADS];",
      "let head = i % HEADS;",
      "if (index % 2u == 0u) {",
      ["query_gradient(tile, head, thread);"],
      "} else {",
      ["key_value_gradient(tile, head, thread);"],
      "}",
    ]),
  ]);
}

/** The gradient of four queries: a loop over the keys of their sequence. */
function queryGradient(form: BlockedForm): Lines {
  const { blocks } = form;
  return [
    ...OFFSETS,
    "let end = tile.z;",
    "let own_first = tile.x + 4u * lane;",
    "let own = rows_from(own_first, end);",
    "let query = own;",
    ...loadRows("q", "qkv", blocks, "own", 0),
    ...loadRows("d", "d_o", blocks, "own", 0),
    ...rowStatistics("own"),
    ...addDelta(blocks, "own"),
    ...zeroRows("dq", blocks),
    ...walk(form),
    "for (var first = walk_first; first < walk_end; first += 4u) {",
    [
      "let key = rows_from(first, end);",
      "let key_block = (first - tile.y) / 4u;",
      ...loadSharedRows("k", "qkv", form, "key", 1),
      ...loadSharedRows("v", "qkv", form, "key", 2),
      ...scores(blocks, "vec4u(first) + vec4u(0u, 1u, 2u, 3u) < vec4u(end)"),
      ...probabilities(form, (r) => visible(form, `query[${r}]`, "key")),
      ...form.hasBias
        ? perRow((r) => [
          `if (own_first + ${r}u < end) {`,
          [
            `d_bias[bias_place(tile, head, query[${r}], key_block)] = d_bias${r};`,
          ],
          "}",
        ])
        : [],
      ...sumRows("dq", "k", blocks, (i, j) => `ds${i}.${COMPONENTS[j]}`),
    ],
    "}",
    "let count = end - min(own_first, end);",
    ...storeRows("d_qkv", "dq", blocks, startOfPart(0)),
  ];
}

/** The gradients of four keys and values: a loop over the queries of their sequence. */
function keyValueGradient(form: BlockedForm): Lines {
  const { blocks, lanes } = form;
  return [
    ...OFFSETS,
    "let end = tile.z;",
    "let own_first = tile.x + 4u * lane;",
    "let own = rows_from(own_first, end);",
    "let key_block = (own_first - tile.y) / 4u;",
    ...loadRows("k", "qkv", blocks, "own", 1),
    ...loadRows("v", "qkv", blocks, "own", 2),
    ...zeroRows("dk", blocks),
    ...zeroRows("dv", blocks),
    ...walk(form),
    "for (var first = walk_first; first < walk_end; first += 4u) {",
    [
      "let query = rows_from(first, end);",
      ...loadSharedRows("q", "qkv", form, "query", 0),
      ...loadSharedRows("d", "d_o", form, "query", 0),
      ...rowStatistics("query"),
      ...lanes ? addDeltaOfShares(blocks) : addDelta(blocks, "query"),
      ...scores(
        blocks,
        "vec4u(own_first) + vec4u(0u, 1u, 2u, 3u) < vec4u(end)",
      ),
      ...probabilities(
        form,
        (r) =>
          visible(form, `query[${r}]`, "own") +
          ` & vec4<bool>(first + ${r}u < end)`,
      ),
      ...sumRows("dk", "q", blocks, (i, j) => `ds${j}.${COMPONENTS[i]}`),
      ...sumRows("dv", "d", blocks, (i, j) => `w${j}.${COMPONENTS[i]}`),
    ],
    "}",
    "let count = end - min(own_first, end);",
    ...storeRows("d_qkv", "dk", blocks, startOfPart(1)),
    ...storeRows("d_qkv", "dv", blocks, startOfPart(2)),
  ];
}

/** WGSL: the start of row `r` of those the thread owns, in a part of `d_qkv`. */
function startOfPart(part: number): (r: number) => string {
  return (r) => `qkv_start(own[${r}], ${part}u, head)`;
}

/** Declares `lse{r}` and `delta{r}`, still 0, of four queries. */
function rowStatistics(rows: string): Lines {
  return [
    ...perRow((r) => `let lse${r} = lse[${rows}[${r}] * HEADS + head];`),
    ...perRow((r) => `var delta${r} = 0.0;`),
  ];
}

/** Adds dO · o to `delta{r}`. */
function addDelta(blocks: number, rows: string): Lines {
  return each(blocks, (r, c) => {
    const start = `o_offset + o_start(${rows}[${r}], 0u, head)`;
    return `delta${r} += dot(d${r}_${c}, load_o(${start}, ${c}u, WIDTH));`;
  });
}

/** The same where each lane multiplies the share that it has read. */
function addDeltaOfShares(blocks: number): Lines {
  return [
    ...loadLaneShare("o", "o", blocks, 0),
    ...times(blocks / 2, (i) => `let product_${i} = dot(d_${i}, o_${i});`),
    ...each(
      blocks,
      (r, c) => `delta${r} += ${broadcast("product", r * blocks + c)};`,
    ),
  ];
}

/** Recomputes the probabilities `p{r}`, and declares `ds{r}` and the masked ones `w{r}`. */
function probabilities(
  form: BlockedForm,
  valid: (row: number) => string,
): Lines {
  return [
    ...perRow((r) => [
      `let p${r} = select(vec4f(), exp(${
        biased(form, `s${r}`, `query[${r}]`)
      } - lse${r}), ${valid(r)});`,
      `var dp${r} = vec4f();`,
    ]),
    ...dotRows("dp", "d", "v", form.blocks),
    ...perRow((r) => [
      ...scoreGradient(form, r, `delta${r}`),
      `let w${r} = mask${r} * p${r};`,
    ]),
  ];
}
