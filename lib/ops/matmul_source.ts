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
import {
  activationSource,
  addSums,
  type Epilogue,
  resultSource,
  storeSums,
} from "./matmul_epilogue.ts";
import {
  lines,
  type OperandAccess,
  operandSource,
  type Tile,
} from "./operand_source.ts";

/** Which of A and B is transposed. */
export type Layout = "NT" | "NN" | "TN";

const COMPONENTS = ["x", "y", "z", "w"] as const;

/**
 * The text of a kernel: one product, over a batch along z.
 *
 * @param layout Which of A and B is transposed.
 * @param access How operands are read; results are stored in whole vec4s too, unless it is `scalar`.
 * @param tile The tile.
 * @param epilogue What is done beside it.
 * @returns WGSL: bindings `a b [bias] c [other] [sums] params`.
 */
export function matmulSource(
  layout: Layout,
  access: OperandAccess,
  tile: Tile,
  { bias = false, accumulate = false, activation, sums = false }: Epilogue,
): string {
  const { rows, columns, threads: [x, y], depth } = tile;
  const vecs = columns / 4;
  let binding = 2;
  return `
// Offsets and strides count vec4s, or elements for scalar access.
struct Params {
  m: u32,
  n: u32,
  k: u32,
  a_offset: u32,
  b_offset: u32,
  c_offset: u32,
  a_stride: u32, // from row to row
  b_stride: u32,
  c_stride: u32,
  accumulate_sums: u32, // whether to add to the sums
  a_batch: u32,
  b_batch: u32,
  c_batch: u32,
}
${operandSource("a", 0, access)}
${operandSource("b", 1, access)}
${
    bias
      ? operandSource("bias", binding++, access === "scalar" ? access : "vec4")
      : ""
  }
${resultSource("c", binding++, access, `${accumulate}`)}
${activation ? activationSource(activation, binding++, access, tile) : ""}
${
    sums
      ? resultSource("sums", binding++, access, "p.accumulate_sums != 0u")
      : ""
  }
@group(0) @binding(${binding}) var<uniform> params: Params;
${stageSource(tile)}
@compute @workgroup_size(${x}, ${y})
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  var p = params; // a copy: a loop would read it each time
  p.a_offset += workgroup.z * p.a_batch;
  p.b_offset += workgroup.z * p.b_batch;
  p.c_offset += workgroup.z * p.c_batch;
  // Neighbours read the same part of B, which is the larger one.
  let i = workgroup.y * workgroups.x + workgroup.x;
  let down = (p.m + ${y * rows - 1}u) / ${y * rows}u;
  let tile_row = i % down * ${y * rows}u;
  let tile_block = i / down * ${x * vecs}u;
  let row = tile_row + thread / ${x}u * ${rows}u;
  let block = tile_block + thread % ${x}u * ${vecs}u;
${lines(rows * vecs, (i) => `  var ${register(i, vecs)} = vec4f();`)}
${sums ? lines(rows / (tile.lanes || 4), (i) => `  var s${i} = vec4f();`) : ""}
${
    depth === 0
      ? directLoop(layout, tile, access, sums)
      : stagedLoop(layout, tile, sums)
  }
${
    bias
      ? lines(
        vecs,
        (v) => `  let bias${v} = load_bias(0u, block + ${v}u, p.n);`,
      )
      : ""
  }
${
    lines(rows * vecs, (i) => {
      const [r, v] = [Math.floor(i / vecs), i % vecs];
      const value = register(i, vecs) + (bias ? ` + bias${v}` : "");
      return `  store_c(p, row + ${r}u, block + ${v}u, ${value});`;
    })
  }
${sums ? storeSums(tile) : ""}
${activation ? "  activate(p, row, block);" : ""}
}
`;
}

/** The accumulator of row `i / vecs` and vec4 column `i % vecs`. */
function register(i: number, vecs: number): string {
  return `c${Math.floor(i / vecs)}_${i % vecs}`;
}

/**
 * Multiply-adds of four steps of K, all four for one accumulator after the
 * other: it is loaded and stored once. Four columns go before the next four, so
 * that their part of B stays in registers.
 */
function fourSteps(
  rows: number,
  vecs: number,
  a: (row: number, q: number) => string,
  b: (vec: number, q: number) => string,
): string {
  const steps = (text: (q: number) => string) =>
    [0, 1, 2, 3].map(text).join(" ");
  const multiply = (r: number, v: number) =>
    `    {
      ${steps((q) => `let x${q} = vec4f(${a(r, q)});`)}
      ${steps((q) => `c${r}_${v} = fma(x${q}, ${b(v, q)}, c${r}_${v});`)}
    }`;
  return lines(vecs, (v) => lines(rows, (r) => multiply(r, v)));
}

