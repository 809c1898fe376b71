/**
 * The loop over K where a workgroup shares its operands, as WGSL.
 *
 * WGSL clamps every array index that is not a constant, so workgroup memory is
 * cut into nested arrays in which only the thread's own place is variable.
 * Operands are stored as they lie: with four steps of K per vec4 where their rows
 * run along K, else with four lines (rows of A, columns of B). Threads that are
 * neighbours read neighbouring vec4s, without bank conflicts.
 *
 * @module
 */
import type { OperandAccess } from "../operand_source.ts";
import { COMPONENTS, type Lines, times } from "../wgsl_lines.ts";
import {
  accumulator,
  columnOfRows,
  multiplySteps,
  rowOfSteps,
} from "./multiply_add.ts";
import type { GemmAccess, Layout, Tile } from "./tile.ts";

/**
 * A is summed for every step of K modulo this many, then over these: the same
 * order for every tile.
 */
const SUM_STEPS = 16;

/** One operand, as a workgroup shares it. */
interface Side {
  readonly operand: "a" | "b";
  /** Whether its rows run along K. */
  readonly alongK: boolean;
  /** WGSL: the workgroup's first line, and the vec4 of it. */
  readonly first: readonly [line: string, block: string];
  /** Threads along its lines. */
  readonly threads: number;
  /** WGSL: the thread's index among them. */
  readonly index: string;
  /** Vec4s per step that a thread multiplies. */
  readonly own: number;
  /** Steps per stage: of K, or of four of K if `alongK`. */
  readonly steps: number;
  /** Vec4s per stage that a thread copies. */
  readonly copies: number;
  /** Lines that all threads copy at once if `alongK`, else steps. */
  readonly stride: number;
}

function sidesOf(layout: Layout, tile: Tile): [Side, Side] {
  const { rows, columns, threads: [x, y], depth } = tile;
  const side = (
    operand: "a" | "b",
    alongK: boolean,
    lines: number,
    threads: number,
  ): Side => {
    const own = alongK ? lines : lines / 4;
    const steps = alongK ? depth / 4 : depth;
    return {
      operand,
      alongK,
      first: operand === "a"
        ? ["tile_row", "tile_row / 4u"]
        : ["4u * tile_block", "tile_block"],
      threads,
      index: operand === "a" ? "ty" : "tx",
      own,
      steps,
      copies: own * threads * steps / (x * y),
      stride: x * y / (alongK ? steps : own * threads),
    };
  };
  return [
    side("a", layout !== "TN", rows, y),
    side("b", layout === "NT", columns, x),
  ];
}

/** Declares the workgroup memory. */
export function stageSource(layout: Layout, tile: Tile): Lines {
  return sidesOf(layout, tile).flatMap((side): Lines => {
    const { operand, alongK, own, threads, steps, copies, stride } = side;
    const groups = alongK ? stride / threads : stride * own;
    const vec4s =
      `array<array<array<vec4f, ${threads}>, ${groups}>, ${copies}>`;
    if (!alongK) return [`var<workgroup> ${operand}_stage: ${vec4s};`];
    // Threads that write side by side write to different steps: the padding
    // gives these different banks.
    return [
      `struct Steps_${operand} {`,
      [`lines: ${vec4s},`, `padding: array<vec4f, ${8 / steps}>,`],
      "}",
      `var<workgroup> ${operand}_stage: array<Steps_${operand}, ${steps}>;`,
    ];
  });
}

/** WGSL of the place where the thread stores copy `i`. */
function copyPlace({ operand, alongK }: Side, i: number): string {
  const place = `[${i}][${operand}_group][${operand}_place]`;
  return alongK
    ? `${operand}_stage[${operand}_step].lines${place}`
    : `${operand}_stage${place}`;
}

/** WGSL of vec4 `i` of a step, of those that the thread multiplies. */
function ownPlace(side: Side, step: number, i: number): string {
  const { operand, alongK, own, threads, stride, index } = side;
  if (!alongK) {
    const group = step % stride * own + i;
    return `${operand}_stage[${Math.floor(step / stride)}][${group}][${index}]`;
  }
  const groups = stride / threads;
  return `${operand}_stage[${step}].lines[${Math.floor(i / groups)}][${
    i % groups
  }][${index}]`;
}

/** Declares the step and line that the thread copies, and where its copies start. */
function copyStarts(side: Side, access: OperandAccess): Lines {
  const { operand, alongK, first, threads, own, steps, stride } = side;
  const width = alongK ? steps : own * threads;
  const [across, down] = alongK ? ["step", "line"] : ["line", "step"];
  const slot = alongK ? `${operand}_line` : "thread";
  const vec4 = alongK ? `${operand}_step` : `${first[1]} + ${operand}_line`;
  const column = access === "scalar" ? `4u * (${vec4})` : vec4;
  const row = (i: number) => {
    const at = `(${operand}_${down} + ${i * stride}u)`;
    if (!alongK) return at;
    // A thread's columns of B are whole vec4s of C.
    const columnOfB = `4u * (${at} / ${
      4 * threads
    }u * ${threads}u + ${at} % ${threads}u) + ${at} / ${threads}u % 4u`;
    return `(${first[0]} + ${operand === "a" ? at : columnOfB})`;
  };
  return [
    `let ${operand}_${across} = thread % ${width}u;`,
    `let ${operand}_${down} = thread / ${width}u;`,
    `let ${operand}_group = ${slot} / ${threads}u;`,
    `let ${operand}_place = ${slot} % ${threads}u;`,
    ...times(
      side.copies,
      (i) =>
        `let ${operand}_start${i} = p.${operand}_offset + ${
          row(i)
        } * p.${operand}_stride + ${column};`,
    ),
  ];
}

