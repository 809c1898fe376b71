/**
 * Runs an ONNX file in plain loops in f64. It supports only the operations that
 * lib/onnx writes, and rejects input types that ONNX rejects.
 *
 * Source: https://github.com/onnx/onnx/blob/main/docs/Operators.md
 */
import { assert, assertEquals } from "@std/assert";
import { loadOnnxProto, type NodeProto } from "../../lib/onnx/proto.ts";

/** Codes of the element types in a file. */
export const TYPES = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
} as const;

/** A tensor; its values are numbers, whatever the element type. */
export interface Value {
  readonly type: number;
  readonly dims: readonly number[];
  readonly data: readonly number[];
}

/**
 * Runs a file.
 *
 * @param file The file's bytes.
 * @param inputs Its inputs by name.
 * @returns Its outputs by name.
 */
export async function run(
  file: Uint8Array,
  inputs: Readonly<Record<string, Value>>,
): Promise<Record<string, Value>> {
  const graph = (await loadOnnxProto()).decode(file).graph!;
  const values = new Map(Object.entries(inputs));
  for (const { name, type: { tensorType } } of graph.input) {
    assertEquals(values.get(name)?.type, tensorType.elemType, name);
  }
  for (const { name, dims, dataType: type, rawData } of graph.initializer!) {
    values.set(name, { type, dims, data: numbers(type, rawData!) });
  }
  for (const node of graph.node) {
    const op = OPS[node.opType];
    assert(op, `${node.opType} is not supported`);
    const results = op(
      node.input.map((name) => {
        const value = values.get(name);
        assert(value, `${node.name} needs ${name}, which has no value yet`);
        return value;
      }),
      node,
    );
    assertEquals(node.output.length, results.length);
    results.forEach((result, i) => {
      assert(
        !values.has(node.output[i]!),
        `${node.output[i]} is computed twice`,
      );
      values.set(node.output[i]!, rounded(result));
    });
  }
  return Object.fromEntries(
    graph.output.map(({ name }) => [name, values.get(name)!]),
  );
}

function numbers(type: number, bytes: Uint8Array): number[] {
  const { buffer } = bytes.slice(); // aligned
  switch (type) {
    case TYPES.float32:
      return [...new Float32Array(buffer)];
    case TYPES.float16:
      return [...new Float16Array(buffer)];
    case TYPES.int8:
      return [...new Int8Array(buffer)];
    default:
      assertEquals(type, TYPES.int64);
      return [...new BigInt64Array(buffer)].map(Number);
  }
}

/** Rounds float16 values; float32 values remain f64. */
function rounded(value: Value): Value {
  return value.type === TYPES.float16
    ? { ...value, data: value.data.map(Math.f16round) }
    : value;
}

type Op = (inputs: Value[], node: NodeProto) => Value[];

const product = (dims: readonly number[]) => dims.reduce((a, b) => a * b, 1);

const mean = (row: readonly number[]) =>
  row.reduce((a, b) => a + b, 0) / row.length;

/** Value of an attribute, or `otherwise`. */
function attribute(node: NodeProto, name: string, otherwise: number): number {
  const found = node.attribute.find((attribute) => attribute.name === name);
  return found ? found.type === 1 ? found.f! : found.i! : otherwise;
}

/** Flat index, in a tensor of shape `own`, of element `i` of its broadcast to `dims`. */
function broadcastIndex(
  i: number,
  dims: readonly number[],
  own: readonly number[],
): number {
  let [index, stride] = [0, 1];
  for (let back = 1; back <= own.length; back++) {
    const size = dims.at(-back)!;
    const ownSize = own.at(-back)!;
    assert(
      ownSize === size || ownSize === 1,
      `[${own}] does not broadcast to [${dims}]`,
    );
    if (ownSize !== 1) index += i % size * stride;
    i = Math.floor(i / size);
    stride *= ownSize;
  }
  return index;
}

/** Broadcast shape of two tensors. */
function broadcast(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const [x, y] = [a, b].map((dims) => dims.at(i - rank) ?? 1);
    return Math.max(x!, y!);
  });
}

function binary(f: (a: number, b: number) => number): Op {
  return ([a, b]) => {
    assertEquals(a!.type, b!.type);
    const dims = broadcast(a!.dims, b!.dims);
    const data = Array.from({ length: product(dims) }, (_, i) =>
      f(
        a!.data[broadcastIndex(i, dims, a!.dims)]!,
        b!.data[broadcastIndex(i, dims, b!.dims)]!,
      ));
    return [{ type: a!.type, dims, data }];
  };
}

function unary(f: (x: number) => number): Op {
  return ([x]) => [{ ...x!, data: x!.data.map(f) }];
}

