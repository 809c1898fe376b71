/**
 * The one generator of matrix products: WGSL text for `C = op(A) · op(B)`.
 *
 * It is generated, unlike the other kernels, because WGSL bounds every loop
 * and clamps every index of an array: the only loop here is the one over K, and
 * all that it holds is straight-line text over named registers.
 *
 * A product has three layouts, named after what BLAS calls them:
 *
 *     NT: C[m,n] = Σ_k A[m,k] B[n,k]      y = x Wᵀ
 *     NN: C[m,n] = Σ_k A[m,k] B[k,n]      dx = dy W
 *     TN: C[m,n] = Σ_k A[k,m] B[k,n]      dW = dyᵀ x
 *
 * @module
 */
import { MIRROR_WIDTH } from "../gpu/buffer_pool.ts";

/** Which of A and B is transposed. */
export type Layout = "NT" | "NN" | "TN";

/**
 * How operands are read: as textures (software adapters read buffers at a tenth
 * of their speed), as buffers of vec4, or element by element at any size.
 */
export type Access = "texture" | "vec4" | "scalar";

/** The part of C that one workgroup computes. */
export interface Tile {
  /** Rows of C that one thread computes, a multiple of 4. */
  readonly rows: number;
  /** Columns of C that one thread computes, a multiple of 4. */
  readonly columns: number;
  /** Threads along the columns and rows of C. */
  readonly threads: readonly [x: number, y: number];
  /** How much of K the threads share through workgroup memory at a time, a multiple of 4; 0 for none. */
  readonly depth: number;
}

const COMPONENTS = ["x", "y", "z", "w"] as const;

/** `length` pieces of text, in one line each. */
function lines(length: number, line: (i: number) => string): string {
  return Array.from({ length }, (_, i) => line(i)).join("\n");
}

/** The size of a product, filled in by `main`. Offsets and strides count vec4s, or elements for scalar access. */
export const PRODUCT_STRUCT = `
struct Product {
  m: u32,
  n: u32,
  k: u32,
  a_offset: u32,
  b_offset: u32,
  c_offset: u32,
  a_stride: u32, // from row to row
  b_stride: u32,
  c_stride: u32,
  accumulate: u32, // whether to add to C
}
`;

/**
 * The binding of an operand, and the function that reads four neighbours of it.
 *
 * @param name The variable's name; the function is `load_NAME`.
 * @param binding Its number.
 * @param access How it is read.
 * @returns WGSL; `load_NAME(start, block, columns)` reads elements `4·block …`
 * of the row that begins at `start`, zeros behind its `columns`.
 */
export function operandSource(
  name: string,
  binding: number,
  access: Access,
): string {
  const at = `@group(0) @binding(${binding}) var`;
  const signature =
    `fn load_${name}(start: u32, block: u32, columns: u32) -> vec4f`;
  if (access === "texture") {
    return `
${at} ${name}: texture_storage_2d<rgba32float, read>;
${signature} {
  let i = start + block;
  return textureLoad(${name}, vec2u(i & ${MIRROR_WIDTH - 1}u, i >> ${
      Math.log2(MIRROR_WIDTH)
    }u));
}
`;
  }
  if (access === "vec4") {
    return `
${at}<storage, read> ${name}: array<vec4f>;
${signature} { return ${name}[start + block]; }
`;
  }
  return `
${at}<storage, read> ${name}: array<f32>;
${signature} {
  let i = start + 4u * block;
  let left = vec4u(columns - min(columns, 4u * block));
  return select(vec4f(), vec4f(${name}[i], ${name}[i + 1u], ${name}[i + 2u], ${name}[i + 3u]), vec4u(0u, 1u, 2u, 3u) < left);
}
`;
}

/**
 * The binding of a result, and the function that stores four neighbours.
 *
 * @param name The variable's name; the function is `store_NAME`.
 * @param binding Its number.
 * @param access `scalar` stores element by element, within the row.
 * @param bias Whether `bias` is added.
 * @returns WGSL.
 */
