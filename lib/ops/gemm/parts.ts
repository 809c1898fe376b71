/**
 * Products with a long K and few tiles, in parts of K: more workgroups, and a
 * second kernel that adds the parts in order.
 *
 * @module
 */
import { Kernel } from "../../gpu/kernel.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { grid } from "../vectorized_kernel.ts";
import { operandSource, unitOf } from "../operand_source.ts";
import { type Lines, main, wgsl } from "../wgsl_lines.ts";
import {
  activatedSource,
  type Epilogue,
  resultSource,
  storeActivated,
} from "./epilogue.ts";
import type { GemmAccess } from "./tile.ts";
import { roundUpK } from "./tiles.ts";

/** Workgroups beyond which more parts gain nothing: four a compute unit of a large GPU. */
const MAX_WORKGROUPS = 640;
/** Rows and columns of C that a workgroup is counted for, whatever the tile. */
const WORKGROUP = [32, 64] as const;
const MAX_PARTS = 8;
/** Fewest steps of K of a part. */
const MIN_STEPS = 128;

/**
 * Chooses the parts of K of a product, by its shape alone, so that every device
 * and every tile adds in the same order.
 *
 * @param m Rows of C.
 * @param n Columns of C.
 * @param k Length of the sum.
 * @returns Steps of K of each part but the last one; K if it is not divided.
 */
export function partSteps(m: number, n: number, k: number): number {
  const workgroups = Math.ceil(m / WORKGROUP[0]) * Math.ceil(n / WORKGROUP[1]);
  let parts = 1;
  while (
    parts < MAX_PARTS && 2 * parts * workgroups <= MAX_WORKGROUPS &&
    k >= 2 * parts * MIN_STEPS
  ) parts *= 2;
  return parts === 1 ? k : roundUpK(k / parts);
}

/** The parts of a matrix. */
export interface Parts {
  /** The parts, `[P, M, N]` with N rounded up to a multiple of 4. */
  readonly parts: Tensor;
  /** The matrix to store their sum in, or some of its columns. */
  readonly target: Tensor;
  /** Rows of the matrix. */
  readonly m: number;
  /** Columns of the matrix. */
  readonly n: number;
  /** Elements of `target` from row to row. */
  readonly stride: number;
  /** First column in `target`. */
  readonly column: number;
  /** Bias, `[N]`. */
  readonly bias?: Tensor | undefined;
  /** Target of gelu(C), or input of gelu'. */
  readonly other?: Tensor | undefined;
}

const WORKGROUP_SIZE = 64;
const kernels = new Map<string, Kernel>();

/**
 * Adds the parts of a product, and applies its epilogue.
 *
 * @param matrix The parts and their target.
 * @param access Access to all but the parts.
 * @param epilogue The epilogue.
 */
export function addParts(
  { parts, target, m, n, stride, column, bias, other }: Parts,
  access: GemmAccess["c"],
  epilogue: Epilogue,
): void {
  const { device } = target;
  const unit = unitOf(access);
  device.dispatch(
    partsKernel(access, epilogue),
    [parts, ...bias ? [bias] : [], target, ...other ? [other] : []],
    {
      m,
      n,
      parts: parts.shape[0]!,
      c_offset: column / unit,
      c_stride: stride / unit,
    },
    ...grid(device, Math.ceil(m * Math.ceil(n / 4) / WORKGROUP_SIZE)),
  );
}

function partsKernel(
  access: GemmAccess["c"],
  epilogue: Epilogue,
): Kernel {
  const { bias, accumulate, activation } = epilogue;
  const label = [
    `add_parts_${access}`,
    ...bias ? ["bias"] : [],
    ...accumulate ? ["accumulate"] : [],
    ...activation ? [activation] : [],
  ].join("_");
  let kernel = kernels.get(label);
  if (!kernel) {
    kernel = new Kernel(label, addPartsSource(access, epilogue));
    kernels.set(label, kernel);
  }
  return kernel;
}

/**
 * Generates the kernel that adds the parts, a vec4 per thread.
 *
 * @param access Access to all but the parts.
 * @param epilogue The epilogue.
 * @returns WGSL: bindings `parts [bias] c [other] params`.
 */
function addPartsSource(
  access: GemmAccess["c"],
  { bias, accumulate = false, activation }: Epilogue,
): string {
  const bindings: Lines[] = [[
    "@group(0) @binding(0) var<storage, read> parts: array<vec4f>;",
  ]];
  if (bias) bindings.push(operandSource("bias", bindings.length, access));
  bindings.push(resultSource("c", bindings.length, access, `${accumulate}`));
  if (activation) {
    bindings.push(activatedSource(activation, bindings.length, access));
  }
  return wgsl([
    "struct Params {",
    [
      "m: u32,",
      "n: u32,",
      "parts: u32,",
      "c_offset: u32, // in vec4s, or elements for scalar access",
      "c_stride: u32,",
    ],
    "}",
    ...bindings.flat(),
    `@group(0) @binding(${bindings.length}) var<uniform> params: Params;`,
    ...main([WORKGROUP_SIZE], [
      "let p = params;",
      `let i = (workgroup.y * workgroups.x + workgroup.x) * ${WORKGROUP_SIZE}u + thread;`,
      "let columns = (p.n + 3u) / 4u;",
      "if (i >= p.m * columns) { return; }",
      "let row = i / columns;",
      "let block = i % columns;",
      "var sum = parts[i];",
      "for (var part = 1u; part < p.parts; part++) {",
      ["sum += parts[part * p.m * columns + i];"],
      "}",
      ...bias ? ["sum += load_bias(0u, block, p.n);"] : [],
      ...storeActivated(activation, "row", "block", "sum"),
    ]),
  ]);
}
