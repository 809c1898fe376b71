// The formula is that of sentence encoders: a mean over the tokens under the mask.
import { assertEquals } from "@std/assert";
import {
  BertConfig,
  BertModel,
  firstTokens,
  meanPooling,
  mul,
  sum,
} from "../../mod.ts";
import holes from "../fixtures/holes.json" with { type: "json" };
import tiny from "../fixtures/tiny_bert.json" with { type: "json" };
import { assertAllClose, F32_GRAD, F32_OP } from "../helpers/all_close.ts";
import { device } from "../helpers/device.ts";
import { KERNEL_SETS } from "../helpers/kernel_sets.ts";
import { fromArray } from "../../lib/tensor/tensor.ts";
import { batchOf } from "./fixture_model.ts";

Deno.test("meanPooling() averages the real tokens of each row", async (t) => {
  for (const { name, device } of KERNEL_SETS) {
    await t.step(`${name} kernels`, async () => {
      using _scope = device.scope();
      const model = BertModel.fromConfig(BertConfig.fromJson(tiny.config), {
        device,
      }).eval();
      const encoded = model.encode(batchOf(holes.batch));
      const tokens = await encoded.lastHiddenState.toArray();
      const [, size = 0] = encoded.lastHiddenState.shape;
      const { cuSeqlens } = encoded;
      const expected = cuSeqlens.slice(1).flatMap((end, row) => {
        const first = cuSeqlens[row]!;
        return Array.from({ length: size }, (_, c) => {
          let total = 0;
          for (let t = first; t < end; t++) total += tokens[t * size + c]!;
          return total / (end - first);
        });
      });
      const pooled = meanPooling(encoded);
      assertEquals(pooled.shape, [cuSeqlens.length - 1, size]);
      assertAllClose(await pooled.toArray(), expected, F32_OP);
      // The first token is another one.
      const first = await firstTokens(encoded).toArray();
      assertEquals(
        first.some((x, i) => Math.abs(x - expected[i]!) > 0.1),
        true,
      );
    });
  }
});

Deno.test("meanPooling() shares the gradient of a row among its tokens", async () => {
  using _scope = device.scope();
  const lastHiddenState = fromArray(device, [1, 2, 3, 4, 5, 6, 7, 8], [4, 2], {
    requiresGrad: true,
  });
  const encoded = {
    lastHiddenState,
    cuSeqlens: [0, 3, 4],
    indices: [0, 1, 2, 3],
  };
  const weights = fromArray(device, [3, 6, 9, 12], [2, 2]);
  sum(mul(meanPooling(encoded), weights)).backward();
  const gradient = await lastHiddenState.grad!.toArray();
  assertAllClose(gradient, [1, 2, 1, 2, 1, 2, 9, 12], F32_GRAD);
});
