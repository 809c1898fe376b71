import { assert, assertEquals } from "@std/assert";
import { fromArray } from "../../mod.ts";
import { adamwStep } from "../../lib/ops/adamw_step.ts";
import { inOneRow } from "../../lib/ops/flat_step.ts";
import { assertAllClose, F32_OP } from "../helpers/all_close.ts";
import { assertSameBits, values } from "../helpers/check_op.ts";
import { KERNEL_SETS } from "../helpers/kernel_sets.ts";

const BLOCK = 64;
/** Decay, 1-β₁, β₂, 1-β₂, step size, √(1-β₂ᵗ), eps, and an unused number. */
const ROWS = [
  [0.99, 0.1, 0.999, 0.001, 0.01, 0.04, 1e-8, NaN],
  [1, 0.3, 0.9, 0.1, 0.002, 0.5, 1e-3, NaN],
];

/** The formula in plain f64 loops: parameters and both moments after the step. */
function reference(
  table: number[],
  g: number[],
  p: number[],
  m: number[],
  v: number[],
) {
  const after = { p: [...p], m: [...m], v: [...v] };
  g.forEach((gradient, i) => {
    const row = table[Math.floor(i / BLOCK)]!;
    if (row === 0) return;
    const [decay, take, keep2, take2, stepSize, correction, eps] =
      ROWS[row - 1] as [number, number, number, number, number, number, number];
    after.m[i] = m[i]! + (gradient - m[i]!) * take;
    after.v[i] = keep2 * v[i]! + take2 * gradient ** 2;
    after.p[i] = p[i]! * decay - stepSize * after.m[i]! /
        (Math.sqrt(after.v[i]!) / correction + eps);
  });
  return after;
}

Deno.test("adamwStep() matches the f64 reference", async (t) => {
  for (const { name, device } of KERNEL_SETS) {
    // Less than a block, several blocks and a part, and more than one workgroup.
    for (const size of [8, 3 * BLOCK + 4, 20 * BLOCK]) {
      await t.step(`${name}: ${size}`, async () => {
        using _scope = device.scope();
        const table = Array.from(
          { length: Math.ceil(size / BLOCK) },
          (_, block) => (block + 1) % 3, // row 0 skips a block
        );
        const [g, p, m] = [values(size), values(size, 1), values(size, 2)];
        const v = values(size, 3).map(Math.abs);
        const run = async () => {
          const tensor = (host: number[]) =>
            fromArray(device, host, [host.length]);
          const [P, M, V] = [tensor(p), tensor(m), tensor(v)];
          const blocks = fromArray(device, table, [table.length], {
            dtype: "u32",
          });
          const gradients = inOneRow(device, tensor(g).storage, size);
          adamwStep(gradients, blocks, tensor(ROWS.flat()), P, M, V);
          return {
            p: await P.toArray(),
            m: await M.toArray(),
            v: await V.toArray(),
          };
        };
        const [first, second] = [await run(), await run()];
        const expected = reference(table, g, p, m, v);
        for (const key of ["p", "m", "v"] as const) {
          assertAllClose(first[key], expected[key], F32_OP, key);
          assertSameBits(second[key], first[key]);
        }
        const untouched = p.filter((_, i) =>
          table[Math.floor(i / BLOCK)] === 0
        );
        assertEquals(
          [...first.p].filter((_, i) => table[Math.floor(i / BLOCK)] === 0),
          untouched,
        );
        assert(
          size < 3 * BLOCK ||
            untouched.length === BLOCK * Math.floor(size / BLOCK / 3),
        );
      });
    }
  }
});

Deno.test("adamwStep() only decays a parameter without moments and gradient", async () => {
  const { device } = KERNEL_SETS[0]!;
  using _scope = device.scope();
  const tensor = (host: number[]) => fromArray(device, host, [host.length]);
  const zero = () => tensor([0, 0, 0, 0]);
  const p = tensor([1, -2, 3, 0]);
  const table = fromArray(device, [1], [1], { dtype: "u32" });
  adamwStep(
    inOneRow(device, zero().storage, 4),
    table,
    tensor([0.5, 0.1, 0.9, 0.1, 0.01, 1, 1e-8, 0]),
    p,
    zero(),
    zero(),
  );
  assertEquals([...await p.toArray()], [0.5, -1, 1.5, 0]);
});

Deno.test("adamwStep() gives zero-state blocks the same bits, marked or not", async (t) => {
  const ZERO_STATE = 0x80000000;
  const size = 40 * BLOCK;
  const p = values(size);
  // One gradient in every third block, at a different position each time.
  const g = p.map((value, i) =>
    i % (3 * BLOCK) === Math.floor(i / BLOCK) ? value : 0
  );
  for (const { name, device } of KERNEL_SETS) {
    for (const eps of [1e-8, 0]) {
      await t.step(`${name}: eps ${eps}`, async () => {
        using _scope = device.scope();
        const rows = fromArray(
          device,
          [0.99, 0.1, 0.9, 0.1, 0.01, 0.3, eps, 0],
          [
            8,
          ],
        );
        const run = async (mark: number) => {
          const tensor = (host: number[]) => fromArray(device, host, [size]);
          const zero = p.map(() => 0);
          const [G, P, M, V] = [
            tensor(g),
            tensor(p),
            tensor(zero),
            tensor(zero),
          ];
          const table = fromArray(
            device,
            zero.slice(0, 40).map(() => mark + 1),
            [40],
            {
              dtype: "u32",
            },
          );
          const gradients = inOneRow(device, G.storage, size);
          adamwStep(gradients, table, rows, P, M, V);
          adamwStep(gradients, table, rows, P, M, V);
          return {
            table: await table.toArray(),
            tensors: [await P.toArray(), await M.toArray(), await V.toArray()],
          };
        };
        const [marked, plain] = [await run(ZERO_STATE), await run(0)];
        marked.tensors.forEach((values, i) =>
          assertSameBits(values, plain.tensors[i]!)
        );
        const moves = (_: unknown, block: number) =>
          eps === 0 ||
          g.slice(BLOCK * block, BLOCK * (block + 1)).some(Boolean);
        assertEquals(
          Array.from(marked.table, (entry) => entry === 1),
          Array.from(plain.table, moves),
        );
      });
    }
  }
});
