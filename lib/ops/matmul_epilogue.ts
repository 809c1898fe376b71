/**
 * What a matrix product does besides: WGSL text that stores C, applies an
 * activation to it, and sums a gradient over rows.
 *
 * @module
 */
import geluFunctions from "./gelu_functions.wgsl" with { type: "text" };
import { lines, type OperandAccess, type Tile } from "./operand_source.ts";

/** What is done beside the product, without a pass of its own. */
export interface Epilogue {
  /** Adds a bias to every row: binding `bias` after `a` and `b`. */
  readonly bias?: boolean;
  /** Adds to C instead of replacing it. */
  readonly accumulate?: boolean;
  /**
   * `gelu` also stores gelu(C): binding `other` after `c`. `geluBackward`
   * multiplies C by gelu'(`other`).
   */
  readonly activation?: "gelu" | "geluBackward" | undefined;
  /** Also stores Σ_k A[k,m] of layout TN: binding `sums`, the last. */
  readonly sums?: boolean;
}

/**
 * The binding of a result, and the function that stores four neighbours.
 *
 * @param accumulate WGSL: whether they are added to what is there.
 */
export function resultSource(
  name: string,
  binding: number,
  access: OperandAccess,
  accumulate: string,
): string {
  const scalar = access === "scalar";
  const store = scalar
    ? `
  let i = p.c_offset + row * p.c_stride + 4u * block;
  for (var e = 0u; e < min(4u, p.n - 4u * block); e++) {
    ${name}[i + e] = value[e] + select(0.0, ${name}[i + e], ${accumulate});
  }`
    : `
  let i = p.c_offset + row * p.c_stride + block;
  if (${accumulate}) { ${name}[i] += value; } else { ${name}[i] = value; }`;
  return `
@group(0) @binding(${binding}) var<storage, read_write> ${name}: array<${
    scalar ? "f32" : "vec4f"
  }>;
fn store_${name}(p: Params, row: u32, block: u32, value: vec4f) {
  if (row >= p.m || 4u * block >= p.n) { return; }${store}
}
`;
}

/**
 * What is done to the rows that the thread has stored. A loop over memory that
 * the thread wrote itself: as straight-line text it would be most of the kernel.
 */
export function activationSource(
  activation: "gelu" | "geluBackward",
  binding: number,
  access: OperandAccess,
  { rows, columns }: Tile,
): string {
  const scalar = access === "scalar";
  const width = scalar ? 1 : 4;
  const element = scalar ? "f32" : "vec4f";
  const part = scalar ? ".x" : "";
  const gelu = activation === "gelu";
  return `
@group(0) @binding(${binding}) var<storage, ${
    gelu ? "read_write" : "read"
  }> other: array<${element}>;
fn activate(p: Params, row: u32, block: u32) {
  for (var r = row; r < min(row + ${rows}u, p.m); r++) {
    for (var n = 4u * block; n < min(4u * block + ${columns}u, p.n); n += ${width}u) {
      let i = p.c_offset + r * p.c_stride + n / ${width}u;
      ${
    gelu
      ? `other[i] = gelu(vec4f(c[i]))${part};`
      : `c[i] *= gelu_derivative(vec4f(other[i]))${part};`
  }
    }
  }
}
${geluFunctions}
`;
}

/** Adds four steps of A to the sums: each lane its own, or the first column of threads. */
export function addSums(rows: number, lanes: number): string {
  return lanes > 0
    ? lines(rows / lanes, (g) => `    s${g} += a${g};`)
    : `    if (block == 0u) { ${
      lines(rows / 4, (r) => `s${r} += a${r}_0 + a${r}_1 + a${r}_2 + a${r}_3;`)
    } }`;
}

/** Stores the sums: those of the lanes of four steps together. */
export function storeSums({ rows, lanes }: Tile): string {
  const lane = (g: number, first: number) =>
    [0, 1, 2, 3].map((q) => `subgroupBroadcast(s${g}, ${first + q}u)`)
      .join(" + ");
  return `
${
    lanes === 0 ? "" : lines(
      rows / 4,
      (r) => `  let t${r} = ${lane(Math.floor(r / 2), 4 * (r % 2))};`,
    )
  }
  if (block == 0u) {
    var vector = p; // the sums are a matrix of one row
    vector.m = 1u;
    vector.n = p.m;
    vector.c_offset = 0u;
${
    lines(rows / 4, (r) =>
      `    store_sums(vector, 0u, row / 4u + ${r}u, ${
        lanes === 0 ? "s" : "t"
      }${r});`)
  }
  }`;
}
