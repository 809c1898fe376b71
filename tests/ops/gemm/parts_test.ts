import { assertEquals } from "@std/assert";
import {
  type Device,
  fromArray,
  type Kernel,
  requestDevice,
  type Tensor,
} from "../../../mod.ts";
import { gemm, type GemmOptions } from "../../../lib/ops/gemm/gemm.ts";
import { partSteps } from "../../../lib/ops/gemm/parts.ts";
import type { GemmSize } from "../../../lib/ops/gemm/product.ts";
import { type Layout, nameOf } from "../../../lib/ops/gemm/tile.ts";
import { CANDIDATES } from "../../../lib/ops/gemm/tiles.ts";
import { classOf } from "../../../lib/ops/gemm/tuner.ts";
import { assertAllClose, F32_MATMUL } from "../../helpers/all_close.ts";
import { values } from "../../helpers/check_op.ts";
import { assertIdentical } from "../../helpers/small_bindings.ts";
import { density, phi } from "../linear_reference.ts";
import {
  hostProduct,
  LAYOUTS,
  operandsOf,
  product,
  sumsOf,
} from "./products.ts";

const device = await requestDevice({ kernels: "hardware" });

Deno.test("partSteps() divides K where few tiles would leave a GPU idle", () => {
  assertEquals(partSteps(400, 768, 768), 192); // 156 tiles: 4 parts
  assertEquals(partSteps(400, 768, 3072), 768);
  assertEquals(partSteps(8, 768, 768), 192); // 4 parts
  assertEquals(partSteps(768, 768, 400), 224); // a multiple of every depth
  assertEquals(partSteps(400, 3072, 768), 768); // 624 tiles: one sum
  assertEquals(partSteps(1600, 768, 768), 768);
  assertEquals(partSteps(8, 8, 255), 255); // too short
  assertEquals(partSteps(8, 8, 256), 128);
  assertEquals(partSteps(60, 768, 1 << 16), 8192);
});

/** Counts the kernels that `work` dispatches, by the beginning of their labels. */
function dispatches(device: Device, work: () => void): string[] {
  const labels: string[] = [];
  const { dispatch } = device;
  device.dispatch = (kernel: Kernel, ...rest) => {
    labels.push(kernel.label.match(/^(matmul|add_parts)/)?.[0] ?? kernel.label);
    dispatch.call(device, kernel, ...rest);
  };
  try {
    work();
  } finally {
    device.dispatch = dispatch;
  }
  return labels;
}

/** Products in two parts or more: aligned, odd, with a last part that is shorter. */
const SIZES = [
  { m: 8, n: 12, k: 256 },
  { m: 5, n: 3, k: 265 },
  { m: 6, n: 8, k: 530 },
];

async function run(
  layout: Layout,
  size: GemmSize,
  options: (
    tensor: (seed: number, ...shape: number[]) => Tensor,
  ) => GemmOptions,
): Promise<{ c: number[]; expected: number[]; before: number[] }> {
  const host = hostProduct(layout, size);
  const { a, b, c } = operandsOf(device, host);
  const before = values(size.m * size.n, 7).map(Math.fround);
  c.tensor.device.upload(c.tensor, Float32Array.from(before));
  const tensor = (seed: number, ...shape: number[]) =>
    fromArray(
      device,
      values(shape.reduce((a, b) => a * b), seed),
      shape,
    );
  const labels = dispatches(
    device,
    () => gemm(layout, size, a, b, c, options(tensor)),
  );
  assertEquals(labels.slice(0, 2), ["matmul", "add_parts"]);
  return { c: [...await c.tensor.toArray()], expected: product(host), before };
}

