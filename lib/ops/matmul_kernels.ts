/**
 * Kernels of matrix products: which operand path and tile a device takes, and
 * the text around the generated product.
 *
 * @module
 */
import { type DeviceClass, Kernel } from "../gpu/kernel.ts";
import type { Tensor } from "../tensor/tensor.ts";
import geluFunctions from "./gelu_functions.wgsl" with { type: "text" };
import {
  type Access,
  type Layout,
  operandSource,
  PRODUCT_STRUCT,
  productSource,
  resultSource,
  stageSource,
  type Tile,
} from "./matmul_source.ts";

/** Tiles by kind of device and access; software ones were measured on llvmpipe. */
const TILES: Record<"software" | "hardware", Record<Access, Tile>> = {
  software: {
    texture: { rows: 8, columns: 16, threads: [8, 1], depth: 0 },
    vec4: { rows: 8, columns: 16, threads: [8, 1], depth: 0 },
    scalar: { rows: 4, columns: 4, threads: [8, 1], depth: 0 },
  },
  hardware: {
    texture: { rows: 4, columns: 4, threads: [8, 8], depth: 0 },
    vec4: { rows: 8, columns: 8, threads: [8, 8], depth: 16 },
    scalar: { rows: 4, columns: 4, threads: [8, 8], depth: 0 },
  },
};

/**
 * Chooses the tile of a product.
 *
 * @param device The device.
 * @param access How it reads its operands.
 * @returns The tile.
 */
export function tileFor(device: DeviceClass, access: Access): Tile {
  return TILES[device.isSoftware ? "software" : "hardware"][access];
}

/**
 * Chooses how a product reads its operands.
 *
 * @param device The device.
 * @param tensors Operands and results.
 * @param rowLengths Their row lengths, strides and column offsets, in elements.
 * @returns Whole vec4s where everything is a multiple of four, else scalars.
 */
export function accessFor(
  device: DeviceClass,
  tensors: readonly Tensor[],
  rowLengths: readonly number[],
): Access {
  const aligned = rowLengths.every((length) => length % 4 === 0) &&
    tensors.every(({ byteOffset }) => byteOffset % 16 === 0);
  if (!aligned) return "scalar";
  return device.isSoftware ? "texture" : "vec4";
}

/**
 * Tells how many workgroups compute a product.
 *
 * @param tile The tile.
 * @param m Rows of C.
 * @param n Columns of C.
 * @returns Tiles of C.
 */
export function tilesOf(
  { rows, columns, threads: [x, y] }: Tile,
  m: number,
  n: number,
): number {
  return Math.ceil(m / (y * rows)) * Math.ceil(n / (x * columns));
}

/**
 * Where a tensor begins, in the elements that its access counts: a binding
 * begins at the tensor, a texture at the buffer.
 *
 * @param tensor An operand.
 * @param access How it is read.
 * @returns The offset.
 */
export function operandOffset(tensor: Tensor, access: Access): number {
  return access === "texture" ? tensor.byteOffset / 16 : 0;
}

/** Elements of one step of an offset or stride. */
export function unit(access: Access): number {
  return access === "scalar" ? 1 : 4;
}

const kernels = new Map<string, Kernel>();

function cached(label: string, source: () => string): Kernel {
  let kernel = kernels.get(label);
  if (!kernel) kernels.set(label, kernel = new Kernel(label, source()));
  return kernel;
}

function tileName({ rows, columns, threads, depth }: Tile): string {
  return `${rows}x${columns}x${depth}_${threads.join("x")}`;
}

const MAIN_ARGUMENTS = `
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) thread: u32,
`;

/** What is done to C before it is stored. */
export interface Epilogue {
  /** Adds a bias to every row: binding `bias` after `a` and `b`. */
  readonly bias: boolean;
  /** Also stores gelu(C): binding `activated` after `c`. */
  readonly gelu: boolean;
}

/**
 * The kernel of one product, over a batch along z.
 *
 * @param layout Which of A and B is transposed.
 * @param access How operands are read.
 * @param tile The tile.
 * @param epilogue Bias and activation.
 * @returns Its kernel: bindings `a b [bias] c [activated] params`.
 */
