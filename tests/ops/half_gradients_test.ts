import { assert } from "@std/assert";
import {
  attention,
  attentionTiles,
  autocast,
  type Device,
  dropoutAddLayerNorm,
  fromArray,
  geglu,
  gelu,
  layerNorm,
  linear,
  mul,
  relu,
  softmax,
  tanh,
  type Tensor,
} from "../../mod.ts";
import { keepHalf } from "../../lib/tensor/autocast.ts";
import { assertAllClose, HALF_OP_GRAD } from "../helpers/all_close.ts";
import { type Input, input, values } from "../helpers/check_op.ts";
import { needsFloat16 } from "../helpers/float16.ts";
import { numericGradient } from "../helpers/gradcheck.ts";
import { KERNEL_SETS } from "../helpers/kernel_sets.ts";
import { type Case, cuSeqlens, reference } from "./attention_reference.ts";
import { phi } from "./gelu_reference.ts";

const [ROWS, COLUMNS, OUTPUTS] = [6, 8, 12];
const SEQUENCES: Case = { lengths: [2, 4], heads: 2, width: 4 };
const EPS = 1e-5;

/** An op, its formula in f64, and its inputs; the first one is kept in f16. */
interface Checked {
  readonly op: (device: Device, ...inputs: Tensor[]) => Tensor;
  readonly reference: (...inputs: number[][]) => number[];
  readonly inputs: readonly Input[];
}

const elementwise = (
  op: (x: Tensor) => Tensor,
  f: (x: number) => number,
): Checked => ({
  op: (_, x) => op(x!),
  reference: (x = []) => x.map(f),
  inputs: [input([ROWS, COLUMNS])],
});

/** Applies a formula to every row of a matrix. */
const byRow = (x: number[], columns: number, f: (row: number[]) => number[]) =>
  Array.from(
    { length: x.length / columns },
    (_, r) => f(x.slice(r * columns, (r + 1) * columns)),
  ).flat();

function normalize(x: number[], weight: number[], bias: number[]): number[] {
  return byRow(x, COLUMNS, (row) => {
    const mean = row.reduce((a, b) => a + b) / COLUMNS;
    const variance = row.reduce((a, b) => a + (b - mean) ** 2, 0) / COLUMNS;
    return row.map((v, c) =>
      weight[c]! * (v - mean) / Math.sqrt(variance + EPS) + bias[c]!
    );
  });
}

function product(x: number[], weight: number[], bias: number[]): number[] {
  return byRow(
    x,
    COLUMNS,
    (row) =>
      bias.map((b, o) =>
        row.reduce((sum, v, c) => sum + v * weight[o * COLUMNS + c]!, b)
      ),
  );
}

const WEIGHT = input([OUTPUTS, COLUMNS], 1);
const LINEAR = [
  input([ROWS, COLUMNS]),
  { ...WEIGHT, values: WEIGHT.values.map((w) => w / 4) }, // sums in [-8, 8]
  input([OUTPUTS], 2),
];
const VECTORS = [input([COLUMNS], 1), input([COLUMNS], 2)];

const OPS: Readonly<Record<string, Checked>> = {
  gelu: elementwise(gelu, (x) => x * phi(x)),
  tanh: elementwise(tanh, Math.tanh),
  relu: elementwise(relu, (x) => Math.max(x, 0)),
  softmax: {
    op: (_, x) => softmax(x!),
    reference: (x = []) =>
      byRow(x, COLUMNS, (row) => {
        const exps = row.map(Math.exp);
        const sum = exps.reduce((a, b) => a + b);
        return exps.map((e) => e / sum);
      }),
    inputs: [input([ROWS, COLUMNS])],
  },
  geglu: {
    op: (_, x) => geglu(x!),
    reference: (x = []) =>
      byRow(x, COLUMNS, (row) => {
        const [u, v] = [row.slice(0, COLUMNS / 2), row.slice(COLUMNS / 2)];
        return u.map((a, i) => a * phi(a) * v[i]!);
      }),
    inputs: [input([ROWS, COLUMNS])],
  },
  linear: {
    op: (_, x, weight, bias) => linear(x!, weight!, bias),
    reference: (x = [], weight = [], bias = []) => product(x, weight, bias),
    inputs: LINEAR,
  },
  "linear with gelu": {
    op: (_, x, weight, bias) =>
      linear(x!, weight!, bias, { activation: "gelu" }),
    reference: (x = [], weight = [], bias = []) =>
      product(x, weight, bias).map((u) => u * phi(u)),
    inputs: LINEAR,
  },
  layerNorm: {
    op: (_, x, weight, bias) => layerNorm(x!, weight!, bias, EPS),
    reference: (x = [], weight = [], bias = []) => normalize(x, weight, bias),
    inputs: [input([ROWS, COLUMNS]), ...VECTORS],
  },
  dropoutAddLayerNorm: {
    op: (_, x, residual, weight, bias) =>
      dropoutAddLayerNorm(x!, residual!, weight!, bias!, EPS),
    reference: (x = [], residual = [], weight = [], bias = []) =>
      normalize(x.map((v, i) => v + residual[i]!), weight, bias),
    inputs: [
      input([ROWS, COLUMNS]),
      input([ROWS, COLUMNS], 6), // about in phase, so that sums are not small
      ...VECTORS,
    ],
  },
  attention: {
    op: (device, x) =>
      attention(x!, attentionTiles(device, cuSeqlens(SEQUENCES)), 2),
    reference: (x = []) => reference(SEQUENCES, x),
    inputs: [input([ROWS, 3 * COLUMNS])],
  },
};

for (const [name, { op, reference, inputs }] of Object.entries(OPS)) {
  Deno.test(
    needsFloat16(
      `${name}() has the gradient of the f64 formula, up to the rounding of what is kept in f16`,
    ),
    async (t) => {
      const host = inputs.map((x) => x.values);
      const dY = values(reference(...host).length, 9);
      const expected = host.map((own, i) =>
        numericGradient(
          (v) =>
            reference(...host.with(i, v))
              .reduce((sum, y, j) => sum + dY[j]! * y, 0),
          own,
        )
      );
      for (const { name: kernels, device } of KERNEL_SETS) {
        await t.step(kernels, async () => {
          using _scope = device.scope();
          using _autocast = autocast(device);
          const leaves = inputs.map(({ values, shape }) =>
            fromArray(device, values, shape, { requiresGrad: true })
          );
          const [x, ...others] = leaves;
          const before = device.counters.dispatches;
          let dispatches = 0;
          const y = keepHalf((x) => {
            const result = mul(op(device, x, ...others), 1);
            dispatches = device.counters.dispatches - before;
            return result;
          }, mul(x!, 1));
          assert(
            device.counters.dispatches - before > dispatches,
            "f16 is kept",
          );
          y.backward(fromArray(device, dY, y.shape));
          for (const [i, leaf] of leaves.entries()) {
            const actual = await leaf.grad!.toArray();
            assertAllClose(actual, expected[i]!, HALF_OP_GRAD, `input ${i}`);
          }
        });
      }
    },
  );
}