Deno.test("a product in parts is the product, with every epilogue", async (t) => {
  for (const layout of LAYOUTS) {
    for (const size of SIZES) {
      const { m, n, k } = size;
      await t.step(`${layout} ${m}x${n}x${k}`, async () => {
        using _scope = device.scope();
        const plain = await run(layout, size, () => ({}));
        assertAllClose(plain.c, plain.expected, F32_MATMUL, "C");

        const added = await run(layout, size, () => ({ accumulate: true }));
        const sum = added.expected.map((c, i) => c + added.before[i]!);
        assertAllClose(added.c, sum, F32_MATMUL, "accumulated");

        let gelu: Tensor | undefined;
        let bias: Tensor | undefined;
        const activated = await run(layout, size, (tensor) => {
          bias = tensor(3, n);
          gelu = tensor(4, m, n);
          return { bias, gelu };
        });
        const b = await bias!.toArray();
        const u = activated.expected.map((c, i) => c + b[i % n]!);
        assertAllClose(activated.c, u, F32_MATMUL, "u");
        const y = u.map((u) => u * phi(u));
        assertAllClose(await gelu!.toArray(), y, F32_MATMUL, "gelu(u)");

        let input: Tensor | undefined;
        const backward = await run(layout, size, (tensor) => ({
          geluBackward: input = tensor(5, m, n),
        }));
        const v = await input!.toArray();
        const dU = backward.expected.map((c, i) =>
          c * (phi(v[i]!) + v[i]! * density(v[i]!))
        );
        assertAllClose(backward.c, dU, F32_MATMUL, "du");
      });
    }
  }
});

Deno.test("a product in parts sums A over all parts", async () => {
  for (const size of SIZES) {
    for (const accumulate of [false, true]) {
      using _scope = device.scope();
      const host = hostProduct("TN", size);
      const before = values(size.m, 9).map(Math.fround);
      let tensor: Tensor | undefined;
      await run("TN", size, () => {
        tensor = fromArray(device, before, [size.m]);
        return { sums: { tensor, accumulate } };
      });
      const sums = sumsOf(host).map((sum, i) =>
        sum + (accumulate ? before[i]! : 0)
      );
      assertAllClose(await tensor!.toArray(), sums, F32_MATMUL, "sums");
    }
  }
});

Deno.test("a product in order, or of a batch, is not divided", () => {
  using _scope = device.scope();
  const size = { m: 4, n: 4, k: 256 };
  const labels = (size: GemmSize, options: GemmOptions) => {
    const { a, b, c } = operandsOf(device, hostProduct("NN", size));
    return dispatches(device, () => gemm("NN", size, a, b, c, options));
  };
  assertEquals(labels(size, {}), ["matmul", "add_parts"]);
  assertEquals(labels(size, { inOrder: true }), ["matmul"]);
  assertEquals(labels(size, { resume: true }), ["matmul"]);
});

Deno.test("every tile gives the same bits in parts, with every epilogue", async () => {
  const size = { m: 6, n: 8, k: 530 };
  const { m, n } = size;
  let first: Float32Array[] | undefined;
  for (const tile of CANDIDATES) {
    const tuning = Object.fromEntries(
      LAYOUTS.map((layout) => [classOf(layout, size), nameOf(tile)]),
    );
    using device = await requestDevice({ kernels: "hardware", tuning });
    using _scope = device.scope();
    const tensor = (seed: number, ...shape: number[]) =>
      fromArray(device, values(shape.reduce((a, b) => a * b), seed), shape);
    const results: Tensor[] = [];
    for (const layout of LAYOUTS) {
      const gelu = tensor(4, m, n);
      const sums = { tensor: tensor(6, m), accumulate: true };
      const epilogues: GemmOptions[] = [
        { bias: tensor(3, n), gelu },
        { geluBackward: tensor(5, m, n) },
        { accumulate: true, ...layout === "TN" ? { sums } : {} },
      ];
      for (const options of epilogues) {
        const { a, b } = operandsOf(device, hostProduct(layout, size));
        const c = tensor(7, m, n);
        gemm(layout, size, a, b, { tensor: c, stride: n }, options);
        results.push(c);
      }
      results.push(gelu, sums.tensor);
    }
    const arrays = await Promise.all(results.map((r) => r.toArray()));
    first ??= arrays;
    arrays.forEach((array, i) =>
      assertIdentical(array, first![i]!, `result ${i} of ${nameOf(tile)}`)
    );
  }
});
