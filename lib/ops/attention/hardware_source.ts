/**
 * Parts of the attention kernels for graphics hardware.
 *
 * A workgroup has one head of 32 rows, its own, and walks over the sequence 32
 * rows at a time. All its products are those of matrices: scores of 32 queries
 * and 32 keys, and sums of 32 rows with these as weights, both from workgroup
 * memory, where a few vec4s of each row are staged at a time. A thread computes
 * scores of four keys with every `columns`th query, and sums one vec4 of four
 * rows. Few registers are needed at any head width, and nothing is added in an
 * order that depends on the device.
 *
 * WGSL clamps every array index that is not a constant, so workgroup memory is
 * cut into nested arrays in which mostly the thread's own place is variable. A
 * row more than needed gives neighbouring columns different banks.
 *
 * @module
 */
import { operandSource } from "../operand_source.ts";
import { COMPONENTS, type Lines, times } from "../wgsl_lines.ts";
import { addresses, type AttentionForm, header, TILE_ROWS } from "./source.ts";

/** The division of a head among the threads of a workgroup. */
export interface Shape {
  readonly form: AttentionForm;
  /** Vec4s of a head. */
  readonly blocks: number;
  /** Vec4s of a row that are summed at a time, one by each thread. */
  readonly columns: number;
  /** Vec4s of a row that are multiplied at a time, for scores. */
  readonly depth: number;
  /** Sums of a thread: vec4s of each of its rows. */
  readonly sums: number;
  /** Queries of which a thread computes scores. */
  readonly queries: number;
  /** Threads of a workgroup. */
  readonly threads: number;
}

/**
 * Divides a head.
 *
 * @param form The form of the kernel.
 * @returns The division: 128 threads for heads wider than 32, 64 for others.
 */
export function shapeOf(form: AttentionForm): Shape {
  const blocks = Math.ceil(form.width / 4);
  const columns = blocks > 8 ? 16 : 8;
  return {
    form,
    blocks,
    columns,
    depth: columns / 2,
    sums: Math.ceil(blocks / columns),
    queries: TILE_ROWS / columns,
    threads: 8 * columns,
  };
}

/** Rows of an operand: 32 from `first`, as far as they are in the sequence. */
export interface Rows {
  readonly operand: "qkv" | "o" | "d_o";
  /** Of `qkv`: 0 for queries, 1 for keys, 2 for values; 0 for others. */
  readonly part: number;
  readonly first: "query_first" | "key_first";
}

export const QUERIES: Rows = { operand: "qkv", part: 0, first: "query_first" };
export const KEYS: Rows = { operand: "qkv", part: 1, first: "key_first" };
export const VALUES: Rows = { operand: "qkv", part: 2, first: "key_first" };

/** Declares an operand, and the function that reads vec4 `block` of a row of a head. */
export function readSource(
  { form: { access } }: Shape,
  name: Rows["operand"],
  binding: number,
): Lines {
  return [
    ...operandSource(name, binding, access),
    `fn read_${name}(row: u32, part: u32, head: u32, block: u32) -> vec4f {`,
    [`return load_${name}(${name}_start(row, part, head), block, WIDTH);`],
    "}",
  ];
}

/** Constants, `Params`, workgroup memory and functions. */
export function hardwareHeader({ form, columns }: Shape): Lines {
  return [
    ...header(form),
    ...addresses(),
    "// [vec4 of a row][row]",
    `var<workgroup> stage: array<array<vec4f, ${TILE_ROWS + 1}>, ${columns}>;`,
    "// [four keys][query]",
    `var<workgroup> weights: array<array<vec4f, ${TILE_ROWS + 1}>, 8>;`,
    "fn add_products(sum: vec4f, a: vec4f, b0: vec4f, b1: vec4f, b2: vec4f, b3: vec4f) -> vec4f {",
    [
      ...COMPONENTS.map((c, i) =>
        `let sum${i + 1} = fma(vec4f(a.${c}), vec4f(${
          times(4, (j) => `b${j}.${c}`).join(", ")
        }), ${i === 0 ? "sum" : `sum${i}`});`
      ),
      "return sum4;",
    ],
    "}",
  ];
}

