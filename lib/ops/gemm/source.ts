/**
 * The generator of matrix products: WGSL for `C = op(A) · op(B)`.
 *
 * It is generated, unlike the other kernels, because WGSL bounds every loop
 * and clamps every array index: the only loop here is the one over K, and its
 * body is straight-line code over named registers.
 *
 * @module
 */
import { bufferSource, operandSource } from "../operand_source.ts";
import { type Lines, main, times, wgsl } from "../wgsl_lines.ts";
import { directLoop } from "./direct_loop.ts";
import {
  activatedSource,
  activationSource,
  type Epilogue,
  loadSource,
  resultSource,
  storeActivated,
  storeSums,
  totalSums,
} from "./epilogue.ts";
import { accumulator } from "./multiply_add.ts";
import { addSums, stagedLoop, stageSource } from "./staged_loop.ts";
import type { GemmAccess, Layout, Tile } from "./tile.ts";

/** A kernel of one product. */
export interface Variant extends Epilogue {
  /** Starts the sums over K from C. */
  readonly resume?: boolean;
  /** Also stores Σ_k A[k,m] of layout TN: binding `sums`, the last one. */
  readonly sums?: boolean;
  /** Whether K may end inside a stage of a staged tile. */
  readonly ragged?: boolean;
  /** Whether workgroups along z compute parts of K, each a product of its own, instead of a batch. */
  readonly parts?: boolean;
}

/** The struct of the parameters. */
function paramsSource(parts: boolean): Lines {
  return [
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
      ...parts ? ["whole_k: u32, // K of all parts; k is that of one"] : [],
    ],
    "}",
  ];
}

/**
 * Generates the kernel of one product, over a batch or the parts of K along z.
 *
 * @param layout Transposes of A and B.
 * @param access Access to the operands.
 * @param tile The tile.
 * @param variant Operations fused into the kernel.
 * @returns WGSL: bindings `a b [bias] c [other] [sums] params`.
 */
export function matmulSource(
  layout: Layout,
  access: GemmAccess,
  tile: Tile,
  variant: Variant,
): string {
  const { threads: [x, y], depth } = tile;
  const { parts = false } = variant;
  const bindings = bindingsOf(access, tile, variant);
  return wgsl([
    ...paramsSource(parts),
    ...bindings.flat(),
    ...variant.resume ? loadSource("c", access.c) : [],
    `@group(0) @binding(${bindings.length}) var<uniform> params: Params;`,
    ...depth === 0 ? [] : stageSource(layout, tile),
    ...main([x, y], [
      "var p = params; // a copy: a loop would read it each time",
      "p.a_offset += workgroup.z * p.a_batch;",
      "p.b_offset += workgroup.z * p.b_batch;",
      "p.c_offset += workgroup.z * p.c_batch;",
      ...parts
        ? ["let k_end = p.whole_k - min(p.whole_k, workgroup.z * p.k);"]
        : [],
      "// Neighbouring workgroups read the same part of B, the larger operand.",
      "let i = workgroup.y * workgroups.x + workgroup.x;",
      `let down = (p.m + ${y * tile.rows - 1}u) / ${y * tile.rows}u;`,
      `let tile_row = i % down * ${y * tile.rows}u;`,
      `let tile_block = i / down * ${x * tile.columns / 4}u;`,
      ...depth === 0
        ? directBody(layout, access, tile, variant)
        : stagedBody(layout, access, tile, variant),
    ]),
  ]);
}

/** Declares the bindings with their functions, each binding in one list. */
function bindingsOf(
  access: GemmAccess,
  tile: Tile,
  { bias, accumulate = false, activation, sums }: Variant,
): Lines[] {
  const isStaged = tile.depth > 0;
  const operand = isStaged ? bufferSource : operandSource;
  const bindings = [operand("a", 0, access.a), operand("b", 1, access.b)];
  if (bias) bindings.push(operandSource("bias", bindings.length, access.c));
  bindings.push(resultSource("c", bindings.length, access.c, `${accumulate}`));
  if (activation) {
    bindings.push(
      isStaged
        ? activatedSource(activation, bindings.length, access.c)
        : activationSource(activation, bindings.length, access.c, tile),
    );
  }
  if (sums) {
    const condition = "p.accumulate_sums != 0u";
    bindings.push(resultSource("sums", bindings.length, access.c, condition));
  }
  return bindings;
}

