import { fromArray } from "../../mod.ts";
import { inOneRow } from "../../lib/ops/flat_step.ts";
import { sgdStep } from "../../lib/ops/sgd_step.ts";
import { assertAllClose, F32_OP } from "../helpers/all_close.ts";
import { assertSameBits, values } from "../helpers/check_op.ts";
import { KERNEL_SETS } from "../helpers/kernel_sets.ts";

const BLOCK = 64;
/** Lr, weight decay, keep, take, momentum, nesterov, and two unused numbers. */
const ROWS = [
  [0.1, 0.01, 0.9, 0.7, 0.9, 0, NaN, NaN],
  [0.2, 0, 0, 1, 0.5, 1, NaN, NaN],
];

/** The formula in plain f64 loops: parameters and momentum after the step. */
function reference(table: number[], g: number[], p: number[], b: number[]) {
  const after = { p: [...p], b: [...b] };
  g.forEach((gradient, i) => {
    const row = table[Math.floor(i / BLOCK)]!;
    if (row === 0) return;
    const [lr, weightDecay, keep, take, momentum, nesterov] = ROWS[row - 1] as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    const d = gradient + weightDecay * p[i]!;
    after.b[i] = keep * b[i]! + take * d;
    after.p[i] = p[i]! -
      lr * (nesterov ? d + momentum * after.b[i]! : after.b[i]!);
  });
  return after;
}

Deno.test("sgdStep() matches the f64 reference", async (t) => {
  for (const { name, device } of KERNEL_SETS) {
    // Less than a block, several blocks and a part, and more than one workgroup.
    for (const size of [8, 3 * BLOCK + 4, 20 * BLOCK]) {
      await t.step(`${name}: ${size}`, async () => {
        using _scope = device.scope();
        const table = Array.from(
          { length: Math.ceil(size / BLOCK) },
          (_, block) => (block + 1) % 3, // row 0 skips a block
        );
        const [g, p, b] = [values(size), values(size, 1), values(size, 2)];
        const run = async () => {
          const tensor = (host: number[]) =>
            fromArray(device, host, [host.length]);
          const [P, B] = [tensor(p), tensor(b)];
          const blocks = fromArray(device, table, [table.length], {
            dtype: "u32",
          });
          const gradients = inOneRow(device, tensor(g).storage, size);
          sgdStep(gradients, blocks, tensor(ROWS.flat()), P, B);
          return { p: await P.toArray(), b: await B.toArray() };
        };
        const [first, second] = [await run(), await run()];
        const expected = reference(table, g, p, b);
        for (const key of ["p", "b"] as const) {
          assertAllClose(first[key], expected[key], F32_OP, key);
          assertSameBits(second[key], first[key]);
        }
      });
    }
  }
});
