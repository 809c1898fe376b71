/**
 * The generator of matrix products: WGSL for `C = op(A) · op(B)`.
 *
 * It is generated, unlike the other kernels, because WGSL bounds every loop
 * and clamps every array index: the only loop here is the one over K, and its
 * body is straight-line code over named registers.
 *
 * @module
 */
import { directLoop } from "./direct_loop.ts";
import {
  activationSource,
  type Epilogue,
  loadResultSource,
  resultSource,
  storeSums,
} from "./epilogue.ts";
import type { Layout, Tile } from "./tile.ts";
import { accumulator } from "./multiply_add.ts";
import { stagedLoop, stageSource } from "./staged_loop.ts";
import { type OperandAccess, operandSource } from "../operand_source.ts";
import { type Lines, times, wgsl } from "../wgsl_lines.ts";

const PARAMS = [
  "// Offsets and strides count vec4s, or elements for scalar access.",
  "struct Params {",
  [
    "m: u32,",
    "n: u32,",
    "k: u32,",
    "a_offset: u32,",
    "b_offset: u32,",
    "c_offset: u32,",
    "a_stride: u32, // from row to row",
    "b_stride: u32,",
    "c_stride: u32,",
    "accumulate_sums: u32, // whether to add to the sums",
    "a_batch: u32, // from one product of the batch to the next",
    "b_batch: u32,",
    "c_batch: u32,",
  ],
  "}",
];

/**
 * Generates the kernel of one product, over a batch along z.
 *
 * @param layout Transposes of A and B.
 * @param access Access to the operands; results are stored as vec4s too, unless it is `scalar`.
 * @param tile The tile.
 * @param epilogue Operations fused into the kernel.
 * @returns WGSL: bindings `a b [bias] c [other] [sums] params`.
 */
export function matmulSource(
  layout: Layout,
  access: OperandAccess,
  tile: Tile,
  epilogue: Epilogue,
): string {
  const { bias = false, accumulate = false, resume = false } = epilogue;
  const { activation, sums = false } = epilogue;
  const { rows, columns, threads: [x, y], depth, lanes } = tile;
  const vecs = columns / 4;
  const bindings = [
    operandSource("a", 0, access),
    operandSource("b", 1, access),
  ];
  if (bias) {
    const biasAccess = access === "scalar" ? "scalar" : "vec4";
    bindings.push(operandSource("bias", bindings.length, biasAccess));
  }
  bindings.push(resultSource("c", bindings.length, access, `${accumulate}`));
  const start = (r: number, v: number) =>
    resume ? `load_c(p, row + ${r}u, block + ${v}u)` : "vec4f()";
  if (activation) {
    bindings.push(activationSource(activation, bindings.length, access, tile));
  }
  if (sums) {
    const condition = "p.accumulate_sums != 0u";
    bindings.push(resultSource("sums", bindings.length, access, condition));
  }
  const loop = depth === 0
    ? directLoop(layout, tile, access, sums)
    : stagedLoop(layout, tile, sums);
  return wgsl([
    ...PARAMS,
    ...bindings.flat(),
    ...resume ? loadResultSource(access) : [],
    `@group(0) @binding(${bindings.length}) var<uniform> params: Params;`,
    ...depth === 0 ? [] : stageSource(tile),
    `@compute @workgroup_size(${x}, ${y})`,
    "fn main(",
    [
      "@builtin(workgroup_id) workgroup: vec3u,",
      "@builtin(num_workgroups) workgroups: vec3u,",
      "@builtin(local_invocation_index) thread: u32,",
    ],
    ") {",
    [
      "var p = params; // a copy: a loop would read it each time",
      "p.a_offset += workgroup.z * p.a_batch;",
      "p.b_offset += workgroup.z * p.b_batch;",
      "p.c_offset += workgroup.z * p.c_batch;",
      "// Neighbouring workgroups read the same part of B, the larger operand.",
      "let i = workgroup.y * workgroups.x + workgroup.x;",
      `let down = (p.m + ${y * rows - 1}u) / ${y * rows}u;`,
      `let tile_row = i % down * ${y * rows}u;`,
      `let tile_block = i / down * ${x * vecs}u;`,
      `let row = tile_row + thread / ${x}u * ${rows}u;`,
      `let block = tile_block + thread % ${x}u * ${vecs}u;`,
      ...eachAccumulator(tile, (c, r, v) => `var ${c} = ${start(r, v)};`),
      ...sums ? times(rows / (lanes || 4), (i) => `var s${i} = vec4f();`) : [],
      ...loop,
      ...bias ? times(vecs, loadBias) : [],
      ...eachAccumulator(tile, (c, r, v) => {
        const value = bias ? `${c} + bias${v}` : c;
        return `store_c(p, row + ${r}u, block + ${v}u, ${value});`;
      }),
      ...sums ? storeSums(tile) : [],
      ...activation ? ["activate(p, row, block);"] : [],
    ],
    "}",
  ]);
}

function loadBias(v: number): string {
  return `let bias${v} = load_bias(0u, block + ${v}u, p.n);`;
}

/** A line for every accumulator, row by row. */
function eachAccumulator(
  { rows, columns }: Tile,
  line: (name: string, r: number, v: number) => string,
): Lines {
  const vecs = columns / 4;
  return times(rows * vecs, (i) => {
    const [r, v] = [Math.floor(i / vecs), i % vecs];
    return line(accumulator(r, v), r, v);
  });
}