export function resultSource(
  name: string,
  binding: number,
  access: Access,
  bias = false,
): string {
  const element = access === "scalar" ? "f32" : "vec4f";
  const store = access === "scalar"
    ? `
  let i = p.c_offset + row * p.c_stride + 4u * block;
  for (var e = 0u; e < min(4u, p.n - 4u * block); e++) {
    ${name}[i + e] = v[e] + select(0.0, ${name}[i + e], p.accumulate != 0u);
  }`
    : `
  let i = p.c_offset + row * p.c_stride + block;
  if (p.accumulate != 0u) { v += ${name}[i]; }
  ${name}[i] = v;`;
  return `
@group(0) @binding(${binding}) var<storage, read_write> ${name}: array<${element}>;
fn store_${name}(p: Product, row: u32, block: u32, value: vec4f) {
  if (row >= p.m || 4u * block >= p.n) { return; }
  var v = value${bias ? " + load_bias(0u, block, p.n)" : ""};${store}
}
`;
}

/** Names of a product's operands and its result. */
export interface ProductNames {
  /** The operand A. */
  readonly a: string;
  /** The operand B. */
  readonly b: string;
  /** The result C. */
  readonly c: string;
}

/**
 * The function that computes one workgroup's tile of a product.
 *
 * @param name The function's name.
 * @param layout Which of A and B is transposed.
 * @param names Names of A, B and C, as declared.
 * @param tile The tile.
 * @param access How the operands are read.
 * @returns WGSL: `fn NAME(p: Product, workgroup: u32, thread: u32)`, where
 * `workgroup` counts the tiles of C row by row.
 */
export function productSource(
  name: string,
  layout: Layout,
  names: ProductNames,
  tile: Tile,
  access: Access,
): string {
  const { rows, columns, threads: [x, y], depth } = tile;
  const vecs = columns / 4;
  return `
fn ${name}(p: Product, workgroup: u32, thread: u32) {
  let across = (p.n + ${x * columns - 1}u) / ${x * columns}u;
  let tile_row = workgroup / across * ${y * rows}u;
  let tile_block = workgroup % across * ${x * vecs}u;
  let row = tile_row + thread / ${x}u * ${rows}u;
  let block = tile_block + thread % ${x}u * ${vecs}u;
${lines(rows * vecs, (i) => `  var ${register(i, vecs)} = vec4f();`)}
${
    depth === 0
      ? directLoop(layout, names, tile, access)
      : stagedLoop(layout, names, tile)
  }
${
    lines(rows * vecs, (i) => {
      const [r, v] = [Math.floor(i / vecs), i % vecs];
      return `  store_${names.c}(p, row + ${r}u, block + ${v}u, ${
        register(i, vecs)
      });`;
    })
  }
}
`;
}

/** The accumulator of row `i / vecs` and vec4 column `i % vecs`. */
function register(i: number, vecs: number): string {
  return `c${Math.floor(i / vecs)}_${i % vecs}`;
}

/** Multiply-adds of four steps of K, all four for one accumulator after the other: it is loaded and stored once. */
function fourSteps(
  rows: number,
  vecs: number,
  a: (row: number, q: number) => string,
  b: (vec: number, q: number) => string,
): string {
  return lines(
    rows * vecs,
    (i) =>
      COMPONENTS.map((_, q) =>
        `${register(i, vecs)} = fma(vec4f(${a(Math.floor(i / vecs), q)}), ${
          b(i % vecs, q)
        }, ${register(i, vecs)});`
      ).join(" "),
  );
}