export function matmulKernel(
  layout: Layout,
  access: Access,
  tile: Tile,
  { bias, gelu }: Epilogue = { bias: false, gelu: false },
): Kernel {
  const label = `matmul_${layout}_${access}_${tileName(tile)}${
    bias ? "_bias" : ""
  }${gelu ? "_gelu" : ""}`;
  return cached(label, () => {
    const c = bias ? 3 : 2;
    return `
struct Params {
  m: u32,
  n: u32,
  k: u32,
  a_offset: u32,
  b_offset: u32,
  c_offset: u32,
  a_stride: u32,
  b_stride: u32,
  c_stride: u32,
  accumulate: u32,
  a_batch: u32,
  b_batch: u32,
  c_batch: u32,
}
${PRODUCT_STRUCT}
${operandSource("a", 0, access)}
${operandSource("b", 1, access)}
${bias ? operandSource("bias", 2, access === "scalar" ? "scalar" : "vec4") : ""}
${resultSource("c", c, access, bias)}
${gelu ? activationSource(c + 1, access, tile) : ""}
@group(0) @binding(${c + (gelu ? 2 : 1)}) var<uniform> params: Params;
${stageSource(tile)}
${productSource("product", layout, { a: "a", b: "b", c: "c" }, tile, access)}
@compute @workgroup_size(${tile.threads[0]}, ${tile.threads[1]})
fn main(${MAIN_ARGUMENTS}) {
  let p = Product(
    params.m, params.n, params.k,
    params.a_offset + workgroup.z * params.a_batch,
    params.b_offset + workgroup.z * params.b_batch,
    params.c_offset + workgroup.z * params.c_batch,
    params.a_stride, params.b_stride, params.c_stride, params.accumulate,
  );
  let tile = workgroup.y * workgroups.x + workgroup.x;
  product(p, tile, thread);
  ${gelu ? "activate(p, tile, thread);" : ""}
}
`;
  });
}

/**
 * gelu over the tile that the thread has stored. A loop over memory that the
 * thread wrote itself: as straight-line text it would be most of the kernel.
 */
function activationSource(
  binding: number,
  access: Access,
  { rows, columns, threads: [x, y] }: Tile,
): string {
  const scalar = access === "scalar";
  const width = scalar ? 1 : 4;
  return `
@group(0) @binding(${binding}) var<storage, read_write> activated: array<${
    scalar ? "f32" : "vec4f"
  }>;
fn activate(p: Product, workgroup: u32, thread: u32) {
  let across = (p.n + ${x * columns - 1}u) / ${x * columns}u;
  let row = workgroup / across * ${y * rows}u + thread / ${x}u * ${rows}u;
  let column = (workgroup % across * ${x}u + thread % ${x}u) * ${columns}u;
  for (var r = row; r < min(row + ${rows}u, p.m); r++) {
    for (var n = column; n < min(column + ${columns}u, p.n); n += ${width}u) {
      let i = p.c_offset + r * p.c_stride + n / ${width}u;
      activated[i] = gelu(vec4f(c[i]))${scalar ? ".x" : ""};
    }
  }
}
${geluFunctions}
`;
}

/**
 * The kernel of a linear layer's backward pass: three products that share no
 * result, so that they fill the device together.
 *
 * @param access How operands are read.
 * @param tile The tile.
 * @returns Its kernel: bindings `dy w x dx dw db params`.
 */
export function linearBackwardKernel(access: Access, tile: Tile): Kernel {
  return cached(`linear_backward_${access}_${tileName(tile)}`, () => `
struct Params {
  rows: u32, // T
  outputs: u32, // O
  inputs: u32, // I
  dy_offset: u32,
  dy_stride: u32,
  w_offset: u32,
  x_offset: u32,
  width: u32, // elements of a step of an offset
  accumulate_dx: u32,
  accumulate_dw: u32,
  accumulate_db: u32,
  dx_workgroups: u32,
  dw_workgroups: u32,
}
${PRODUCT_STRUCT}
${operandSource("dy", 0, access)}
${operandSource("w", 1, access)}
${operandSource("x", 2, access)}
${resultSource("dx", 3, access)}
${resultSource("dw", 4, access)}
${resultSource("db", 5, access)}
@group(0) @binding(6) var<uniform> params: Params;
${stageSource(tile)}
${
    productSource(
      "input_gradient",
      "NN",
      { a: "dy", b: "w", c: "dx" },
      tile,
      access,
    )
  }
${
    productSource(
      "weight_gradient",
      "TN",
      { a: "dy", b: "x", c: "dw" },
      tile,
      access,
    )
  }
fn bias_gradient(block: u32) {
  var sum = vec4f();
  for (var r = 0u; r < params.rows; r++) {
    sum += load_dy(params.dy_offset + r * params.dy_stride, block, params.outputs);
  }
  let p = Product(1u, params.outputs, 0u, 0u, 0u, 0u, 0u, 0u, 0u, params.accumulate_db);
  store_db(p, 0u, block, sum);
}
@compute @workgroup_size(${tile.threads[0]}, ${tile.threads[1]})
fn main(${MAIN_ARGUMENTS}) {
  let i = workgroup.y * workgroups.x + workgroup.x;
  let stride = params.inputs / params.width;
  if (i < params.dx_workgroups) {
    let p = Product(
      params.rows, params.inputs, params.outputs,
      params.dy_offset, params.w_offset, 0u,
      params.dy_stride, stride, stride, params.accumulate_dx,
    );
    input_gradient(p, i, thread);
  } else if (i < params.dx_workgroups + params.dw_workgroups) {
    let p = Product(
      params.outputs, params.inputs, params.rows,
      params.dy_offset, params.x_offset, 0u,
      params.dy_stride, stride, stride, params.accumulate_dw,
    );
    weight_gradient(p, i - params.dx_workgroups, thread);
  } else {
    let j = i - params.dx_workgroups - params.dw_workgroups;
    bias_gradient(j * ${tile.threads[0] * tile.threads[1]}u + thread);
  }
}
`);
}