/** `a · b` over the last two dimensions; the others are broadcast. */
function matmul(a: Value, b: Value): { dims: number[]; data: number[] } {
  const [M, K] = a.dims.slice(-2) as [number, number];
  const [inner, N] = b.dims.slice(-2) as [number, number];
  assertEquals(K, inner);
  const [outerA, outerB] = [a.dims.slice(0, -2), b.dims.slice(0, -2)];
  const outer = broadcast(outerA, outerB);
  const data: number[] = [];
  for (let i = 0; i < product(outer); i++) {
    const startA = broadcastIndex(i, outer, outerA) * M * K;
    const startB = broadcastIndex(i, outer, outerB) * K * N;
    for (let m = 0; m < M; m++) {
      for (let n = 0; n < N; n++) {
        let sum = 0;
        for (let k = 0; k < K; k++) {
          sum += a.data[startA + m * K + k]! * b.data[startB + k * N + n]!;
        }
        data.push(sum);
      }
    }
  }
  return { dims: [...outer, M, N], data };
}

/** Maps every row of the last dimension. */
function byRow(x: Value, f: (row: number[]) => number[]): Value {
  const size = x.dims.at(-1)!;
  const rows = Array.from(
    { length: x.data.length / size },
    (_, r) => f(x.data.slice(r * size, (r + 1) * size)),
  );
  return { ...x, data: rows.flat() };
}

/** The error function by its series at 0 (Abramowitz and Stegun 7.1.5), within 1.6e-8. */
function erf(x: number): number {
  if (Math.abs(x) > 4) return Math.sign(x); // erfc(4) = 1.5e-8
  let [term, sum] = [x, x];
  for (let n = 1; Math.abs(term) > 1e-20; n++) {
    term *= -x * x / n;
    sum += term / (2 * n + 1);
  }
  return 2 / Math.sqrt(Math.PI) * sum;
}

function roundHalfToEven(x: number): number {
  const floor = Math.floor(x);
  if (x - floor !== 0.5) return Math.round(x);
  return floor % 2 === 0 ? floor : floor + 1;
}

const clampToByte = (x: number) => Math.min(255, Math.max(0, x));