/** Declares the tile and head of a workgroup, of which there are `kinds` each. */
export function ownTile(kinds: number): Lines {
  return [
    "let index = workgroup.y * workgroups.x + workgroup.x;",
    `let i = index${kinds === 1 ? "" : ` / ${kinds}u`};`,
    "if (i >= params.tiles * HEADS) { return; }",
    "let tile = tiles[i / HEADS];",
    "let head = i % HEADS;",
  ];
}

/** Declares the places of a thread in the products. */
export function ownPlaces({ columns, depth }: Shape): Lines {
  return [
    "let end = tile.z;",
    "// In the scores: four keys, and queries.",
    "let four_keys = thread % 8u;",
    "let query = thread / 8u;",
    "// In the sums: one vec4, and four rows.",
    `let column = thread % ${columns}u;`,
    `let group = thread / ${columns}u;`,
    "// In the copies for scores, where keys that are read at once lie side by side.",
    `let copied = thread % ${depth}u;`,
    `let copied_row = thread / ${depth}u;`,
    "let copied_key = copied_row % 4u * 8u + copied_row / 4u;",
  ];
}

/** Lines for each query of which the thread computes scores. */
export function perQuery(
  { queries }: Shape,
  lines: (i: number) => string | Lines,
): Lines {
  return times(queries, (i) => lines(i)).flat();
}

/** WGSL: row `i` of the thread's queries in a tile or stage. */
export function queryRow({ columns }: Shape, i: number): string {
  return i === 0 ? "query" : `query + ${columns * i}u`;
}

/**
 * Reads one vec4 of one of 32 rows; after the end of the sequence, of its last row.
 *
 * @param rows The rows.
 * @param row WGSL: the row, counted from the first.
 * @param block WGSL: the vec4 of the row.
 * @returns WGSL.
 */
export function read(
  { operand, part, first }: Rows,
  row: string,
  block: string,
): string {
  return `read_${operand}(min(${first} + ${row}, end - 1u), ${part}u, head, ${block})`;
}

/**
 * Adds the products of rows: `NAME{i}` of the thread's queries, each a vec4 over
 * its four keys. The stage may be in use before.
 *
 * @param shape The division.
 * @param name Prefix of the sums, which it declares.
 * @param a Rows by queries.
 * @param b Rows by keys.
 */
export function scores(shape: Shape, name: string, a: Rows, b: Rows): Lines {
  const { blocks, depth, threads } = shape;
  const stride = threads / depth;
  const copies = TILE_ROWS / stride;
  const row = (i: number) => `copied_row + ${i * stride}u`;
  const isPartial = blocks % depth !== 0;
  const copy = (rows: Rows, i: number) => {
    const value = read(rows, row(i), "first + copied");
    return isPartial
      ? `select(vec4f(), ${value}, first + copied < ${blocks}u)`
      : value;
  };
  return [
    ...perQuery(shape, (i) => `var ${name}${i} = vec4f();`),
    `for (var first = 0u; first < ${blocks}u; first += ${depth}u) {`,
    [
      ...times(copies, (i) => `let a${i} = ${copy(a, i)};`),
      ...times(copies, (i) => `let b${i} = ${copy(b, i)};`),
      "workgroupBarrier(); // the last vec4s may still be read",
      ...times(copies, (i) => `stage[copied][${row(i)}] = a${i};`),
      ...times(copies, (i) => {
        const place = `copied_key + ${stride * i / 4}u`;
        return `stage[copied + ${depth}u][${place}] = b${i};`;
      }),
      "workgroupBarrier();",
      ...times(Math.min(depth, blocks), (c) => [
        "{",
        [
          ...times(
            4,
            (j) => `let b${j} = stage[${depth + c}][four_keys + ${8 * j}u];`,
          ),
          ...perQuery(
            shape,
            (i) =>
              `${name}${i} = add_products(${name}${i}, stage[${c}][${
                queryRow(shape, i)
              }], b0, b1, b2, b3);`,
          ),
        ],
        "}",
      ]).flat(),
    ],
    "}",
  ];
}
