/**
 * The sums of the attention kernels for graphics hardware: 32 rows, each of rows
 * that are walked, with the scores or what follows from them as weights.
 *
 * @module
 */
import { COMPONENTS, type Lines, times } from "../wgsl_lines.ts";
import { read, type Rows, type Shape } from "./hardware_source.ts";
import { TILE_ROWS } from "./source.ts";

/** Declares `NAME{r}_{chunk}`, the thread's sums, as zeros. */
export function zeroSums(shape: Shape, name: string): Lines {
  return perSum(shape, (r, chunk) => `var ${name}${r}_${chunk} = vec4f();`);
}

/** Lines for each sum of the thread: vec4 `column + columns · chunk` of its row `r`. */
export function perSum(
  { sums }: Shape,
  lines: (r: number, chunk: number) => string,
): string[] {
  return times(sums, (chunk) => times(4, (r) => lines(r, chunk))).flat();
}

/** WGSL: the query of the thread's sum `r`, if the workgroup owns queries, in the tile. */
export function queryOfSum(r: number): string {
  return `group + ${8 * r}u`;
}

/** WGSL: the key of the thread's sum `r`, if the workgroup owns keys, in the tile. */
export function keyOfSum(r: number): string {
  return `4u * group + ${r}u`;
}

/** Additions to the sums of {@linkcode addWeighted}. */
interface Weighted {
  /** Prefix of the sums. */
  readonly name: string;
  /** The rows: keys or values for sums of queries, queries for sums of keys. */
  readonly rows: Rows;
  /** Lines that write `weights`, which then is not in use. */
  readonly weights: Lines;
  /** Lines before the additions, which may read what `weights` has written. */
  readonly before?: Lines;
}

/** `NAME{r} += Σ_j weight[r,j] · rows[j]`, over the rows that are in the sequence. */
export function addWeighted(
  { columns, threads, sums }: Shape,
  { name, rows, weights, before = [] }: Weighted,
): Lines {
  const isByKey = rows.first === "key_first";
  const weight = isByKey
    ? (four: number, r: number) => `weights[${four}][${queryOfSum(r)}]`
    : (four: number, j: number) => `weights[group][${4 * four + j}]`;
  const component = isByKey
    ? (r: number, j: number) => `w${r}.${COMPONENTS[j]}`
    : (r: number, j: number) => `w${j}.${COMPONENTS[r]}`;
  const stride = threads / columns;
  const row = (i: number) => `group + ${i * stride}u`;
  const addFour = (chunk: number, four: number) => [
    "{",
    [
      ...times(4, (i) => `let w${i} = ${weight(four, i)};`),
      ...times(4, (j) => `let row${j} = stage[column][${4 * four + j}];`),
      ...times(4, (r) => {
        const sum = `${name}${r}_${chunk}`;
        return times(
          4,
          (j) => `${sum} = fma(vec4f(${component(r, j)}), row${j}, ${sum});`,
        );
      }).flat(),
    ],
    "}",
  ];
  return times(sums, (chunk) => [
    "{",
    [
      ...times(TILE_ROWS / stride, (i) => {
        const block = `column + ${chunk * columns}u`;
        return `let copy${i} = ${read(rows, row(i), block)};`;
      }),
      "workgroupBarrier(); // the last rows may still be read",
      ...times(
        TILE_ROWS / stride,
        (i) => `stage[column][${row(i)}] = copy${i};`,
      ),
      ...chunk === 0 ? weights : [],
      "workgroupBarrier();",
      ...chunk === 0 ? before : [],
      ...times(4, (eight) => [
        `if (${rows.first} + ${8 * eight}u < end) {`,
        [...addFour(chunk, 2 * eight), ...addFour(chunk, 2 * eight + 1)],
        "}",
      ]).flat(),
    ],
    "}",
  ]).flat();
}

/**
 * Stores the thread's sums.
 *
 * @param shape The division.
 * @param result Name of the binding.
 * @param name Prefix of the sums.
 * @param row WGSL of row r, counted from the first of the tile.
 * @param part Of `d_qkv`, as in {@linkcode Rows}.
 */
export function storeSums(
  shape: Shape,
  result: string,
  name: string,
  row: (r: number) => string,
  part: number,
): Lines {
  const { columns, blocks } = shape;
  const start = result === "o" ? "o_start" : "qkv_start";
  return times(4, (r) => [
    `if (tile.x + ${row(r)} < end) {`,
    times(shape.sums, (chunk) => {
      const block = `column + ${chunk * columns}u`;
      const store = `store_${result}(${start}(tile.x + ${
        row(r)
      }, ${part}u, head), ${block}, ${name}${r}_${chunk});`;
      return columns * (chunk + 1) > blocks
        ? `if (${block} < ${blocks}u) { ${store} }`
        : store;
    }),
    "}",
  ]).flat();
}
