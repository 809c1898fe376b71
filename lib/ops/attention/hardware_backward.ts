/**
 * The backward kernel of attention for graphics hardware, as WGSL.
 *
 * @module
 */
import { type Lines, main, times, wgsl } from "../wgsl_lines.ts";
import {
  hardwareHeader,
  KEYS,
  ownPlaces,
  ownTile,
  perQuery,
  QUERIES,
  queryRow,
  readSource,
  type Rows,
  scores,
  type Shape,
  shapeOf,
  VALUES,
} from "./hardware_source.ts";
import {
  addWeighted,
  keyOfSum,
  queryOfSum,
  storeSums,
  zeroSums,
} from "./hardware_sums.ts";
import {
  type AttentionForm,
  biased,
  biasSource,
  scoreGradient,
  storeSource,
  TILE_ROWS,
  visible,
  walk,
} from "./source.ts";

const OUTPUT_GRADIENTS: Rows = {
  operand: "d_o",
  part: 0,
  first: "query_first",
};

/**
 * Generates the backward kernel. Half of the workgroups own queries, and walk
 * over the keys for dQ; the other half own keys, and walk over the queries for
 * dK and dV.
 *
 * @param form Its form.
 * @returns WGSL without Philox: bindings `qkv o d_o tiles lse d_qkv [bias d_bias] params`.
 */
export function hardwareBackwardSource(form: AttentionForm): string {
  const shape = shapeOf(form);
  return wgsl([
    ...readSource(shape, "qkv", 0),
    ...readSource(shape, "o", 1),
    ...readSource(shape, "d_o", 2),
    "// [N]: first of 32 rows, first row of the sequence, end of the sequence",
    "@group(0) @binding(3) var<storage, read> tiles: array<vec4u>;",
    "@group(0) @binding(4) var<storage, read> lse: array<f32>; // [T, A]",
    ...storeSource("d_qkv", 5, form.access),
    ...biasSource(form, 6),
    ...form.hasBias
      ? [
        "@group(0) @binding(7) var<storage, read_write> d_bias: array<vec4f>; // [A, N]",
      ]
      : [],
    `@group(0) @binding(${form.hasBias ? 8 : 6}) var<uniform> params: Params;`,
    ...hardwareHeader(shape),
    "// δ [share of a row][query]",
    `var<workgroup> delta_parts: array<array<f32, ${TILE_ROWS + 1}>, ${
      deltaLanes(shape)
    }>;`,
    ...main([shape.threads], [
      ...ownTile(2),
      "// Even and odd workgroups differ, so that any half of them costs the same.",
      "let owns_queries = index % 2u == 0u;",
      ...ownPlaces(shape),
      "// dQ or dK, and dV.",
      ...zeroSums(shape, "g"),
      ...zeroSums(shape, "dv"),
      ...walk(form),
      `for (var walked = walk_first; walked < walk_end; walked += ${TILE_ROWS}u) {`,
      gradients(shape),
      "}",
      "if (owns_queries) {",
      storeSums(shape, "d_qkv", "g", queryOfSum, 0),
      "} else {",
      [
        ...storeSums(shape, "d_qkv", "g", keyOfSum, 1),
        ...storeSums(shape, "d_qkv", "dv", keyOfSum, 2),
      ],
      "}",
    ]),
  ]);
}

/** Adds what 32 walked rows contribute. */
function gradients(shape: Shape): Lines {
  const ofScores = writeWeights(shape, "ds");
  return [
    "let query_first = select(walked, tile.x, owns_queries);",
    "let key_first = select(tile.x, walked, owns_queries);",
    "if (walked == walk_first || !owns_queries) {",
    writeDelta(shape),
    "}",
    ...scoreGradients(shape),
    "if (owns_queries) {",
    [
      ...shape.form.hasBias ? storeBiasGradient(shape) : [],
      ...addWeighted(shape, { name: "g", rows: KEYS, weights: ofScores }),
    ],
    "} else {",
    [
      ...addWeighted(shape, { name: "g", rows: QUERIES, weights: ofScores }),
      ...addWeighted(shape, {
        name: "dv",
        rows: OUTPUT_GRADIENTS,
        weights: writeWeights(shape, "w"),
      }),
    ],
    "}",
  ];
}

/** Threads that share dO · o of a query. */
function deltaLanes({ threads }: Shape): number {
  return threads / TILE_ROWS;
}

/** Writes dO · o of 32 queries to `delta_parts`, which must not be in use. */
function writeDelta(shape: Shape): Lines {
  const lanes = deltaLanes(shape);
  const read = (operand: string) =>
    `read_${operand}(min(query_first + row, end - 1u), 0u, head, block)`;
  return [
    `let row = thread / ${lanes}u;`,
    "var products = vec4f();",
    `for (var block = thread % ${lanes}u; block < ${shape.blocks}u; block += ${lanes}u) {`,
    [`products = fma(${read("d_o")}, ${read("o")}, products);`],
    "}",
    `delta_parts[thread % ${lanes}u][row] = products.x + products.y + (products.z + products.w);`,
  ];
}

/** Declares dS, `ds{i}`, and the masked probabilities, `w{i}`, of the thread's queries and keys. */
function scoreGradients(shape: Shape): Lines {
  return [
    ...scores(shape, "s", QUERIES, KEYS),
    ...scores(shape, "dp", OUTPUT_GRADIENTS, VALUES),
    "let key = key_first + 4u * four_keys;",
    "let keys = vec4u(key) + vec4u(0u, 1u, 2u, 3u);",
    "let key_valid = keys < vec4u(end);",
    "let key_block = (key - tile.y) / 4u;",
    ...perQuery(shape, (i) => {
      const row = queryRow(shape, i);
      const delta = times(
        deltaLanes(shape),
        (lane) => `delta_parts[${lane}][${row}]`,
      ).join(" + ");
      return [
        `let query${i} = min(query_first + ${row}, end - 1u);`,
        `let row${i} = query${i} * HEADS + head;`,
        `let valid${i} = ${
          visible(shape.form, `query_first + ${row}`, "keys")
        } & vec4<bool>(query_first + ${row} < end);`,
        `let p${i} = select(vec4f(), exp(${
          biased(shape.form, `s${i}`, `query${i}`)
        } - lse[row${i}]), valid${i});`,
        `let mask${i} = dropout_scales(dropout(), key_block, row${i});`,
        ...scoreGradient(shape.form, i, `(${delta})`),
        `let w${i} = mask${i} * p${i};`,
      ];
    }),
  ];
}

/** Stores the gradient of the bias of the thread's queries and keys. */
function storeBiasGradient(shape: Shape): Lines {
  return perQuery(shape, (i) => [
    `if (query_first + ${queryRow(shape, i)} < end && key < end) {`,
    [`d_bias[bias_place(tile, head, query${i}, key_block)] = d_bias${i};`],
    "}",
  ]);
}

/** Writes values of the thread's queries and keys to `weights`. */
function writeWeights(shape: Shape, name: string): Lines {
  return perQuery(
    shape,
    (i) => `weights[four_keys][${queryRow(shape, i)}] = ${name}${i};`,
  );
}
