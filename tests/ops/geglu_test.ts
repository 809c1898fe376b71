import { assertThrows } from "@std/assert";
import { fromArray, geglu } from "../../mod.ts";
import {
  assertForward,
  assertGradients,
  type CheckedOp,
  input,
} from "../helpers/check_op.ts";
import { device } from "../helpers/device.ts";
import { phi, phiByTanh } from "./gelu_reference.ts";

const COLUMNS = [4, 5, 100];

function checked(
  columns: number,
  approximate: "none" | "tanh",
): CheckedOp {
  const distribution = approximate === "none" ? phi : phiByTanh;
  return {
    op: (x) => geglu(x!, { approximate }),
    reference: (x = []) =>
      Array.from({ length: x.length / 2 }, (_, i) => {
        const [row, c] = [Math.floor(i / columns), i % columns];
        const v = x[2 * row * columns + c]!;
        return v * distribution(v) * x[(2 * row + 1) * columns + c]!;
      }),
  };
}

Deno.test("geglu() matches the f64 reference", async (t) => {
  for (const approximate of ["none", "tanh"] as const) {
    for (const columns of COLUMNS) {
      await t.step(`${columns} columns, ${approximate}`, async () => {
        const op = checked(columns, approximate);
        await assertForward(op, input([2, 3, 2 * columns]));
      });
    }
  }
});

Deno.test("geglu() gradient matches central differences", async (t) => {
  for (const approximate of ["none", "tanh"] as const) {
    for (const columns of COLUMNS.slice(0, 2)) {
      await t.step(`${columns} columns, ${approximate}`, async () => {
        const op = checked(columns, approximate);
        await assertGradients(op, input([3, 2 * columns]));
      });
    }
  }
});

Deno.test("geglu() rejects rows that have no half", () => {
  using _scope = device.scope();
  const x = fromArray(device, input([2, 3]).values, [2, 3]);
  assertThrows(
    () => geglu(x),
    RangeError,
    "Cannot apply geglu to [2,3]: the last size must be even",
  );
});