/** Reads the copies of one stage. */
function readCopies(side: Side, access: OperandAccess): Lines {
  const { operand, alongK, copies } = side;
  const advance = !alongK
    ? `k0 * p.${operand}_stride`
    : access === "scalar"
    ? "k0"
    : "k0 / 4u";
  return times(
    copies,
    (i) =>
      `var ${operand}_copy${i} = read_${operand}(${operand}_start${i} + ${advance});`,
  );
}

/** Clears the copies after the end of K. */
function clearAfterEnd(
  side: Side,
  access: OperandAccess,
  end: string,
): Lines {
  const { operand, alongK, copies, stride } = side;
  const step = `${operand}_step`;
  const isInside = (i: number) => {
    if (!alongK) return `k0 + ${i * stride}u + ${step} < ${end}`;
    return access === "scalar"
      ? `vec4u(k0 + 4u * ${step}) + vec4u(0u, 1u, 2u, 3u) < vec4u(${end})`
      : `k0 + 4u * ${step} < ${end}`;
  };
  return times(copies, (i) => {
    const copy = `${operand}_copy${i}`;
    return `${copy} = select(vec4f(), ${copy}, ${isInside(i)});`;
  });
}

/**
 * The loop over K: the workgroup copies `depth` steps of K into workgroup memory,
 * and every thread multiplies from there, step by step.
 *
 * @param layout Transposes of A and B.
 * @param tile The tile.
 * @param access Access to the operands.
 * @param end WGSL: the end of K, if it may lie inside a stage.
 * @param sums Whether to sum A over K.
 * @returns WGSL.
 */
export function stagedLoop(
  layout: Layout,
  tile: Tile,
  access: GemmAccess,
  end: string | undefined,
  sums: boolean,
): Lines {
  const { depth } = tile;
  const sides = sidesOf(layout, tile);
  const [a] = sides;
  const stages: (string | Lines)[] = [];
  for (let first = 0; first < depth; first += 4) {
    stages.push("{", multiplyStaged(sides, tile, first), "}");
  }
  return [
    ...sides.flatMap((side) => copyStarts(side, access[side.operand])),
    ...sums ? times(SUM_STEPS / a.stride, (i) => `var sum${i} = vec4f();`) : [],
    `for (var k0 = 0u; k0 < p.k; k0 += ${depth}u) {`,
    [
      ...sides.flatMap((side) => readCopies(side, access[side.operand])),
      ...end
        ? [
          `if (k0 + ${depth}u > ${end}) {`,
          sides.flatMap((side) =>
            clearAfterEnd(side, access[side.operand], end)
          ),
          "}",
        ]
        : [],
      ...sums
        ? times(
          a.copies,
          (i) => `sum${i % (SUM_STEPS / a.stride)} += a_copy${i};`,
        )
        : [],
      "workgroupBarrier(); // the last steps may still be read",
      ...sides.flatMap((side) =>
        times(
          side.copies,
          (i) => `${copyPlace(side, i)} = ${side.operand}_copy${i};`,
        )
      ),
      "workgroupBarrier();",
      ...stages,
    ],
    "}",
  ];
}

/** Multiplies four steps of K; B is read for four columns at a time, to hold less of it in registers. */
function multiplyStaged(
  [a, b]: readonly [Side, Side],
  { rows, columns }: Tile,
  first: number,
): Lines {
  const read = (side: Side, i: number) =>
    side.alongK
      ? [`let ${side.operand}${i} = ${ownPlace(side, first / 4, i)};`]
      : times(
        4,
        (q) =>
          `let ${side.operand}${i}_${q} = ${ownPlace(side, first + q, i)};`,
      );
  const ofA = a.alongK
    ? (r: number, q: number) => `a${r}.${COMPONENTS[q]}`
    : rowOfSteps;
  const ofB = b.alongK ? columnOfRows : (v: number, q: number) => `b${v}_${q}`;
  return [
    ...times(a.own, (i) => read(a, i)).flat(),
    ...times(columns / 4, (v) => [
      ...b.alongK ? times(4, (e) => read(b, 4 * v + e)).flat() : read(b, v),
      ...times(rows, (r) => {
        const c = accumulator(r, v);
        return multiplySteps(c, (q) => ofA(r, q), (q) => ofB(v, q));
      }).flat(),
    ]).flat(),
  ];
}

/**
 * Adds the sums of A over the threads, in the order of their steps: `total0 …`,
 * each of four rows.
 *
 * @param tile The tile.
 * @returns WGSL for layout TN.
 */
export function addSums(tile: Tile): Lines {
  const [a] = sidesOf("TN", tile);
  return [
    "workgroupBarrier();",
    ...times(
      SUM_STEPS / a.stride,
      (i) => `${copyPlace(a, i)} = sum${i};`,
    ),
    "workgroupBarrier();",
    ...times(a.own, (i) => {
      const steps = times(SUM_STEPS, (step) => ownPlace(a, step, i));
      return `let total${i} = ${steps.join(" + ")};`;
    }),
  ];
}