/** Every thread reads its operands itself, four steps of K at a time. */
function directLoop(
  layout: Layout,
  { a, b }: ProductNames,
  { rows, columns }: Tile,
  access: Access,
): string {
  const vecs = columns / 4;
  // Rows behind the last of K would be another matrix: A counts as 0 there,
  // and B repeats its last row.
  const ragged = layout === "TN" || access === "scalar";
  const step = (q: number) =>
    ragged ? `min(k4 + ${q}u, p.k - 1u)` : `k4 + ${q}u`;
  const loadA = layout === "TN"
    ? lines(4 * rows / 4, (i) => {
      const [q, r] = [i % 4, Math.floor(i / 4)];
      return `let a${r}_${q} = select(vec4f(), load_${a}(p.a_offset + (${
        step(q)
      }) * p.a_stride, row / 4u + ${r}u, p.m), k4 + ${q}u < p.k);`;
    })
    : lines(
      rows,
      (r) =>
        `let a${r} = load_${a}(p.a_offset + (row + ${r}u) * p.a_stride, k, p.k);`,
    );
  const loadB = layout === "NT"
    ? lines(
      columns,
      (n) =>
        `let b${n} = load_${b}(p.b_offset + (4u * block + ${n}u) * p.b_stride, k, p.k);`,
    )
    : lines(4 * vecs, (i) => {
      const [q, v] = [i % 4, Math.floor(i / 4)];
      return `let b${v}_${q} = load_${b}(p.b_offset + (${
        step(q)
      }) * p.b_stride, block + ${v}u, p.n);`;
    });
  return `
  for (var k = 0u; k < (p.k + 3u) / 4u; k++) {
    let k4 = 4u * k;
${loadA}
${loadB}
${
    fourSteps(
      rows,
      vecs,
      (r, q) =>
        layout === "TN"
          ? `a${Math.floor(r / 4)}_${q}.${COMPONENTS[r % 4]}`
          : `a${r}.${COMPONENTS[q]}`,
      (v, q) =>
        layout === "NT"
          ? `vec4f(${
            [0, 1, 2, 3].map((e) => `b${4 * v + e}.${COMPONENTS[q]}`).join(", ")
          })`
          : `b${v}_${q}`,
    )
  }
  }`;
}

/** Workgroup memory of a staged product: both operands, K outermost, one vec4 of padding against bank conflicts. */
export function stageSource(
  { rows, columns, threads: [x, y], depth }: Tile,
): string {
  if (depth === 0) return "";
  return `
var<workgroup> a_stage: array<array<vec4f, ${y * rows / 4 + 1}>, ${depth}>;
var<workgroup> b_stage: array<array<vec4f, ${x * columns / 4 + 1}>, ${depth}>;
`;
}

/** The workgroup brings `depth` steps of K into workgroup memory, then every thread multiplies from there. */
function stagedLoop(
  layout: Layout,
  { a, b }: ProductNames,
  { rows, columns, threads: [x, y], depth }: Tile,
): string {
  const vecs = columns / 4;
  const stage = (
    operand: "a" | "b",
    name: string,
    length: number,
    contiguousK: boolean,
    first: string,
    limit: string,
  ) => {
    const loads = length * depth / 4 / (x * y);
    return lines(loads, (i) => {
      const index = `let i = thread + ${i * x * y}u;`;
      const load = `load_${name}(p.${operand}_offset +`;
      if (contiguousK) {
        return `{ ${index} let r = i / ${depth / 4}u; let q = i % ${depth / 4}u;
    let v = select(vec4f(), ${load} (${first} + r) * p.${operand}_stride, k0 / 4u + q, p.k), k0 + 4u * q < p.k);
    ${
          COMPONENTS.map((c, e) =>
            `${operand}_stage[4u * q + ${e}u][r / 4u][r % 4u] = v.${c};`
          ).join(" ")
        } }`;
      }
      return `{ ${index} let r = i / ${length / 4}u; let q = i % ${length / 4}u;
    ${operand}_stage[r][q] = select(vec4f(), ${load} (k0 + r) * p.${operand}_stride, ${first} / 4u + q, ${limit}), k0 + r < p.k); }`;
    });
  };
  return `
  let tx = thread % ${x}u * ${vecs}u;
  let ty = thread / ${x}u * ${rows / 4}u;
  for (var k0 = 0u; k0 < p.k; k0 += ${depth}u) {
    workgroupBarrier(); // the last step may still be read
${stage("a", a, y * rows, layout !== "TN", "tile_row", "p.m")}
${stage("b", b, x * columns, layout === "NT", "4u * tile_block", "p.n")}
    workgroupBarrier();
${
    lines(depth / 4, (block) =>
      `{
${
        lines(4, (q) =>
          lines(rows / 4, (r) =>
            `let a${r}_${q} = a_stage[${4 * block + q}][ty + ${r}u];`) +
          "\n" +
          lines(vecs, (v) =>
            `let b${v}_${q} = b_stage[${4 * block + q}][tx + ${v}u];`))
      }
${
        fourSteps(
          rows,
          vecs,
          (r, q) =>
            `a${Math.floor(r / 4)}_${q}.${COMPONENTS[r % 4]}`,
          (v, q) =>
            `b${v}_${q}`,
        )
      }
    }`)
  }
  }`;
}