/** Every thread reads its operands itself, four steps of K at a time. */
function directLoop(
  layout: Layout,
  { rows, columns, lanes }: Tile,
  access: OperandAccess,
  sums: boolean,
): string {
  const vecs = columns / 4;
  // Rows behind the last of K would be another matrix: A counts as 0 there,
  // and B repeats its last row.
  const ragged = layout === "TN" || access === "scalar";
  const step = (q: string) => ragged ? `min(k4 + ${q}, p.k - 1u)` : `k4 + ${q}`;
  const loadStep = (q: string, block: string) =>
    `select(vec4f(), load_a(p.a_offset + (${
      step(q)
    }) * p.a_stride, row / 4u + ${block}, p.m), k4 + ${q} < p.k)`;
  const loadRow = (r: string) =>
    `load_a(p.a_offset + (row + ${r}) * p.a_stride, k, p.k)`;
  const own = (r: number, q: number) =>
    layout === "TN"
      ? `a${Math.floor(r / 4)}_${q}.${COMPONENTS[r % 4]}`
      : `a${r}.${COMPONENTS[q]}`;
  // A lane has one row, or one step of four rows.
  const broadcast = (r: number, q: number) =>
    layout === "TN"
      ? `subgroupBroadcast(a${Math.floor(r / 8)}.${COMPONENTS[r % 4]}, ${
        r % 8 - r % 4 + q
      }u)`
      : `subgroupBroadcast(a${Math.floor(r / 8)}.${COMPONENTS[q]}, ${r % 8}u)`;
  const loadA = lanes > 0
    ? lines(
      rows / lanes,
      (g) =>
        `    let a${g} = ${
          layout === "TN"
            ? loadStep("thread % 4u", `${2 * g}u + thread % 8u / 4u`)
            : loadRow(`${8 * g}u + thread % 8u`)
        };`,
    )
    : layout === "TN"
    ? lines(rows, (i) => {
      const [q, r] = [i % 4, Math.floor(i / 4)];
      return `    let a${r}_${q} = ${loadStep(`${q}u`, `${r}u`)};`;
    })
    : lines(rows, (r) => `    let a${r} = ${loadRow(`${r}u`)};`);
  const loadB = layout === "NT"
    ? lines(
      columns,
      (n) =>
        `    let b${n} = load_b(p.b_offset + (4u * block + ${n}u) * p.b_stride, k, p.k);`,
    )
    : lines(4 * vecs, (i) => {
      const [q, v] = [i % 4, Math.floor(i / 4)];
      return `    let b${v}_${q} = load_b(p.b_offset + (${
        step(`${q}u`)
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
      lanes > 0 ? broadcast : own,
      (v, q) =>
        layout === "NT"
          ? `vec4f(${
            [0, 1, 2, 3].map((e) => `b${4 * v + e}.${COMPONENTS[q]}`).join(", ")
          })`
          : `b${v}_${q}`,
    )
  }
${sums ? addSums(rows, lanes) : ""}
  }`;
}

/** Workgroup memory of a staged product: both operands, K outermost, one vec4 of padding against bank conflicts. */
function stageSource({ rows, columns, threads: [x, y], depth }: Tile): string {
  if (depth === 0) return "";
  return `
var<workgroup> a_stage: array<array<vec4f, ${y * rows / 4 + 1}>, ${depth}>;
var<workgroup> b_stage: array<array<vec4f, ${x * columns / 4 + 1}>, ${depth}>;
`;
}

/** The workgroup brings `depth` steps of K into workgroup memory, then every thread multiplies from there. */
function stagedLoop(
  layout: Layout,
  { rows, columns, threads: [x, y], depth }: Tile,
  sums: boolean,
): string {
  const vecs = columns / 4;
  const stage = (
    operand: "a" | "b",
    length: number,
    contiguousK: boolean,
    first: string,
    limit: string,
  ) => {
    const loads = length * depth / 4 / (x * y);
    return lines(loads, (i) => {
      const index = `let i = thread + ${i * x * y}u;`;
      const load = `load_${operand}(p.${operand}_offset +`;
      if (contiguousK) {
        return `    { ${index} let r = i / ${depth / 4}u; let q = i % ${
          depth / 4
        }u;
      let v = select(vec4f(), ${load} (${first} + r) * p.${operand}_stride, k0 / 4u + q, p.k), k0 + 4u * q < p.k);
      ${
          COMPONENTS.map((c, e) =>
            `${operand}_stage[4u * q + ${e}u][r / 4u][r % 4u] = v.${c};`
          ).join(" ")
        } }`;
      }
      return `    { ${index} let r = i / ${length / 4}u; let q = i % ${
        length / 4
      }u;
      ${operand}_stage[r][q] = select(vec4f(), ${load} (k0 + r) * p.${operand}_stride, ${first} / 4u + q, ${limit}), k0 + r < p.k); }`;
    });
  };
  return `
  let tx = thread % ${x}u * ${vecs}u;
  let ty = thread / ${x}u * ${rows / 4}u;
  for (var k0 = 0u; k0 < p.k; k0 += ${depth}u) {
    workgroupBarrier(); // the last step may still be read
${stage("a", y * rows, layout !== "TN", "tile_row", "p.m")}
${stage("b", x * columns, layout === "NT", "4u * tile_block", "p.n")}
    workgroupBarrier();
${
    lines(depth / 4, (block) =>
      `    {
${
        lines(4, (q) =>
          lines(rows / 4, (r) =>
            `    let a${r}_${q} = a_stage[${4 * block + q}][ty + ${r}u];`) +
          "\n" +
          lines(vecs, (v) =>
            `    let b${v}_${q} = b_stage[${4 * block + q}][tx + ${v}u];`))
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
${sums ? addSums(rows, 0) : ""}
    }`)
  }
  }`;
}
