/**
 * The forward kernel of attention for graphics hardware, as WGSL.
 *
 * @module
 */
import { main, times, wgsl } from "../wgsl_lines.ts";
import {
  hardwareHeader,
  KEYS,
  ownPlaces,
  ownTile,
  perQuery,
  QUERIES,
  queryRow,
  readSource,
  scores,
  shapeOf,
  VALUES,
} from "./hardware_source.ts";
import {
  addWeighted,
  perSum,
  queryOfSum,
  storeSums,
  zeroSums,
} from "./hardware_sums.ts";
import {
  type AttentionForm,
  biased,
  biasSource,
  storeSource,
  TILE_ROWS,
  visible,
  walk,
} from "./source.ts";

/**
 * Generates the forward kernel: a workgroup owns queries, and walks over the keys
 * and values.
 *
 * @param form Its form.
 * @returns WGSL without Philox: bindings `qkv tiles o lse [bias] params`.
 */
export function hardwareForwardSource(form: AttentionForm): string {
  const shape = shapeOf(form);
  const writeSoftmax = perQuery(shape, (i) => {
    const row = queryRow(shape, i);
    return [
      "{",
      [
        `let new_largest = max(largest${i}, ${
          ofThreads(row, (a, b) => `max(${a}, ${b})`)
        });`,
        `let shrink = exp(largest${i} - new_largest);`,
        `let p = select(vec4f(), exp(s${i} - new_largest), visible${i});`,
        `sum${i} = sum${i} * shrink + (p.x + p.y + (p.z + p.w));`,
        `largest${i} = new_largest;`,
        `weights[four_keys][${row}] = p * dropout_scales(dropout(), key_block, (query_first + ${row}) * HEADS + head);`,
        `if (four_keys == 0u) { of_queries[${row}] = shrink; }`,
      ],
      "}",
    ];
  });
  return wgsl([
    ...readSource(shape, "qkv", 0),
    "// [N]: first of 32 rows, first row of the sequence, end of the sequence",
    "@group(0) @binding(1) var<storage, read> tiles: array<vec4u>;",
    ...storeSource("o", 2, form.access),
    "@group(0) @binding(3) var<storage, read_write> lse: array<f32>; // [T, A]",
    ...biasSource(form, 4),
    `@group(0) @binding(${form.hasBias ? 5 : 4}) var<uniform> params: Params;`,
    ...hardwareHeader(shape),
    `var<workgroup> of_threads: array<array<f32, ${
      TILE_ROWS + 1
    }>, 8>; // [four keys][query]`,
    `var<workgroup> of_queries: array<f32, ${TILE_ROWS}>;`,
    ...main([shape.threads], [
      ...ownTile(1),
      ...ownPlaces(shape),
      "let query_first = tile.x;",
      ...zeroSums(shape, "o"),
      ...perQuery(
        shape,
        (i) => [`var largest${i} = NEVER.x;`, `var sum${i} = 0.0;`],
      ),
      ...walk(form),
      `for (var key_first = walk_first; key_first < walk_end; key_first += ${TILE_ROWS}u) {`,
      [
        "let key = key_first + 4u * four_keys;",
        "let keys = vec4u(key) + vec4u(0u, 1u, 2u, 3u);",
        "let key_valid = keys < vec4u(end);",
        "let key_block = (key - tile.y) / 4u;",
        ...scores(shape, "s", QUERIES, KEYS),
        ...perQuery(shape, (i) => [
          `let visible${i} = ${
            visible(form, `query_first + ${queryRow(shape, i)}`, "keys")
          };`,
          `s${i} = select(NEVER, ${
            biased(
              form,
              `s${i}`,
              `min(query_first + ${queryRow(shape, i)}, end - 1u)`,
            )
          }, visible${i});`,
          `of_threads[four_keys][${
            queryRow(shape, i)
          }] = max(max(s${i}.x, s${i}.y), max(s${i}.z, s${i}.w));`,
        ]),
        ...addWeighted(shape, {
          name: "o",
          rows: VALUES,
          weights: writeSoftmax,
          before: perSum(
            shape,
            (r, chunk) => `o${r}_${chunk} *= of_queries[${queryOfSum(r)}];`,
          ),
        }),
      ],
      "}",
      ...perQuery(
        shape,
        (i) => `of_threads[four_keys][${queryRow(shape, i)}] = sum${i};`,
      ),
      "workgroupBarrier();",
      ...times(
        4,
        (r) =>
          `let total${r} = ${
            ofThreads(queryOfSum(r), (a, b) => `${a} + ${b}`)
          };`,
      ),
      ...perSum(shape, (r, chunk) => `o${r}_${chunk} /= total${r};`),
      ...storeSums(shape, "o", "o", queryOfSum, 0),
      "if (four_keys == 0u) {",
      perQuery(shape, (i) => {
        const row = queryRow(shape, i);
        const total = ofThreads(row, (a, b) => `${a} + ${b}`);
        return [
          `if (query_first + ${row} < end) {`,
          [
            `lse[(query_first + ${row}) * HEADS + head] = largest${i} + log(${total});`,
          ],
          "}",
        ];
      }),
      "}",
    ]),
  ]);
}

/** WGSL: the values of the eight threads of a query in `of_threads`, combined. */
function ofThreads(
  row: string,
  combine: (a: string, b: string) => string,
): string {
  return times(8, (j) => `of_threads[${j}][${row}]`).reduce(combine);
}