const OPS: Readonly<Record<string, Op>> = {
  Add: binary((a, b) => a + b),
  Sub: binary((a, b) => a - b),
  Mul: binary((a, b) => a * b),
  Div: binary((a, b) => a / b),
  Pow: binary((a, b) => a ** b),
  Equal: (inputs, node) => {
    const [equal] = binary((a, b) => Number(a === b))(inputs, node);
    return [{ ...equal!, type: TYPES.bool }];
  },
  CumSum: ([x, axis]) => {
    assertEquals(axis!.data, [x!.dims.length - 1]);
    return [byRow(x!, (row) => {
      let sum = 0;
      return row.map((value) => sum += value);
    })];
  },
  Erf: unary(erf),
  Tanh: unary(Math.tanh),
  Abs: unary(Math.abs),
  // Angles are float32 in a file.
  Cos: unary((x) => Math.cos(Math.fround(x))),
  Sin: unary((x) => Math.sin(Math.fround(x))),
  Relu: unary((x) => Math.max(0, x)),
  Cast: ([x], node) => [{ ...x!, type: attribute(node, "to", 0) }],
  MatMul: ([a, b]) => {
    assertEquals(a!.type, b!.type);
    return [{ type: a!.type, ...matmul(a!, b!) }];
  },
  Softmax: ([x], node) => {
    assertEquals(attribute(node, "axis", -1), -1);
    return [byRow(x!, (row) => {
      const max = Math.max(...row);
      const powers = row.map((value) => Math.exp(value - max));
      const sum = powers.reduce((a, b) => a + b);
      return powers.map((power) => power / sum);
    })];
  },
  LayerNormalization: ([x, weight, bias], node) => {
    assertEquals(attribute(node, "axis", -1), -1);
    const epsilon = attribute(node, "epsilon", 1e-5);
    return [byRow(x!, (row) => {
      const center = mean(row);
      const variance = mean(row.map((value) => (value - center) ** 2));
      return row.map((value, c) =>
        weight!.data[c]! * (value - center) / Math.sqrt(variance + epsilon) +
        (bias?.data[c] ?? 0)
      );
    })];
  },
  Gather: ([x, indices], node) => {
    const axis = attribute(node, "axis", 0);
    const size = x!.dims[axis]!;
    const inner = product(x!.dims.slice(axis + 1));
    const outer = product(x!.dims.slice(0, axis));
    const data: number[] = [];
    for (let o = 0; o < outer; o++) {
      for (const index of indices!.data) {
        assert(index < size, `index ${index} is out of range for [${x!.dims}]`);
        const start = (o * size + index) * inner;
        for (let i = 0; i < inner; i++) data.push(x!.data[start + i]!);
      }
    }
    const dims = [
      ...x!.dims.slice(0, axis),
      ...indices!.dims,
      ...x!.dims.slice(axis + 1),
    ];
    return [{ type: x!.type, dims, data }];
  },
  GatherElements: ([x, indices], node) => {
    assertEquals(attribute(node, "axis", 0), -1);
    assertEquals(indices!.dims.slice(0, -1), x!.dims.slice(0, -1));
    const [size, columns] = [x!.dims.at(-1)!, indices!.dims.at(-1)!];
    const data = indices!.data.map((index, i) => {
      assert(index < size, `index ${index} is out of range for [${x!.dims}]`);
      return x!.data[Math.floor(i / columns) * size + index]!;
    });
    return [{ ...x!, dims: indices!.dims, data }];
  },
  Expand: ([x, shape]) => {
    const dims = broadcast(x!.dims, shape!.data);
    const data = Array.from(
      { length: product(dims) },
      (_, i) => x!.data[broadcastIndex(i, dims, x!.dims)]!,
    );
    return [{ ...x!, dims, data }];
  },
  Slice: ([x, starts, ends, axes]) => {
    assertEquals(axes!.data, [0]);
    const [start, end] = [starts!.data[0]!, ends!.data[0]!];
    const dims = [Math.min(x!.dims[0]!, end) - start, ...x!.dims.slice(1)];
    const first = start * product(x!.dims.slice(1));
    const data = x!.data.slice(first, first + product(dims));
    return [{ type: x!.type, dims, data }];
  },
  Split: ([x], node) => {
    assertEquals(attribute(node, "axis", 0), -1);
    const size = x!.dims.at(-1)! / node.output.length;
    const dims = x!.dims.with(-1, size);
    return node.output.map((_, i) => ({
      ...byRow(x!, (row) => row.slice(i * size, (i + 1) * size)),
      dims,
    }));
  },
  Concat: ([a, b], node) => {
    assertEquals(attribute(node, "axis", 0), -1);
    const [p, q] = [a!.dims.at(-1)!, b!.dims.at(-1)!];
    const data = Array.from({ length: a!.data.length / p }, (_, r) => [
      ...a!.data.slice(r * p, (r + 1) * p),
      ...b!.data.slice(r * q, (r + 1) * q),
    ]);
    return [{ ...a!, dims: a!.dims.with(-1, p + q), data: data.flat() }];
  },
  Range: ([start, limit, delta]) => {
    assertEquals([start!.data, delta!.data], [[0], [1]]);
    const data = Array.from({ length: limit!.data[0]! }, (_, i) => i);
    return [{ type: start!.type, dims: [data.length], data }];
  },
  ReduceSum: ([x, axes]) => {
    assertEquals(axes!.data, [x!.dims.length - 1]);
    const sums = byRow(x!, (row) => [row.reduce((a, b) => a + b)]);
    return [{ ...sums, dims: x!.dims.with(-1, 1) }];
  },
  Greater: (inputs, node) => {
    const [greater] = binary((a, b) => Number(a > b))(inputs, node);
    return [{ ...greater!, type: TYPES.bool }];
  },
  Shape: ([x], node) => {
    const sizes = x!.dims
      .slice(attribute(node, "start", 0), attribute(node, "end", Infinity));
    return [{ type: TYPES.int64, dims: [sizes.length], data: sizes }];
  },
  Unsqueeze: ([x, axes]) => {
    const dims = [...x!.dims];
    for (const axis of axes!.data) dims.splice(axis, 0, 1);
    return [{ ...x!, dims }];
  },
  Reshape: ([x, shape]) => {
    const dims = shape!.data.map((size, d) => size === 0 ? x!.dims[d]! : size);
    assertEquals(product(dims), product(x!.dims));
    return [{ ...x!, dims }];
  },
  Transpose: ([x], node) => {
    const perm = node.attribute[0]!.ints!;
    const dims = perm.map((axis) => x!.dims[axis]!);
    const strides = x!.dims.map((_, axis) => product(x!.dims.slice(axis + 1)));
    const data = Array.from({ length: x!.data.length }, (_, i) => {
      let index = 0;
      for (let d = dims.length - 1; d >= 0; d--) {
        index += i % dims[d]! * strides[perm[d]!]!;
        i = Math.floor(i / dims[d]!);
      }
      return x!.data[index]!;
    });
    return [{ type: x!.type, dims, data }];
  },
  DynamicQuantizeLinear: ([x]) => {
    assertEquals(x!.type, TYPES.float32);
    const least = Math.min(0, ...x!.data);
    const scale = (Math.max(0, ...x!.data) - least) / 255;
    const zero = clampToByte(roundHalfToEven(-least / scale));
    const data = x!.data.map((value) =>
      clampToByte(roundHalfToEven(value / scale) + zero)
    );
    return [
      { type: TYPES.uint8, dims: x!.dims, data },
      { type: TYPES.float32, dims: [], data: [scale] },
      { type: TYPES.uint8, dims: [], data: [zero] },
    ];
  },
  MatMulInteger: ([a, b, zero]) => {
    const types = [a!.type, b!.type, zero!.type];
    assertEquals(types, [TYPES.uint8, TYPES.int8, TYPES.uint8]);
    const data = a!.data.map((value) => value - zero!.data[0]!);
    return [{ type: TYPES.int32, ...matmul({ ...a!, data }, b!) }];
  },
};
