import { assertEquals } from "@std/assert";
import { type Device, fromArray, Tensor } from "../../mod.ts";
import { clipFlat } from "../../lib/ops/grad_norm.ts";
import { assertAllClose, F32_OP } from "../helpers/all_close.ts";
import { assertSameBits, values } from "../helpers/check_op.ts";
import { KERNEL_SETS } from "../helpers/kernel_sets.ts";
import { smallBindings } from "../helpers/small_bindings.ts";

const BLOCK = 64;

interface Host {
  readonly g: number[];
  /** Blocks to clip: those that are not 0. */
  readonly table: number[];
}

/** Gradients with every third block skipped. */
const flatBuffer = (size: number, seed: number): Host => ({
  g: values(size, seed),
  table: Array.from(
    { length: Math.ceil(size / BLOCK) },
    (_, block) => (block + seed) % 3,
  ),
});

/** norm = √ Σ g², g ← g · min(1, maxNorm / (norm + 1e-6)) in plain f64 loops. */
function reference(buffers: readonly Host[], maxNorm: number) {
  let squares = 0;
  for (const { g, table } of buffers) {
    g.forEach((v, i) => {
      if (table[Math.floor(i / BLOCK)]! > 0) squares += v * v;
    });
  }
  const norm = Math.sqrt(squares);
  const coefficient = Math.min(1, maxNorm / (norm + 1e-6));
  const clipped = buffers.map(({ g, table }) =>
    g.map((v, i) => table[Math.floor(i / BLOCK)]! > 0 ? v * coefficient : v)
  );
  return { norm, clipped };
}

async function run(device: Device, buffers: readonly Host[], maxNorm: number) {
  const tensors = buffers.map(({ g, table }) => ({
    gradients: fromArray(device, g, [g.length]),
    table: fromArray(device, table, [table.length], { dtype: "u32" }),
  }));
  const norm: Tensor = clipFlat(tensors, maxNorm);
  return {
    norm: await norm.toArray(),
    clipped: await Promise.all(
      tensors.map(({ gradients }) => gradients.toArray()),
    ),
  };
}

Deno.test("clipFlat() matches the f64 reference", async (t) => {
  // Less than a block, a partial block at the end, and more blocks than threads
  // of all partial sums: 2,048 on a CPU, 16,384 on a GPU.
  const cases: [name: string, Host[]][] = [
    ["one small", [flatBuffer(8, 1)]],
    ["two", [flatBuffer(3 * BLOCK + 4, 1), flatBuffer(20 * BLOCK, 2)]],
    ["one large", [flatBuffer(17000 * BLOCK, 1), flatBuffer(BLOCK, 1)]],
  ];
  for (const { name: kernels, device } of KERNEL_SETS) {
    for (const [name, buffers] of cases) {
      await t.step(`${kernels}: ${name}`, async () => {
        using _scope = device.scope();
        const first = await run(device, buffers, 0.5);
        const { norm, clipped } = reference(buffers, 0.5);
        assertAllClose(first.norm, [norm], F32_OP, "norm");
        clipped.forEach((expected, i) =>
          assertAllClose(first.clipped[i]!, expected, F32_OP, `buffer ${i}`)
        );
        const second = await run(device, buffers, 0.5);
        assertSameBits(second.norm, first.norm);
        second.clipped.forEach((g, i) => assertSameBits(g, first.clipped[i]!));
      });
    }
  }
});

Deno.test("clipFlat() adds 1e-6 to the norm", async () => {
  const { device } = KERNEL_SETS[0]!;
  using _scope = device.scope();
  const buffers = [{ g: [3e-6, 0, 4e-6, 0].map(Math.fround), table: [1] }];
  const { clipped } = await run(device, buffers, 3e-6);
  // 3e-6 / (5e-6 + 1e-6) is a half.
  const millions = Array.from(clipped[0]!, (v) => v * 1e6);
  assertAllClose(millions, [1.5, 0, 2, 0], F32_OP);
});

Deno.test("clipFlat() changes no bit below the maximum norm", async () => {
  const { device } = KERNEL_SETS[0]!;
  using _scope = device.scope();
  const buffers = [flatBuffer(3 * BLOCK, 1)];
  const { clipped } = await run(device, buffers, 1e4);
  assertEquals([...clipped[0]!], buffers[0]!.g);
});

Deno.test("clipFlat() gives split gradients the same bits", async (t) => {
  const cases: Host[][] = [
    // More blocks than threads of all partial sums.
    [flatBuffer(17000 * BLOCK, 1), flatBuffer(3 * BLOCK, 1)],
    ...[5001, 6007, 7013].map((
      blocks,
    ) => [flatBuffer(blocks * BLOCK, 2), flatBuffer(4500 * BLOCK, 3)]),
  ];
  // Shards of 3968 blocks: no multiple of the threads, nor of the period of the table.
  const small = await smallBindings(62 * 64 * BLOCK * 4);
  for (const [i, { name, device }] of small.entries()) {
    for (const host of cases) {
      await t.step(
        `${name} kernels, ${host[0]!.g.length} gradients`,
        async () => {
          const whole = KERNEL_SETS[i]!.device;
          using _ofWhole = whole.scope();
          using _scope = device.scope();
          const expected = await run(whole, host, 0.5);
          const buffers = host.map(({ g, table }) => {
            const storage = device.allocateRows(4 * g.length, 4);
            const gradients = new Tensor(device, [g.length], { storage });
            device.upload(gradients, Float32Array.from(g));
            const shape = [table.length];
            return {
              gradients,
              table: fromArray(device, table, shape, { dtype: "u32" }),
            };
          });
          const norm = clipFlat(buffers, 0.5);
          assertSameBits(await norm.toArray(), expected.norm);
          for (const [i, { gradients }] of buffers.entries()) {
            assertSameBits(await gradients.toArray(), expected.clipped[i]!);
          }
        },
      );
    }
  }
});
