import { assertEquals } from "@std/assert";
import { fromArray } from "../../mod.ts";
import { accumulate } from "../../lib/ops/accumulate.ts";
import { values } from "../helpers/check_op.ts";
import { device } from "../helpers/device.ts";

Deno.test("accumulate() overwrites or adds, depending on the slot", async (t) => {
  // Vec4s, no multiple of 4, and more than one workgroup.
  for (const shape of [[8], [7], [3, 100], []]) {
    await t.step(`[${shape}]`, async () => {
      using _scope = device.scope();
      const size = shape.reduce((a, b) => a * b, 1);
      const [held, added] = [values(size), values(size, 1)];
      const tensor = fromArray(device, held, shape);
      const gradient = fromArray(device, added, shape);
      accumulate({ tensor, accumulate: true }, gradient);
      assertEquals(
        [...await tensor.toArray()],
        held.map((v, i) => Math.fround(v + added[i]!)),
      );
      accumulate({ tensor, accumulate: false }, gradient);
      assertEquals([...await tensor.toArray()], added);
    });
  }
});
