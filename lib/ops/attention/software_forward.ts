/**
 * The forward kernel of attention, as WGSL.
 *
 * @module
 */
import {
  each,
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
import { biased, biasSource, storeSource, visible, walk } from "./source.ts";
import { operandSource } from "../operand_source.ts";
import { COMPONENTS, main, wgsl } from "../wgsl_lines.ts";

/**
 * Generates the forward kernel.
 *
 * @param attention Its form.
 * @returns WGSL without Philox: bindings `qkv tiles o lse [bias] params`.
 */
export function softwareForwardSource(attention: SoftwareForm): string {
  const { width, access } = attention;
  const blocks = Math.ceil(width / 4);
  const form = { ...attention, blocks };
  const softmax = perRow((r) => [
    `let visible${r} = ${visible(attention, `query[${r}]`, "key")};`,
    `s${r} = select(NEVER, ${
      biased(attention, `s${r}`, `query[${r}]`)
    }, visible${r});`,
    `let new_largest${r} = max(largest${r}, max(max(s${r}.x, s${r}.y), max(s${r}.z, s${r}.w)));`,
    `let shrink${r} = exp(largest${r} - new_largest${r});`,
    `let p${r} = select(vec4f(), exp(s${r} - new_largest${r}), visible${r});`,
    `sum${r} = sum${r} * shrink${r} + dot(p${r}, vec4f(1.0));`,
    `largest${r} = new_largest${r};`,
    `let w${r} = p${r} * mask${r};`,
  ]);
  return wgsl([
    ...operandSource("qkv", 0, access),
    "// [N]: first of 32 rows, first row of the sequence, end of the sequence",
    "@group(0) @binding(1) var<storage, read> tiles: array<vec4u>;",
    ...storeSource("o", 2, access),
    "@group(0) @binding(3) var<storage, read_write> lse: array<f32>; // [T, A]",
    ...biasSource(attention, 4),
    `@group(0) @binding(${
      attention.hasBias ? 5 : 4
    }) var<uniform> params: Params;`,
    ...softwareHeader(form),
    ...main([8], [
      "let i = workgroup.y * workgroups.x + workgroup.x;",
      "if (i >= params.tiles * HEADS) { return; }",
      "let tile = tiles[i / HEADS];",
      "let head = i % HEADS;",
      "let end = tile.z;",
      "let lane = thread;",
      "let own_first = tile.x + 4u * lane;",
      "let query = rows_from(own_first, end);",
      "let qkv_offset = params.qkv_offset;",
      ...loadRows("q", "qkv", blocks, "query", 0),
      ...zeroRows("o", blocks),
      ...perRow((r) => [`var largest${r} = NEVER.x;`, `var sum${r} = 0.0;`]),
      ...walk(form),
      "for (var first = walk_first; first < walk_end; first += 4u) {",
      [
        "let key = rows_from(first, end);",
        "let key_block = (first - tile.y) / 4u;",
        ...loadSharedRows("k", "qkv", form, "key", 1),
        ...loadSharedRows("v", "qkv", form, "key", 2),
        ...scores(blocks, "vec4u(first) + vec4u(0u, 1u, 2u, 3u) < vec4u(end)"),
        ...softmax,
        ...each(blocks, (r, c) => `o${r}_${c} *= shrink${r};`),
        ...sumRows("o", "v", blocks, (i, j) => `w${i}.${COMPONENTS[j]}`),
      ],
      "}",
      ...each(blocks, (r, c) => `o${r}_${c} /= sum${r};`),
      "let count = end - min(own_first, end);",
      ...storeRows("o", "o", blocks, (r) => `o_start(query[${r}], 0u, head)`),
      ...perRow((r) => [
        `if (${r}u < count) {`,
        [`lse[query[${r}] * HEADS + head] = largest${r} + log(sum${r});`],
        "}",
      ]),
    ]),
  ]);
}
