import { assertEquals, assertThrows } from "@std/assert";
import { fromArray, noGrad, type Shape, type Tensor } from "../../mod.ts";
import { addLinear } from "../../lib/ops/add_linear.ts";
import { linear } from "../../lib/ops/linear.ts";
import { checkpoint } from "../../lib/tensor/checkpoint.ts";
import { assertForward, assertGradients, input } from "../helpers/check_op.ts";
import { device } from "../helpers/device.ts";

interface Case {
  /** Leading dimensions. */
  readonly rows: Shape;
  /** Sizes of the input of the first layer and of the second. */
  readonly inputs: readonly [number, number];
  readonly columns: number;
  /** Columns that the second layer adds to. */
  readonly column: number;
  readonly outputs: number;
}

const CASES: readonly Case[] = [
  { rows: [3], inputs: [2, 1], columns: 5, column: 1, outputs: 3 },
  { rows: [7], inputs: [5, 3], columns: 9, column: 0, outputs: 9 },
  { rows: [2, 5], inputs: [8, 4], columns: 24, column: 8, outputs: 12 },
  { rows: [70], inputs: [4, 8], columns: 12, column: 4, outputs: 8 },
];

function named({ rows, inputs, columns, column, outputs }: Case): string {
  return `[${rows}] of ${inputs}, ${outputs} of ${columns} columns from ${column}`;
}

/** `x Wᵀ`, with `z Vᵀ` added to its columns from `column`. */
function op({ column }: Case) {
  return (x: Tensor, weight: Tensor, z: Tensor, other: Tensor) =>
    addLinear(linear(x, weight), z, other, column);
}

function reference({ inputs: [i, j], columns, column, outputs }: Case) {
  return (x: number[], w: number[], z: number[], v: number[]) =>
    Array.from({ length: x.length / i * columns }, (_, at) => {
      const [row, c] = [Math.floor(at / columns), at % columns];
      let sum = 0;
      for (let k = 0; k < i; k++) sum += x[row * i + k]! * w[c * i + k]!;
      const o = c - column;
      if (o < 0 || o >= outputs) return sum;
      for (let k = 0; k < j; k++) sum += z[row * j + k]! * v[o * j + k]!;
      return sum;
    });
}

function inputsOf({ rows, inputs: [i, j], columns, outputs }: Case) {
  return [
    input([...rows, i]),
    input([columns, i], 1),
    input([...rows, j], 2),
    input([outputs, j], 3),
  ];
}

Deno.test("addLinear() adds a product to columns of another", async (t) => {
  for (const shapes of CASES) {
    await t.step(named(shapes), async () => {
      const checked = { op: op(shapes), reference: reference(shapes) };
      await assertForward(checked, ...inputsOf(shapes));
    });
  }
});

Deno.test("addLinear() has the gradients of both layers", async (t) => {
  for (const shapes of CASES.slice(0, 3)) {
    await t.step(named(shapes), async () => {
      const checked = { op: op(shapes), reference: reference(shapes) };
      await assertGradients(checked, ...inputsOf(shapes));
    });
  }
});

Deno.test("addLinear() adds several times to one output, and to what a frozen layer gave", async () => {
  const [i, j] = [5, 2];
  const frozen = input([3, i], 4).values;
  await assertGradients(
    {
      op: (x, v, u) => {
        const { device } = x;
        const weight = fromArray(device, frozen, [3, i]);
        const constant = fromArray(device, input([4, i], 5).values, [4, i]);
        const y = linear(constant, weight); // requires no gradient
        return addLinear(addLinear(y, x, v), x, u, 1);
      },
      reference: (x, v, u) =>
        Array.from({ length: 12 }, (_, at) => {
          const [row, c] = [Math.floor(at / 3), at % 3];
          const constant = input([4, i], 5).values;
          let sum = 0;
          for (let k = 0; k < i; k++) {
            sum += constant[row * i + k]! * frozen[c * i + k]!;
          }
          for (let k = 0; k < j; k++) {
            sum += x[row * j + k]! * v[c * j + k]!;
            if (c > 0) sum += x[row * j + k]! * u[(c - 1) * j + k]!;
          }
          return sum;
        }),
    },
    input([4, j]),
    input([3, j], 1),
    input([2, j], 2),
  );
});

Deno.test("addLinear() computes gradients of what requires one alone", () => {
  using _scope = device.scope();
  const tensor = (shape: Shape, requiresGrad = false) =>
    fromArray(device, input(shape).values, shape, { requiresGrad });
  const [x, weight] = [tensor([4, 3]), tensor([5, 3])];
  const [z, other] = [tensor([4, 2]), tensor([5, 2], true)];
  const y = addLinear(linear(x, weight), z, other);
  const dY = tensor([4, 5]);
  const gradFn = y.gradFn!;
  if ("recompute" in gradFn) throw new Error("no checkpoint was made");
  assertEquals(gradFn.inputs, [z, other]);
  assertEquals(
    gradFn.backward(dY, [undefined, undefined]).map((g) => g?.shape),
    [undefined, [5, 2]],
  );
  using _noGrad = noGrad();
  const plain = addLinear(linear(x, weight), z, other);
  assertEquals([plain.requiresGrad, plain.gradFn], [false, undefined]);
});

Deno.test("addLinear() refuses shapes that do not fit, and the output of a checkpoint", () => {
  using _scope = device.scope();
  const tensor = (...shape: number[]) =>
    fromArray(device, input(shape).values, shape, { requiresGrad: true });
  const refused = (...args: Parameters<typeof addLinear>) =>
    assertThrows(() => addLinear(...args), RangeError).message;
  const y = tensor(4, 6);
  const start = (rows: number) =>
    `Cannot add a linear layer of [${rows},2] to [4,6]: `;
  assertEquals(
    refused(y, tensor(3, 2), tensor(6, 2)),
    `${start(3)}the leading dimensions differ`,
  );
  assertEquals(
    refused(y, tensor(4, 2), tensor(2, 6)),
    `${start(4)}weight must be [O,2], not [2,6]`,
  );
  for (const column of [3, -1]) {
    assertEquals(
      refused(y, tensor(4, 2), tensor(4, 2), column),
      `${start(4)}columns ${column} to ${column + 4} are not all in it`,
    );
  }
  const checkpointed = checkpoint((x) => linear(x, tensor(6, 2)), tensor(4, 2));
  assertThrows(
    () => addLinear(checkpointed, tensor(4, 2), tensor(6, 2)),
    TypeError,
    "call addLinear in its function",
  );
});
