/**
 * The epilogue of a matrix product: WGSL that stores C, applies an activation
 * to it, and sums a gradient over rows.
 *
 * @module
 */
import geluFunctions from "../gelu_functions.wgsl" with { type: "text" };
import type { GemmAccess, Tile } from "./tile.ts";
import type { OperandAccess } from "../operand_source.ts";
import { type Lines, times } from "../wgsl_lines.ts";

/** Operations fused into the kernel of a product. */
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
}

/**
 * Declares a result, and the function that stores four neighbouring elements.
 *
 * @param name The variable's name; the function is `store_NAME`.
 * @param binding The binding's number.
 * @param access Access to it: element by element if scalar, else by vec4s.
 * @param accumulate WGSL condition: whether to add to the stored values.
 */
export function resultSource(
  name: string,
  binding: number,
  access: OperandAccess,
  accumulate: string,
): Lines {
  const isScalar = access === "scalar";
  const element = isScalar ? "f32" : "vec4f";
  const storeElements = [
    "let i = p.c_offset + row * p.c_stride + 4u * block;",
    "for (var e = 0u; e < min(4u, p.n - 4u * block); e++) {",
    [
      `${name}[i + e] = value[e] + select(0.0, ${name}[i + e], ${accumulate});`,
    ],
    "}",
  ];
  const storeVec4 = [
    "let i = p.c_offset + row * p.c_stride + block;",
    `if (${accumulate}) { ${name}[i] += value; } else { ${name}[i] = value; }`,
  ];
  return [
    `@group(0) @binding(${binding}) var<storage, read_write> ${name}: array<${element}>;`,
    `fn store_${name}(p: Params, row: u32, block: u32, value: vec4f) {`,
    [
      "if (row >= p.m || 4u * block >= p.n) { return; }",
      ...isScalar ? storeElements : storeVec4,
    ],
    "}",
  ];
}

/**
 * The function `load_NAME` that loads four neighbouring elements of a matrix of
 * C's shape; zeros outside of it.
 */
export function loadSource(name: string, access: OperandAccess): Lines {
  const loadElements = [
    "let i = p.c_offset + row * p.c_stride + 4u * block;",
    "var value = vec4f();",
    `for (var e = 0u; e < min(4u, p.n - 4u * block); e++) { value[e] = ${name}[i + e]; }`,
    "return value;",
  ];
  const loadVec4 = [`return ${name}[p.c_offset + row * p.c_stride + block];`];
  return [
    `fn load_${name}(p: Params, row: u32, block: u32) -> vec4f {`,
    [
      "if (row >= p.m || 4u * block >= p.n) { return vec4f(); }",
      ...access === "scalar" ? loadElements : loadVec4,
    ],
    "}",
  ];
}

/** Bindings and functions of {@linkcode storeActivated}. */
export function activatedSource(
  activation: "gelu" | "geluBackward",
  binding: number,
  access: GemmAccess["c"],
): Lines {
  const element = access === "scalar" ? "f32" : "vec4f";
  return [
    ...activation === "gelu"
      ? resultSource("other", binding, access, "false")
      : [
        `@group(0) @binding(${binding}) var<storage, read> other: array<${element}>;`,
        ...loadSource("other", access),
      ],
    geluFunctions,
  ];
}

/** Applies the activation to four elements of C in registers, and stores them. */
export function storeActivated(
  activation: Epilogue["activation"],
  row: string,
  block: string,
  value: string,
): Lines {
  const at = `p, ${row}, ${block}`;
  switch (activation) {
    case undefined:
      return [`store_c(${at}, ${value});`];
    case "gelu":
      return [
        `store_c(${at}, ${value});`,
        `store_other(${at}, gelu(${value}));`,
      ];
    case "geluBackward":
      return [
        `store_c(${at}, ${value} * gelu_derivative(load_other(${at})));`,
      ];
  }
}

/**
 * Applies the activation to the rows that the thread has stored, for tiles that
 * are not staged. It is a loop over memory that the thread itself wrote:
 * unrolled, it would be most of the time to compile a kernel for a CPU.
 */
export function activationSource(
  activation: "gelu" | "geluBackward",
  binding: number,
  access: OperandAccess,
  { rows, columns }: Tile,
): Lines {
  const [element, width, component] = access === "scalar"
    ? ["f32", 1, ".x"]
    : ["vec4f", 4, ""];
  const [mode, statement] = activation === "gelu"
    ? ["read_write", `other[i] = gelu(vec4f(c[i]))${component};`]
    : ["read", `c[i] *= gelu_derivative(vec4f(other[i]))${component};`];
  return [
    `@group(0) @binding(${binding}) var<storage, ${mode}> other: array<${element}>;`,
    "fn activate(p: Params, row: u32, block: u32) {",
    [
      `for (var r = row; r < min(row + ${rows}u, p.m); r++) {`,
      [
        `for (var n = 4u * block; n < min(4u * block + ${columns}u, p.n); n += ${width}u) {`,
        [
          `let i = p.c_offset + r * p.c_stride + n / ${width}u;`,
          statement,
        ],
        "}",
      ],
      "}",
    ],
    "}",
    geluFunctions,
  ];
}

/** Adds four steps of A to the sums: each lane its own part, or the first column of threads. */
export function addToSums(rows: number, lanes: number): Lines {
  if (lanes > 0) return times(rows / lanes, (g) => `s${g} += a${g};`);
  return [
    "if (block == 0u) {",
    times(rows / 4, (r) => `s${r} += a${r}_0 + a${r}_1 + a${r}_2 + a${r}_3;`),
    "}",
  ];
}

/** Adds the lanes that have one step of K each: `total0 …`, each of four rows. */
export function totalSums({ rows, lanes }: Tile): Lines {
  const fourLanes = (g: number, first: number) =>
    [0, 1, 2, 3].map((q) => `subgroupBroadcast(s${g}, ${first + q}u)`)
      .join(" + ");
  return times(
    rows / 4,
    (r) =>
      `let total${r} = ${
        lanes > 0 ? fourLanes(Math.floor(r / 2), 4 * (r % 2)) : `s${r}`
      };`,
  );
}

/**
 * Stores `total0 …`, a matrix of one row.
 *
 * @param condition WGSL: whether the thread stores.
 * @param offset WGSL: start of the sums.
 * @param blocks WGSL: the vec4 of each total.
 */
export function storeSums(
  condition: string,
  offset: string,
  blocks: readonly string[],
): Lines {
  return [
    `if (${condition}) {`,
    [
      "var vector = p; // the sums are a matrix of one row",
      "vector.m = 1u;",
      "vector.n = p.m;",
      `vector.c_offset = ${offset};`,
      ...blocks.map((block, i) =>
        `store_sums(vector, 0u, ${block}, total${i});`
      ),
    ],
    "}",
  ];
}
