import { assertEquals, assertThrows } from "@std/assert";
import { type Device, fromArray } from "../../mod.ts";
import { numel, Tensor } from "../../lib/tensor/tensor.ts";
import { matmul, type MatmulOptions } from "../../lib/ops/matmul.ts";
import { assertAllClose, F32_GRAD, F32_MATMUL } from "../helpers/all_close.ts";
import { assertSameBits, values } from "../helpers/check_op.ts";
import { device } from "../helpers/device.ts";
import { numericGradient } from "../helpers/gradcheck.ts";
import { KERNEL_SETS } from "../helpers/kernel_sets.ts";

/** Shapes of a product. */
interface Case extends MatmulOptions {
  readonly a: readonly number[];
  readonly b: readonly number[];
}

/** A product of [m,k] and [k,n] in each layout. */
function layouts(m: number, k: number, n: number): Case[] {
  return [
    { a: [m, k], b: [k, n] },
    { a: [m, k], b: [n, k], transposeB: true },
    { a: [k, m], b: [k, n], transposeA: true },
  ];
}

const SIZES: readonly (readonly [m: number, k: number, n: number])[] = [
  [5, 3, 7], // nothing is a multiple of 4
  [20, 36, 12], // everything is, and less than one tile
  [130, 100, 68], // more than one tile, the last ones not full
  [36, 20, 132],
  [65, 33, 50],
];

const BATCHES: readonly Case[] = [
  { a: [2, 3, 5, 7], b: [2, 3, 7, 3] },
  { a: [3, 20, 8], b: [3, 12, 8], transposeB: true },
  { a: [2, 6, 20], b: [2, 6, 8], transposeA: true },
  { a: [2, 3, 5, 7], b: [7, 3] }, // one b for all
  { a: [3, 20, 8], b: [12, 8], transposeB: true },
];

const name = ({ a, b, transposeA, transposeB }: Case) =>
  `[${a}]${transposeA ? "ᵀ" : ""} · [${b}]${transposeB ? "ᵀ" : ""}`;

/** Visits the flat indices of every product `a · b` that is added to `c`. */
function everyProduct(
  { a, b, transposeA, transposeB }: Case,
  visit: (a: number, b: number, c: number) => void,
): void {
  const [rows, columns] = [a.at(-2)!, a.at(-1)!];
  const [m, k] = transposeA ? [columns, rows] : [rows, columns];
  const n = transposeB ? b.at(-2)! : b.at(-1)!;
  const batch = numel(a) / (m * k);
  for (let s = 0; s < batch; s++) {
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        for (let q = 0; q < k; q++) {
          visit(
            s * m * k + (transposeA ? q * m + i : i * k + q),
            (b.length === 2 ? 0 : s * k * n) +
              (transposeB ? j * k + q : q * n + j),
            (s * m + i) * n + j,
          );
        }
      }
    }
  }
}

function sizeOf(shapes: Case): number {
  let size = 0;
  everyProduct(shapes, (_a, _b, c) => size = Math.max(size, c + 1));
  return size;
}

function reference(shapes: Case, a: number[], b: number[]): number[] {
  const c: number[] = new Array(sizeOf(shapes)).fill(0);
  everyProduct(shapes, (i, j, o) => c[o]! += a[i]! * b[j]!);
  return c;
}

/** The gradients of Σ dC · c in f64: dA += dC · b, dB += dC · a over all products. */
function referenceBackward(
  shapes: Case,
  a: number[],
  b: number[],
  dC: number[],
): [dA: number[], dB: number[]] {
  const dA: number[] = new Array(a.length).fill(0);
  const dB: number[] = new Array(b.length).fill(0);
  everyProduct(shapes, (i, j, o) => {
    dA[i]! += dC[o]! * b[j]!;
    dB[j]! += dC[o]! * a[i]!;
  });
  return [dA, dB];
}

/** Values in [-1, 1]. */
const operand = (shape: readonly number[], seed: number) =>
  values(numel(shape), seed).map((v) => v / 2);

const CASES = [...SIZES.flatMap((size) => layouts(...size)), ...BATCHES];

Deno.test("matmul() matches the f64 reference", async (t) => {
  for (const { name: kernels, device } of KERNEL_SETS) {
    for (const shapes of [...CASES, { a: [4, 3072], b: [3072, 8] }]) {
      await t.step(`${kernels}: ${name(shapes)}`, async () => {
        using _scope = device.scope();
        const [a, b] = [operand(shapes.a, 0), operand(shapes.b, 1)];
        const multiply = () =>
          matmul(
            fromArray(device, a, shapes.a),
            fromArray(device, b, shapes.b),
            shapes,
          ).toArray();
        const c = await multiply();
        assertAllClose(c, reference(shapes, a, b), F32_MATMUL);
        assertSameBits(await multiply(), c);
      });
    }
  }
});

