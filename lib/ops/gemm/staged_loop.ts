/**
 * The loop over K where a workgroup shares its operands, as WGSL.
 *
 * @module
 */
import { addSums } from "./epilogue.ts";
import type { Layout, Tile } from "./tile.ts";
import { COMPONENTS, multiplyAdd, rowOfSteps } from "./multiply_add.ts";
import { type Lines, times } from "../wgsl_lines.ts";

/**
 * Declares the workgroup memory of a shared loop: K is outermost, and each step
 * has one vec4 of padding against bank conflicts.
 */
export function stageSource(
  { rows, columns, threads: [x, y], depth }: Tile,
): Lines {
  const stage = (name: string, length: number) =>
    `var<workgroup> ${name}: array<array<vec4f, ${length / 4 + 1}>, ${depth}>;`;
  return [stage("a_stage", y * rows), stage("b_stage", x * columns)];
}

/**
 * The loop over K: the workgroup copies `depth` steps of K into workgroup
 * memory, and every thread multiplies from there.
 *
 * @param layout Transposes of A and B.
 * @param tile The tile.
 * @param sums Whether to sum A over K.
 * @returns WGSL.
 */
export function stagedLoop(layout: Layout, tile: Tile, sums: boolean): Lines {
  const { rows, columns, threads: [x, y], depth } = tile;
  const vecs = columns / 4;
  const a = layout === "TN"
    ? copySteps("a", y * rows, tile, "tile_row", "p.m")
    : copyRows("a", y * rows, tile, "tile_row");
  const b = layout === "NT"
    ? copyRows("b", x * columns, tile, "4u * tile_block")
    : copySteps("b", x * columns, tile, "4u * tile_block", "p.n");
  const blocks: (string | Lines)[] = [];
  for (let first = 0; first < depth; first += 4) {
    blocks.push("{", multiplyStaged(first, rows, vecs, sums), "}");
  }
  return [
    `let tx = thread % ${x}u * ${vecs}u;`,
    `let ty = thread / ${x}u * ${rows / 4}u;`,
    `for (var k0 = 0u; k0 < p.k; k0 += ${depth}u) {`,
    [
      "workgroupBarrier(); // the last steps may still be read",
      ...a,
      ...b,
      "workgroupBarrier();",
      ...blocks,
    ],
    "}",
  ];
}

/** Copies rows of K consecutive elements: four steps of one row per load. */
function copyRows(
  operand: "a" | "b",
  length: number,
  { threads: [x, y], depth }: Tile,
  first: string,
): Lines {
  const start = `p.${operand}_offset + (${first} + r) * p.${operand}_stride`;
  const load = `load_${operand}(${start}, k0 / 4u + q, p.k)`;
  const copies: (string | Lines)[] = [];
  for (let i = 0; i < length * depth / 4; i += x * y) {
    copies.push("{", [
      `let i = thread + ${i}u;`,
      `let r = i / ${depth / 4}u;`,
      `let q = i % ${depth / 4}u;`,
      `let v = select(vec4f(), ${load}, k0 + 4u * q < p.k);`,
      ...times(
        4,
        (e) =>
          `${operand}_stage[4u * q + ${e}u][r / 4u][r % 4u] = v.${
            COMPONENTS[e]
          };`,
      ),
    ], "}");
  }
  return copies;
}

/** Copies steps of K: four consecutive rows or columns of one step per load. */
function copySteps(
  operand: "a" | "b",
  length: number,
  { threads: [x, y], depth }: Tile,
  first: string,
  limit: string,
): Lines {
  const start = `p.${operand}_offset + (k0 + r) * p.${operand}_stride`;
  const load = `load_${operand}(${start}, ${first} / 4u + q, ${limit})`;
  const copies: (string | Lines)[] = [];
  for (let i = 0; i < length * depth / 4; i += x * y) {
    copies.push("{", [
      `let i = thread + ${i}u;`,
      `let r = i / ${length / 4}u;`,
      `let q = i % ${length / 4}u;`,
      `${operand}_stage[r][q] = select(vec4f(), ${load}, k0 + r < p.k);`,
    ], "}");
  }
  return copies;
}

/** Four steps of K from workgroup memory. */
function multiplyStaged(
  first: number,
  rows: number,
  vecs: number,
  sums: boolean,
): Lines {
  const loads: string[] = [];
  for (let q = 0; q < 4; q++) {
    loads.push(
      ...times(
        rows / 4,
        (r) => `let a${r}_${q} = a_stage[${first + q}][ty + ${r}u];`,
      ),
      ...times(
        vecs,
        (v) => `let b${v}_${q} = b_stage[${first + q}][tx + ${v}u];`,
      ),
    );
  }
  const a = { loads, value: rowOfSteps };
  const b = { loads: [], value: (v: number, q: number) => `b${v}_${q}` };
  return [
    ...loads,
    ...multiplyAdd(rows, vecs, a, b),
    ...sums ? addSums(rows, 0) : [],
  ];
}
