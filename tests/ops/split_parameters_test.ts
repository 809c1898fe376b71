import { assertThrows } from "@std/assert";
import {
  AdamW,
  add,
  clipGradNorm,
  type Device,
  embedding,
  fromArray,
  indexSelect,
  linear,
  matmul,
  mul,
  Parameter,
  SGD,
  type Shape,
  sum,
  tanh,
  type Tensor,
} from "../../mod.ts";
import { numel } from "../../lib/tensor/tensor.ts";
import { values } from "../helpers/check_op.ts";
import {
  assertSameIfSplit,
  type Results,
  smallBindings,
} from "../helpers/small_bindings.ts";

/** Bytes of a binding: 256 rows of 64. */
const LIMIT = 256 * 64 * 4;
const SPLIT = await smallBindings(LIMIT);

/** A parameter with values in [-2, 2]. */
const parameter = (device: Device, shape: Shape, isTable = false) =>
  new Parameter(
    device,
    shape,
    (all) => all.set(values(all.length, shape.length)),
    { isTable },
  );

const tensor = (device: Device, shape: Shape, seed: number) =>
  fromArray(device, values(numel(shape), seed), shape, { requiresGrad: true });

/** A forward pass over one large parameter, and small tensors of which the gradients count too. */
interface OpCase {
  readonly name: string;
  readonly shape: Shape;
  readonly isTable?: boolean;
  readonly apply: (large: Parameter, small: Tensor[]) => Tensor;
  /** Shapes of the small tensors. */
  readonly small?: readonly Shape[];
  /** Whether the large parameter has no gradient. */
  readonly isFrozen?: boolean;
}

const ids = (...data: number[]) => ({
  shape: [data.length],
  data: Int32Array.from(data),
});

const OP_CASES: readonly OpCase[] = [
  {
    name: "embedding() with padding",
    shape: [1100, 64],
    isTable: true,
    apply: (w) =>
      embedding(w, ids(1099, 3, 255, 3, 256, 1024, 3), { paddingIdx: 3 }),
  },
  {
    name: "embedding() of rows that are no whole blocks",
    shape: [2500, 12],
    isTable: true,
    apply: (w) => embedding(w, ids(2499, 1023, 1024, 1023, 7)),
  },
  {
    name: "embedding() with no id in most shards",
    shape: [1100, 64],
    apply: (w) => embedding(w, ids(300, 301, 300)),
  },
  {
    name: "indexSelect() of a vector",
    shape: [40_001],
    apply: (w) => indexSelect(w, 0, [40_000, 16_383, 16_384, 16_384, 0]),
  },
  {
    name: "linear()",
    shape: [1101, 64], // no whole vec4s
    small: [[5, 64], [1101]],
    apply: (w, [x, bias]) => linear(x!, w, bias),
  },
  {
    name: "linear() without a bias, with gelu",
    shape: [1100, 64],
    small: [[2, 3, 64]],
    apply: (w, [x]) => linear(x!, w, undefined, { activation: "gelu" }),
  },
  {
    name: "linear() of gelu()",
    shape: [1100, 64],
    small: [[5, 64], [64, 64], [1100]],
    apply: (w, [x, inner, bias]) =>
      linear(linear(x!, inner!, undefined, { activation: "gelu" }), w, bias),
  },
  {
    name: "linear() of gelu(), which another op reads too",
    shape: [1100, 64],
    small: [[5, 64], [64, 64], [64]],
    apply: (w, [x, inner, bias]) => {
      const h = linear(x!, inner!, undefined, { activation: "gelu" });
      const y = sum(linear(h, w));
      return add(y, sum(linear(h, inner!, bias)));
    },
  },
  {
    name: "linear() of a tensor with another gradient",
    shape: [1100, 64],
    small: [[5, 64]],
    apply: (w, [x]) => {
      const h = tanh(x!);
      const y = sum(linear(h, w)); // differentiated last
      return add(y, sum(mul(h, h)));
    },
  },
  {
    name: "linear() with a frozen weight",
    shape: [1100, 64],
    small: [[5, 64], [1100]],
    isFrozen: true,
    apply: (w, [x, bias]) => linear(x!, w, bias),
  },
  {
    name: "linear() and embedding() of one weight",
    shape: [1100, 64],
    isTable: true,
    apply: (w) => linear(embedding(w, ids(1, 600, 1, 1000)), w),
  },
];

/** Two steps of an op, with the gradients. */
async function runOp(
  { shape, isTable, apply, small = [], isFrozen }: OpCase,
  device: Device,
): Promise<Results> {
  const results: Results = new Map();
  const large = parameter(device, shape, isTable);
  large.requiresGrad = !isFrozen;
  const tensors = small.map((shape, i) => tensor(device, shape, i));
  const trained = isFrozen ? tensors : [large, ...tensors];
  const optimizers = [
    new AdamW(trained, { lr: 0.01, weightDecay: 0.1 }),
    new SGD(trained, { lr: 0.1, momentum: 0.9, weightDecay: 0.1 }),
  ];
  for (let step = 0; step < 2; step++) {
    using _scope = device.scope();
    const y = apply(large, tensors);
    y.backward(fromArray(device, values(y.size, 7), y.shape));
    results.set(`y ${step}`, await y.toArray());
    results.set(`norm ${step}`, await clipGradNorm(trained, 1).toArray());
    if (step > 0) {
      for (const [i, { grad }] of trained.entries()) {
        results.set(`gradient ${i} ${step}`, await grad!.toArray());
      }
    }
    for (const optimizer of optimizers) optimizer.step();
    optimizers[0]!.zeroGrad();
  }
  results.set("weight", await large.toArray());
  return results;
}

Deno.test("ops give the same bits for a parameter larger than a binding", async (t) => {
  for (const op of OP_CASES) {
    await assertSameIfSplit(t, op.name, SPLIT, (device) => runOp(op, device));
  }
});

/** Rows and sizes of which a shard alone would have its sums over K divided. */
const [T, H, V] = [256, 260, 16 * 260];

Deno.test("linear() over a table has the same bits for it and for its shards, whatever their number of rows", async (t) => {
  const shards = await smallBindings(4 * T * V); // 4,096 rows, and 64
  const run = (device: Device) => {
    const bias = new Parameter(device, [V], (all) => all.fill(1));
    return runOp({
      name: "linear()",
      shape: [V, H],
      isTable: true,
      small: [[T, H]],
      apply: (w, [x]) => linear(x!, w, bias),
    }, device);
  };
  await assertSameIfSplit(t, "linear()", shards, run);
});

Deno.test("ops that take no parameter larger than a binding say so", () => {
  for (const { device } of SPLIT) {
    using _scope = device.scope();
    const large = parameter(device, [1100, 64]);
    for (
      const op of [
        () => sum(large),
        () =>
          matmul(fromArray(device, values(64), [1, 64]), large, {
            transposeB: true,
          }),
        () => indexSelect(large, 1, [0]),
        () => linear(tensor(device, [1, 64], 0), [large, large]),
      ]
    ) {
      assertThrows(
        op,
        RangeError,
        `Cannot bind a parameter of 281600 bytes: this adapter binds at most ${LIMIT} at once; only embedding`,
      );
    }
    assertThrows(
      () => parameter(device, [2, LIMIT / 4]).storage,
      RangeError,
      `too few to split rows of ${LIMIT}`,
    );
  }
});
