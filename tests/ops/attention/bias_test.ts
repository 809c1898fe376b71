import { assertThrows } from "@std/assert";
import {
  attention,
  attentionTiles,
  type Device,
  fromArray,
} from "../../../mod.ts";
import {
  assertAllClose,
  F32_ATTENTION,
  F32_GRAD,
} from "../../helpers/all_close.ts";
import { assertSameBits, values } from "../../helpers/check_op.ts";
import { device } from "../../helpers/device.ts";
import { numericGradient } from "../../helpers/gradcheck.ts";
import { KERNEL_SETS } from "../../helpers/kernel_sets.ts";
import {
  biasPlace,
  type Case,
  cuSeqlens,
  reference,
  referenceGradients,
  rowsOf,
} from "../attention_reference.ts";

const DROPOUT = { p: 0.1, seed: 0xdeadbeef, step: 7, site: 3 };

/** A case with a bias in [-1, 1]; what pads it to a multiple of four keys matters to nothing. */
function biased(shapes: Case): Case & { bias: number[] } {
  const bias = values(biasPlace(shapes, 0, 0, shapes.heads), 3)
    .map((v) => v / 2);
  return { ...shapes, bias };
}

const LENGTHS = [1, 2, 5, 16, 37];
const CASES = [
  { lengths: LENGTHS, heads: 4, width: 16 },
  { lengths: [1, 31, 32, 33, 65], heads: 1, width: 32 },
  { lengths: LENGTHS, heads: 3, width: 5 }, // element by element
  { lengths: LENGTHS, heads: 2, width: 16, dropout: DROPOUT },
  { lengths: [3, 33], heads: 2, width: 20, scale: 0.1 },
].map(biased);

const input = (shapes: Case) =>
  values(3 * rowsOf(shapes) * shapes.heads * shapes.width).map((v) => v / 2);

/** The output, and the gradients of `qkv` and the bias. */
async function run(
  device: Device,
  shapes: Case & { bias: number[] },
  qkv: number[],
  dO: number[],
) {
  using _scope = device.scope();
  const { heads, width, dropout, scale } = shapes;
  const leaf = (host: number[], rows: number) =>
    fromArray(device, host, [rows, host.length / rows], {
      requiresGrad: true,
    });
  const x = leaf(qkv, qkv.length / (3 * heads * width));
  const bias = leaf(shapes.bias, heads);
  const tiles = attentionTiles(device, cuSeqlens(shapes));
  const o = attention(x, tiles, heads, dropout, {
    bias,
    ...scale === undefined ? {} : { scale },
  });
  o.backward(fromArray(device, dO, o.shape));
  return [
    await o.toArray(),
    await x.grad!.toArray(),
    await bias.grad!.toArray(),
  ] as const;
}

Deno.test("attention() with a bias matches the f64 reference, forward and backward", async (t) => {
  for (const { name: kernels, device } of KERNEL_SETS) {
    for (const shapes of CASES) {
      const { heads, width, lengths, dropout } = shapes;
      const name = `${heads} heads of ${width} over ${lengths}`;
      await t.step(
        `${kernels}: ${name}${dropout ? ", dropout" : ""}`,
        async () => {
          const qkv = input(shapes);
          const dO = values(qkv.length / 3, 5).map((v) => v / 2);
          const [o, dQkv, dBias] = await run(device, shapes, qkv, dO);
          const expected = referenceGradients(shapes, qkv, dO);
          assertAllClose(o, reference(shapes, qkv), F32_ATTENTION, "o");
          assertAllClose(dQkv, expected.dQkv, F32_ATTENTION, "dQkv");
          // The padding of the keys has gradient 0, as in the reference.
          assertAllClose(dBias, expected.dBias, F32_ATTENTION, "dBias");
          const again = await run(device, shapes, qkv, dO);
          [o, dQkv, dBias].forEach((array, i) =>
            assertSameBits(again[i]!, array)
          );
        },
      );
    }
  }
});

Deno.test("the f64 reference of the gradient of attention()'s bias matches central differences", () => {
  const shapes = biased({ lengths: [1, 3], heads: 2, width: 2, scale: 0.3 });
  const qkv = input(shapes);
  const dO = values(qkv.length / 3, 5);
  const loss = (qkv: number[], bias: number[]) =>
    reference({ ...shapes, bias }, qkv)
      .reduce((sum, o, i) => sum + dO[i]! * o, 0);
  const { dQkv, dBias } = referenceGradients(shapes, qkv, dO);
  assertAllClose(
    dQkv,
    numericGradient((v) => loss(v, shapes.bias), qkv),
    F32_GRAD,
  );
  assertAllClose(
    dBias,
    numericGradient((v) => loss(qkv, v), shapes.bias),
    F32_GRAD,
  );
});

Deno.test("attention() rejects a bias of another shape, and one with a window", () => {
  using _scope = device.scope();
  const qkv = fromArray(device, new Float32Array(2 * 24), [2, 24]);
  const tiles = attentionTiles(device, [0, 2]);
  const bias = (...shape: [number, number]) =>
    fromArray(device, new Float32Array(shape[0] * shape[1]), shape);
  for (const shape of [[1, 8], [2, 6]] as [number, number][]) {
    assertThrows(
      () => attention(qkv, tiles, 2, undefined, { bias: bias(...shape) }),
      RangeError,
      `Cannot attend with a bias of shape [${shape}]: it must be [2,N] with N a multiple of 4`,
    );
  }
  assertThrows(
    () => attention(qkv, tiles, 2, undefined, { bias: bias(2, 8), window: 1 }),
    RangeError,
    "Cannot attend with a bias of shape [2,8]: a window and a bias exclude each other",
  );
});
