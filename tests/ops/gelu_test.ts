import { assertEquals } from "@std/assert";
import { fromArray, noGrad } from "../../mod.ts";
import { gelu, geluBackward, geluInput } from "../../lib/ops/gelu.ts";
import { assertAllClose, F32_GRAD, F32_OP } from "../helpers/all_close.ts";
import {
  assertForward,
  assertGradients,
  type CheckedOp,
  input,
} from "../helpers/check_op.ts";
import { device } from "../helpers/device.ts";
import { phi, phiByTanh } from "./gelu_reference.ts";

const GELU: Record<string, CheckedOp> = {
  none: {
    op: (x) => gelu(x!),
    reference: (x = []) => x.map((v) => v * phi(v)),
  },
  tanh: {
    op: (x) => gelu(x!, { approximate: "tanh" }),
    reference: (x = []) => x.map((v) => v * phiByTanh(v)),
  },
};

Deno.test("gelu() matches the f64 reference", async (t) => {
  for (const [approximate, op] of Object.entries(GELU)) {
    for (const shape of [[8], [3, 7], [2, 3, 700]]) {
      await t.step(`[${shape}], ${approximate}`, async () => {
        await assertForward(op, input(shape));
      });
    }
  }
});

Deno.test("gelu() gradient matches central differences", async (t) => {
  for (const [approximate, op] of Object.entries(GELU)) {
    for (const shape of [[8], [3, 7]]) {
      await t.step(`[${shape}], ${approximate}`, async () => {
        await assertGradients(op, input(shape));
      });
    }
  }
});

Deno.test("gelu() and its derivative are accurate in both tails", async () => {
  using _scope = device.scope();
  const values = Array.from(
    { length: 1001 },
    (_, i) => Math.fround(i / 100 - 5),
  );
  const x = fromArray(device, values, [values.length]);
  assertAllClose(
    await gelu(x).toArray(),
    values.map((v) => v * phi(v)),
    F32_OP,
  );
  const ones = fromArray(device, values.map(() => 1), [values.length]);
  assertAllClose(
    await geluBackward(x, ones).toArray(),
    // Φ(x) + x φ(x)
    values.map((v) =>
      phi(v) + v * Math.exp(-v * v / 2) / Math.sqrt(2 * Math.PI)
    ),
    F32_GRAD,
  );
  assertAllClose(
    await gelu(x, { approximate: "tanh" }).toArray(),
    values.map((v) => v * phiByTanh(v)),
    F32_OP,
  );
  assertAllClose(
    await geluBackward(x, ones, "tanh").toArray(),
    // With s = phiByTanh(x): s + x · 2 s (1 - s) · √(2/π) (1 + 3 · 0.044715 x²)
    values.map((v) => {
      const s = phiByTanh(v);
      const du = Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * v * v);
      return s + v * 2 * s * (1 - s) * du;
    }),
    F32_GRAD,
  );
});

Deno.test("gelu() has its limits and propagates NaN", async (t) => {
  for (const approximate of ["none", "tanh"] as const) {
    await t.step(approximate, async () => {
      using _scope = device.scope();
      const x = fromArray(device, [0, 30, -30, 1e30, -1e30, NaN], [6]);
      const ones = fromArray(device, [1, 1, 1, 1, 1, 1], [6]);
      const y = await gelu(x, { approximate }).toArray();
      const limits = [0, 30, 0, Math.fround(1e30), 0];
      assertAllClose(y.subarray(0, 5), limits, F32_OP);
      const dX = await geluBackward(x, ones, approximate).toArray();
      assertAllClose(dX.subarray(0, 5), [0.5, 1, 0, 1, 0], F32_GRAD);
      assertEquals([y[5], dX[5]], [NaN, NaN]);
    });
  }
});

Deno.test("geluInput() returns the input of recorded exact GELU", () => {
  using _scope = device.scope();
  const x = fromArray(device, [1, 2], [2], { requiresGrad: true });
  const y = gelu(x);
  assertEquals(geluInput(y) === x, true);
  assertEquals(geluInput(x), undefined);
  assertEquals(geluInput(gelu(x, { approximate: "tanh" })), undefined);
  assertEquals(geluInput(gelu(fromArray(device, [1, 2], [2]))), undefined);
  y.requiresGrad = false;
  assertEquals(geluInput(y), undefined);
  using _noGrad = noGrad();
  assertEquals(geluInput(gelu(x)), undefined);
});
