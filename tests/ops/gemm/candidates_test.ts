import { requestDevice } from "../../../mod.ts";
import { nameOf } from "../../../lib/ops/gemm/tile.ts";
import { CANDIDATES } from "../../../lib/ops/gemm/tiles.ts";
import { assertAllClose, F32_MATMUL } from "../../helpers/all_close.ts";
import { assertIdentical } from "../../helpers/small_bindings.ts";
import { hostProduct, LAYOUTS, product, sumsOf, withTile } from "./products.ts";

const device = await requestDevice({ kernels: "hardware" });

/** Sizes around those of tiles and stages: vec4s, single elements, one of each, a tail of K. */
const SIZES = [
  { m: 36, n: 68, k: 32 },
  { m: 33, n: 64, k: 48 },
  { m: 5, n: 3, k: 20 },
  { m: 13, n: 30, k: 41 },
  { m: 1, n: 1, k: 1 },
];

Deno.test("every candidate computes the product, with the same bits", async (t) => {
  for (const layout of LAYOUTS) {
    for (const size of SIZES) {
      const { m, n, k } = size;
      await t.step(`${layout} ${m}x${n}x${k}`, async () => {
        using _scope = device.scope();
        const host = hostProduct(layout, size);
        const c = product(host).map((c, i) => c + host.bias[i % n]!);
        const [first, ...others] = await Promise.all(
          CANDIDATES.map((tile) => withTile(device, host, tile)),
        );
        assertAllClose(first!.c, c, F32_MATMUL, "C");
        if (layout === "TN") {
          assertAllClose(first!.sums!, sumsOf(host), F32_MATMUL, "sums");
        }
        others.forEach((other, i) => {
          const name = nameOf(CANDIDATES[i + 1]!);
          assertIdentical(other.c, first!.c, `C of ${name}`);
          if (first!.sums) {
            assertIdentical(other.sums!, first!.sums, `sums of ${name}`);
          }
        });
      });
    }
  }
});