Deno.test("matmul() gradients match the f64 reference", async (t) => {
  for (const { name: kernels, device } of KERNEL_SETS) {
    for (const shapes of CASES) {
      await t.step(`${kernels}: ${name(shapes)}`, async () => {
        using _scope = device.scope();
        const [a, b] = [operand(shapes.a, 0), operand(shapes.b, 1)];
        const leaf = (values: number[], shape: readonly number[]) =>
          fromArray(device, values, shape, { requiresGrad: true });
        const [A, B] = [leaf(a, shapes.a), leaf(b, shapes.b)];
        const c = matmul(A, B, shapes);
        const dC = operand(c.shape, 2);
        c.backward(fromArray(device, dC, c.shape));
        const [dA, dB] = referenceBackward(shapes, a, b, dC);
        assertAllClose(await A.grad!.toArray(), dA, F32_MATMUL, "dA");
        assertAllClose(await B.grad!.toArray(), dB, F32_MATMUL, "dB");
      });
    }
  }
});

Deno.test("the f64 reference of matmul()'s gradients matches central differences", () => {
  for (const shapes of [...layouts(2, 3, 4), { a: [2, 2, 3], b: [3, 2] }]) {
    const [a, b] = [operand(shapes.a, 0), operand(shapes.b, 1)];
    const dC = operand([sizeOf(shapes)], 2);
    const loss = (a: number[], b: number[]) =>
      reference(shapes, a, b).reduce((sum, c, i) => sum + dC[i]! * c, 0);
    const [dA, dB] = referenceBackward(shapes, a, b, dC);
    assertAllClose(dA, numericGradient((v) => loss(v, b), a), F32_GRAD, "dA");
    assertAllClose(dB, numericGradient((v) => loss(a, v), b), F32_GRAD, "dB");
  }
});

/** A tensor that begins 64 elements into a buffer of NaN. */
function surrounded(
  device: Device,
  values: number[],
  shape: readonly number[],
): Tensor {
  const size = 64 + values.length + 64;
  const around = new Array(size).fill(NaN);
  around.splice(64, values.length, ...values);
  const { storage } = fromArray(device, around, [size]);
  return new Tensor(device, shape, { storage, byteOffset: 4 * 64 });
}

Deno.test("matmul() reads nothing around its operands", async (t) => {
  for (const { name: kernels, device } of KERNEL_SETS) {
    for (const shapes of [...layouts(5, 3, 7), ...layouts(20, 36, 12)]) {
      await t.step(`${kernels}: ${name(shapes)}`, async () => {
        using _scope = device.scope();
        const [a, b] = [operand(shapes.a, 0), operand(shapes.b, 1)];
        const c = matmul(
          surrounded(device, a, shapes.a),
          surrounded(device, b, shapes.b),
          shapes,
        );
        assertAllClose(
          await c.toArray(),
          reference(shapes, a, b),
          F32_MATMUL,
        );
      });
    }
  }
});

Deno.test("matmul() has the batch and rows of a, and the columns of b", () => {
  using _scope = device.scope();
  const zeros = (...shape: number[]) =>
    fromArray(device, new Float32Array(numel(shape)), shape);
  assertEquals(matmul(zeros(2, 3, 5, 7), zeros(7, 4)).shape, [2, 3, 5, 4]);
  assertEquals(
    matmul(zeros(3, 6, 5), zeros(3, 6, 4), { transposeA: true }).shape,
    [3, 5, 4],
  );
});

Deno.test("matmul() rejects shapes that do not match", () => {
  using _scope = device.scope();
  const cases: [Case, message: string][] = [
    [
      { a: [2, 3], b: [4, 2] },
      "Cannot multiply [2,3] and [4,2]: the inner sizes 3 and 4 differ",
    ],
    [
      { a: [2, 3], b: [3] },
      "Cannot multiply [2,3] and [3]: both must have at least two dimensions",
    ],
    [
      { a: [2, 2, 3], b: [3, 3, 2] },
      "Cannot multiply [2,2,3] and [3,3,2]: the leading dimensions differ",
    ],
    [
      { a: [2, 3], b: [3, 2], transposeA: true, transposeB: true },
      "Cannot multiply [2,3] and [3,2]: transposeA and transposeB exclude each other",
    ],
    [
      { a: [2, 3, 2], b: [3, 2], transposeA: true },
      "Cannot multiply [2,3,2] and [3,2]: transposeA needs a batch of b",
    ],
  ];
  for (const [shapes, message] of cases) {
    const [a, b] = [shapes.a, shapes.b].map((shape) =>
      fromArray(device, new Float32Array(numel(shape)), shape)
    );
    assertThrows(() => matmul(a!, b!, shapes), RangeError, message);
  }
});