/** Each thread reads its operands itself; its rows and columns are neighbours. */
function directBody(
  layout: Layout,
  access: GemmAccess,
  tile: Tile,
  { bias, resume, activation, sums = false }: Variant,
): Lines {
  const { rows, columns, threads: [x], lanes } = tile;
  const vecs = columns / 4;
  const row = (r: number) => `row + ${r}u`;
  const block = (v: number) => `block + ${v}u`;
  return [
    `let row = tile_row + thread / ${x}u * ${rows}u;`,
    `let block = tile_block + thread % ${x}u * ${vecs}u;`,
    ...accumulators(tile, resume, row, block),
    ...sums ? times(rows / (lanes || 4), (i) => `var s${i} = vec4f();`) : [],
    ...directLoop(layout, tile, access.a, sums),
    ...bias ? times(vecs, (v) => loadBias(v, block(v))) : [],
    ...eachAccumulator(tile, (c, r, v) => {
      const value = bias ? `${c} + bias${v}` : c;
      return [`store_c(p, ${row(r)}, ${block(v)}, ${value});`];
    }),
    ...sums
      ? [
        ...totalSums(tile),
        ...storeSums(
          "block == 0u",
          "0u",
          times(rows / 4, (r) => `row / 4u + ${r}u`),
        ),
      ]
      : [],
    ...activation ? ["activate(p, row, block);"] : [],
  ];
}

/** The workgroup shares its operands; rows and columns of a thread are interleaved with its neighbours'. */
function stagedBody(
  layout: Layout,
  access: GemmAccess,
  tile: Tile,
  { bias, resume, activation, sums = false, ragged, parts }: Variant,
): Lines {
  const { rows, columns, threads: [x, y] } = tile;
  const [first, row] = layout === "TN"
    ? [
      "tile_row + 4u * ty",
      (r: number) => `row + ${r % 4 + 4 * y * Math.floor(r / 4)}u`,
    ]
    : ["tile_row + ty", (r: number) => `row + ${r * y}u`];
  const block = (v: number) => `block + ${v * x}u`;
  const end = !ragged ? undefined : parts ? "k_end" : "p.k";
  return [
    `let tx = thread % ${x}u;`,
    `let ty = thread / ${x}u;`,
    `let row = ${first};`,
    "let block = tile_block + tx;",
    ...accumulators(tile, resume, row, block),
    ...stagedLoop(layout, tile, access, end, sums),
    ...bias ? times(columns / 4, (v) => loadBias(v, block(v))) : [],
    ...eachAccumulator(tile, (c, r, v) => {
      const value = bias ? `(${c} + bias${v})` : c;
      return storeActivated(activation, row(r), block(v), value);
    }),
    ...sums
      ? [
        ...addSums(tile),
        ...storeSums(
          "tile_block + tx == 0u",
          parts ? "workgroup.z * ((p.m + 3u) / 4u)" : "0u",
          times(rows / 4, (g) => `row / 4u + ${g * y}u`),
        ),
      ]
      : [],
  ];
}

/** Declares the accumulators: zeros, or C. */
function accumulators(
  tile: Tile,
  resume: boolean | undefined,
  row: (r: number) => string,
  block: (v: number) => string,
): Lines {
  return eachAccumulator(tile, (c, r, v) => {
    const start = resume ? `load_c(p, ${row(r)}, ${block(v)})` : "vec4f()";
    return [`var ${c} = ${start};`];
  });
}

function loadBias(v: number, block: string): string {
  return `let bias${v} = load_bias(0u, ${block}, p.n);`;
}

/** Lines for every accumulator, row by row. */
function eachAccumulator(
  { rows, columns }: Tile,
  lines: (name: string, r: number, v: number) => Lines,
): Lines {
  const vecs = columns / 4;
  return times(rows * vecs, (i) => {
    const [r, v] = [Math.floor(i / vecs), i % vecs];
    return lines(accumulator(r, v), r, v);
  }).flat();
}
