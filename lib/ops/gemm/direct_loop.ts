/**
 * The loop over K where every thread reads its operands itself, as WGSL.
 *
 * @module
 */
import { addToSums } from "./epilogue.ts";
import type { Layout, Tile } from "./tile.ts";
import {
  columnOfRows,
  type LoadedSteps,
  multiplyAdd,
  rowOfSteps,
} from "./multiply_add.ts";
import type { OperandAccess } from "../operand_source.ts";
import { COMPONENTS, type Lines, times } from "../wgsl_lines.ts";

/**
 * The loop over K, four steps at a time.
 *
 * @param layout Transposes of A and B.
 * @param tile The tile.
 * @param access Access to the operands.
 * @param sums Whether to sum A over K.
 * @returns WGSL.
 */
export function directLoop(
  layout: Layout,
  tile: Tile,
  access: OperandAccess,
  sums: boolean,
): Lines {
  // Rows after the last of K would belong to another matrix: A counts as 0
  // there, and B repeats its last row.
  const isRagged = layout === "TN" || access === "scalar";
  const step: Step = (q) => isRagged ? `min(k4 + ${q}, p.k - 1u)` : `k4 + ${q}`;
  const a = loadA(layout, tile, step);
  const b = loadB(layout, tile, step);
  return [
    "for (var k = 0u; k < (p.k + 3u) / 4u; k++) {",
    [
      "let k4 = 4u * k;",
      ...a.loads,
      ...b.loads,
      ...multiplyAdd(tile.rows, tile.columns / 4, a, b),
      ...sums ? addToSums(tile.rows, tile.lanes) : [],
    ],
    "}",
  ];
}

/** The index of step `q` of the four. */
type Step = (q: string) => string;

function loadA(layout: Layout, { rows, lanes }: Tile, step: Step): LoadedSteps {
  if (layout !== "TN") {
    const load = (r: string) =>
      `load_a(p.a_offset + (row + ${r}) * p.a_stride, k, p.k)`;
    return lanes > 0
      ? rowPerLane(rows, lanes, load)
      : rowPerRegister(rows, load);
  }
  const load = (q: string, block: string) => {
    const start = `p.a_offset + (${step(q)}) * p.a_stride`;
    return `select(vec4f(), load_a(${start}, row / 4u + ${block}, p.m), k4 + ${q} < p.k)`;
  };
  return lanes > 0
    ? stepPerLane(rows, lanes, load)
    : stepPerRegister(rows, load);
}

/** A row of A, four steps of K, in each register. */
function rowPerRegister(
  rows: number,
  load: (r: string) => string,
): LoadedSteps {
  return {
    loads: times(rows, (r) => `let a${r} = ${load(`${r}u`)};`),
    value: (r, q) => `a${r}.${COMPONENTS[q]}`,
  };
}

/** The same with one row in each of eight lanes. */
function rowPerLane(
  rows: number,
  lanes: number,
  load: (r: string) => string,
): LoadedSteps {
  return {
    loads: times(
      rows / lanes,
      (g) => `let a${g} = ${load(`${8 * g}u + thread % 8u`)};`,
    ),
    value: (r, q) =>
      `subgroupBroadcast(a${Math.floor(r / 8)}.${COMPONENTS[q]}, ${r % 8}u)`,
  };
}

/** A step of K, four rows of A, in each register. */
function stepPerRegister(
  rows: number,
  load: (q: string, block: string) => string,
): LoadedSteps {
  return {
    loads: times(rows, (i) => {
      const [r, q] = [Math.floor(i / 4), i % 4];
      return `let a${r}_${q} = ${load(`${q}u`, `${r}u`)};`;
    }),
    value: rowOfSteps,
  };
}

/** The same with one step of four rows in each of eight lanes. */
function stepPerLane(
  rows: number,
  lanes: number,
  load: (q: string, block: string) => string,
): LoadedSteps {
  return {
    loads: times(rows / lanes, (g) => {
      const step = load("thread % 4u", `${2 * g}u + thread % 8u / 4u`);
      return `let a${g} = ${step};`;
    }),
    value(r, q) {
      const register = `a${Math.floor(r / 8)}.${COMPONENTS[r % 4]}`;
      return `subgroupBroadcast(${register}, ${r % 8 - r % 4 + q}u)`;
    },
  };
}

function loadB(layout: Layout, { columns }: Tile, step: Step): LoadedSteps {
  if (layout === "NT") {
    return {
      loads: times(columns, (n) => {
        const start = `p.b_offset + (4u * block + ${n}u) * p.b_stride`;
        return `let b${n} = load_b(${start}, k, p.k);`;
      }),
      value: columnOfRows,
    };
  }
  return {
    loads: times(columns, (i) => {
      const [v, q] = [Math.floor(i / 4), i % 4];
      const start = `p.b_offset + (${step(`${q}u`)}) * p.b_stride`;
      return `let b${v}_${q} = load_b(${start}, block + ${v}u, p.n);`;
    }),
    value: (v, q) => `b${v}_${q}`,
  };
}
