import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  attention,
  attentionTiles,
  type Device,
  fromArray,
} from "../../../mod.ts";
import { assertAllClose, F32_ATTENTION } from "../../helpers/all_close.ts";
import { assertSameBits, values } from "../../helpers/check_op.ts";
import { device } from "../../helpers/device.ts";
import { KERNEL_SETS } from "../../helpers/kernel_sets.ts";
import {
  type Case,
  cuSeqlens,
  reference,
  referenceBackward,
  rowsOf,
} from "../attention_reference.ts";

interface LocalCase extends Case {
  readonly window: number;
}

const DROPOUT = { p: 0.1, seed: 0xdeadbeef, step: 7, site: 3 };
// Windows smaller than a tile, as large, and larger than any sequence.
const LENGTHS = [1, 31, 65, 100];
const CASES: readonly LocalCase[] = [
  // The window of ModernBERT, at its edge.
  { lengths: [127, 128, 129, 130], heads: 2, width: 16, window: 64 },
  ...[0, 1, 6, 31, 32, 33, 200].map((window) => ({
    lengths: LENGTHS,
    heads: 2,
    width: 16,
    window,
  })),
  { lengths: LENGTHS, heads: 3, width: 5, window: 7 }, // element by element
  { lengths: LENGTHS, heads: 2, width: 16, window: 7, dropout: DROPOUT },
];
// llvmpipe takes long to compile the kernels for software adapters at this.
const WIDE: LocalCase = { lengths: [70], heads: 1, width: 64, window: 3 };

const name = ({ lengths, heads, width, window, dropout }: LocalCase) =>
  `${window} rows of ${heads} heads of ${width} over ${lengths}${
    dropout ? ", dropout" : ""
  }`;

/** Values in [-1, 1] for `[T, 3H]`. */
const input = (shapes: Case) =>
  values(3 * rowsOf(shapes) * shapes.heads * shapes.width).map((v) => v / 2);

/** Values in [-1, 1] for `[T, H]`. */
const outputGradient = (shapes: Case) =>
  values(rowsOf(shapes) * shapes.heads * shapes.width, 5).map((v) => v / 2);

/** The output, and the gradient of `qkv`. */
async function run(
  device: Device,
  shapes: Case,
  qkv: number[],
  dO: number[],
) {
  using _scope = device.scope();
  const { heads, width, dropout, window } = shapes;
  const columns = heads * width;
  const rows = qkv.length / (3 * columns);
  const x = fromArray(device, qkv, [rows, 3 * columns], { requiresGrad: true });
  const tiles = attentionTiles(device, cuSeqlens(shapes));
  const o = attention(
    x,
    tiles,
    heads,
    dropout,
    window === undefined ? {} : { window },
  );
  o.backward(fromArray(device, dO, o.shape));
  return [await o.toArray(), await x.grad!.toArray()] as const;
}

Deno.test("attention() over a window matches the f64 reference, forward and backward", async (t) => {
  for (const { name: kernels, device } of KERNEL_SETS) {
    const cases = kernels === "hardware" ? [...CASES, WIDE] : CASES;
    for (const shapes of cases) {
      await t.step(`${kernels}: ${name(shapes)}`, async () => {
        const [qkv, dO] = [input(shapes), outputGradient(shapes)];
        const [o, dQkv] = await run(device, shapes, qkv, dO);
        assertAllClose(o, reference(shapes, qkv), F32_ATTENTION, "o");
        assertAllClose(
          dQkv,
          referenceBackward(shapes, qkv, dO),
          F32_ATTENTION,
          "dQkv",
        );
        const [again, dAgain] = await run(device, shapes, qkv, dO);
        assertSameBits(again, o);
        assertSameBits(dAgain, dQkv);
      });
    }
  }
});

Deno.test("attention() over a window of the whole sequence is that without one", async (t) => {
  const shapes = { lengths: [3, 33], heads: 2, width: 16, window: 32 };
  for (const { name: kernels, device } of KERNEL_SETS) {
    await t.step(kernels, async () => {
      const [qkv, dO] = [input(shapes), outputGradient(shapes)];
      const { window: _, ...all } = shapes;
      const [o, dQkv] = await run(device, all, qkv, dO);
      const [local, dLocal] = await run(device, shapes, qkv, dO);
      assertSameBits(local, o);
      assertSameBits(dLocal, dQkv);
    });
  }
});

Deno.test("attention() over a window does not read rows far from it", async (t) => {
  // NaN two tiles before and after. A tile reads its window, and up to 31 rows more.
  const shapes = { lengths: [240], heads: 2, width: 16, window: 5 };
  const [first, end] = [96, 128];
  const columns = 3 * 2 * 16;
  for (const { name: kernels, device } of KERNEL_SETS) {
    await t.step(kernels, async () => {
      const [qkv, dO] = [input(shapes), outputGradient(shapes)];
      const withNaN = qkv.map((v, i) =>
        i < 32 * columns || i >= 200 * columns ? NaN : v
      );
      const parts = async (qkv: number[]) => {
        const [o, dQkv] = await run(device, shapes, qkv, dO);
        return [
          [...o.subarray(first * columns / 3, end * columns / 3)],
          [...dQkv.subarray(first * columns, end * columns)],
        ];
      };
      const found = await parts(withNaN);
      assert(found.flat().every(Number.isFinite));
      assertEquals(found, await parts(qkv));
    });
  }
});

Deno.test("attention() rejects a window that is not a whole number from 0", () => {
  using _scope = device.scope();
  const tiles = attentionTiles(device, [0, 2]);
  const qkv = fromArray(device, new Float32Array(24), [2, 12]);
  for (const window of [-1, 1.5, NaN, Infinity]) {
    assertThrows(
      () => attention(qkv, tiles, 1, undefined, { window }),
      RangeError,
      `Cannot attend over a window of ${window} rows: it must be a whole number from 0`,
    );
  }
});
