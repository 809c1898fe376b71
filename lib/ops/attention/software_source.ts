/**
 * Parts of the attention kernels for software adapters.
 *
 * They are generated, as the matrix product is, so that the body of a loop is
 * straight-line code over named registers. Eight threads share one head of one
 * tile: each owns four rows, all loop over the sequence four rows at a time, and
 * their subgroup reads those together.
 *
 * @module
 */
import { type Lines, times } from "../wgsl_lines.ts";
import { addresses, type AttentionForm, header } from "./source.ts";

/** The form of a kernel for software adapters. */
export interface SoftwareForm extends AttentionForm {
  /** Whether eight threads are a subgroup that shares its reads; D must be a multiple of 8. */
  readonly lanes: boolean;
}

/** A form, with the number of vec4s of a head. */
export interface BlockedForm extends SoftwareForm {
  readonly blocks: number;
}

const ROWS = [0, 1, 2, 3] as const;

/** Lines for each vec4 of a head and each of four rows. */
export function each(
  blocks: number,
  lines: (row: number, block: number) => string | string[],
): string[] {
  return Array.from(
    { length: blocks },
    (_, block) => ROWS.flatMap((row) => lines(row, block)),
  ).flat();
}

/** Lines for each of four rows. */
export function perRow(lines: (row: number) => string | Lines): Lines {
  return ROWS.flatMap(lines);
}

/**
 * Declares `NAME{row}_{block}`: four rows of one head, read by `load_OPERAND`.
 *
 * @param name Prefix of the registers.
 * @param operand Name of the binding.
 * @param blocks The number of vec4s of a head.
 * @param rows WGSL: the four row numbers, a vec4u.
 * @param part Of `qkv`: 0 for queries, 1 for keys, 2 for values; 0 for others.
 */
export function loadRows(
  name: string,
  operand: string,
  blocks: number,
  rows: string,
  part: number,
): Lines {
  return each(blocks, (r, c) => {
    const start =
      `${operand}_offset + ${operand}_start(${rows}[${r}], ${part}u, head)`;
    return `let ${name}${r}_${c} = load_${operand}(${start}, ${c}u, WIDTH);`;
  });
}

/**
 * The same of the four rows from `first`, which all threads of a head need: the
 * lanes of a subgroup read a share each, and broadcast it.
 */
export function loadSharedRows(
  name: string,
  operand: string,
  { blocks, lanes }: BlockedForm,
  rows: string,
  part: number,
): Lines {
  if (!lanes) return loadRows(name, operand, blocks, rows, part);
  return [
    ...loadLaneShare(name, operand, blocks, part),
    ...each(
      blocks,
      (r, c) => `let ${name}${r}_${c} = ${broadcast(name, r * blocks + c)};`,
    ),
  ];
}

/** Declares `NAME_{i}`, a lane's share of those rows: vec4 number `8·i + lane` of all. */
export function loadLaneShare(
  name: string,
  operand: string,
  blocks: number,
  part: number,
): Lines {
  return times(blocks / 2, (i) => {
    const at = `(${8 * i}u + lane)`;
    const row = `min(first + ${at} / ${blocks}u, end - 1u)`;
    const start =
      `${operand}_offset + ${operand}_start(${row}, ${part}u, head)`;
    return `let ${name}_${i} = load_${operand}(${start}, ${at} % ${blocks}u, WIDTH);`;
  });
}

/** Value `i` of a shared row, from the lane that has it. */
export function broadcast(name: string, i: number): string {
  return `subgroupBroadcast(${name}_${i >> 3}, ${i & 7}u)`;
}

/** Adds the dot products of two sets of four rows to `NAME0 … NAME3`, each a vec4 over the second set. */
export function dotRows(
  name: string,
  a: string,
  b: string,
  blocks: number,
): Lines {
  return each(blocks, (r, c) => {
    const products = ROWS.map((j) => `dot(${a}${r}_${c}, ${b}${j}_${c})`);
    return `${name}${r} += vec4f(${products.join(", ")});`;
  });
}

/** `NAME{i} += Σ_j weight(i, j) · OPERAND{j}` for four rows of a head. */
export function sumRows(
  name: string,
  operand: string,
  blocks: number,
  weight: (i: number, j: number) => string,
): Lines {
  return each(blocks, (i, c) => {
    const sum = `${name}${i}_${c}`;
    return ROWS.map((j) =>
      `${sum} = fma(vec4f(${weight(i, j)}), ${operand}${j}_${c}, ${sum});`
    );
  });
}

/** Declares `NAME{row}_{block}` as zeros. */
export function zeroRows(name: string, blocks: number): Lines {
  return each(blocks, (r, c) => `var ${name}${r}_${c} = vec4f();`);
}

/** Declares the scores `s0 … s3` of the rows `query` with four keys, and the dropout masks. */
export function scores(blocks: number, keyValid: string): Lines {
  return [
    ...perRow((r) => `var s${r} = vec4f();`),
    ...dotRows("s", "q", "k", blocks),
    `let key_valid = ${keyValid};`,
    ...perRow((r) =>
      `let mask${r} = dropout_scales(dropout(), key_block, query[${r}] * HEADS + head);`
    ),
  ];
}

/** Constants, `Params`, and the functions that address rows. */
export function softwareHeader(form: AttentionForm): Lines {
  return [
    ...header(form, [
      "qkv_offset: u32,",
      "o_offset: u32,",
      "d_o_offset: u32,",
    ]),
    "// Four rows from `first`; after the end of the sequence, its last row.",
    "fn rows_from(first: u32, end: u32) -> vec4u {",
    ["return min(vec4u(first) + vec4u(0u, 1u, 2u, 3u), vec4u(end - 1u));"],
    "}",
    ...addresses(),
  ];
}

/** Stores four rows of a head, as far as they are below `count`. */
export function storeRows(
  name: string,
  register: string,
  blocks: number,
  start: (row: number) => string,
): Lines {
  return perRow((r) => [
    `if (${r}u < count) {`,
    times(
      blocks,
      (c) => `store_${name}(${start(r)}, ${c}u, ${register}${r}_${c});`,
    ),
    "}",
  ]);
}
