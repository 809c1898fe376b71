import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  add,
  attention,
  attentionTiles,
  type Device,
  type DropoutKey,
  fromArray,
  matmul,
  mul,
  softmax,
  Tensor,
} from "../../mod.ts";
import {
  assertAllClose,
  F32_ATTENTION,
  F32_GRAD,
} from "../helpers/all_close.ts";
import { assertSameBits, values } from "../helpers/check_op.ts";
import { device } from "../helpers/device.ts";
import { numericGradient } from "../helpers/gradcheck.ts";
import { KERNEL_SETS } from "../helpers/kernel_sets.ts";
import { dropoutScale } from "../helpers/philox.ts";
import {
  at,
  type Case,
  cuSeqlens,
  reference,
  referenceBackward,
  rowsOf,
} from "./attention_reference.ts";

const DROPOUT: DropoutKey = { p: 0.1, seed: 0xdeadbeef, step: 7, site: 3 };

// One row, less than four rows, partly filled tiles, full tiles.
const LENGTHS = [1, 2, 5, 16, 37];
// Around the end of a tile, and more than two.
const TILES = [1, 31, 32, 33, 65];
const SIZES: readonly Case[] = [
  { lengths: LENGTHS, heads: 4, width: 16 },
  { lengths: TILES, heads: 1, width: 32 },
  { lengths: LENGTHS, heads: 3, width: 5 }, // element by element
];
const CASES = [
  ...SIZES,
  ...SIZES.map((shapes) => ({ ...shapes, dropout: DROPOUT })),
  { lengths: [3, 512, 1], heads: 4, width: 16 }, // the longest row of BERT
  { lengths: [600], heads: 1, width: 4 },
  { lengths: [3, 33], heads: 2, width: 20 },
  { lengths: TILES, heads: 2, width: 64, dropout: DROPOUT },
];
// llvmpipe takes minutes to compile the kernels for software adapters at these.
const WIDE: readonly Case[] = [
  { lengths: [2, 34], heads: 2, width: 35 },
  { lengths: [33], heads: 1, width: 128, dropout: DROPOUT },
];

const name = ({ lengths, heads, width, dropout }: Case) =>
  `${heads} heads of ${width} over ${lengths}${dropout ? ", dropout" : ""}`;

/** Values in [-1, 1] for `[T, 3H]`. */
const input = (shapes: Case) =>
  values(3 * rowsOf(shapes) * shapes.heads * shapes.width).map((v) => v / 2);

function apply(device: Device, qkv: Tensor, shapes: Case): Tensor {
  const tiles = attentionTiles(device, cuSeqlens(shapes));
  return attention(qkv, tiles, shapes.heads, shapes.dropout);
}

function leaf(device: Device, qkv: number[], { heads, width }: Case): Tensor {
  const columns = 3 * heads * width;
  return fromArray(device, qkv, [qkv.length / columns, columns], {
    requiresGrad: true,
  });
}

Deno.test("attention() matches the f64 reference, forward and backward", async (t) => {
  for (const { name: kernels, device } of KERNEL_SETS) {
    const cases = kernels === "hardware" ? [...CASES, ...WIDE] : CASES;
    for (const shapes of cases) {
      await t.step(`${kernels}: ${name(shapes)}`, async () => {
        using _scope = device.scope();
        const qkv = input(shapes);
        const dO = values(qkv.length / 3, 5).map((v) => v / 2);
        const run = async () => {
          const x = leaf(device, qkv, shapes);
          const o = apply(device, x, shapes);
          o.backward(fromArray(device, dO, o.shape));
          return [await o.toArray(), await x.grad!.toArray()] as const;
        };
        const [o, dQkv] = await run();
        assertAllClose(o, reference(shapes, qkv), F32_ATTENTION, "o");
        assertAllClose(
          dQkv,
          referenceBackward(shapes, qkv, dO),
          F32_ATTENTION,
          "dQkv",
        );
        const [again, dAgain] = await run();
        assertSameBits(again, o);
        assertSameBits(dAgain, dQkv);
      });
    }
  }
});

Deno.test("the f64 reference of attention()'s gradient matches central differences", () => {
  for (const dropout of [undefined, { ...DROPOUT, p: 0.3 }]) {
    const shapes = {
      lengths: [1, 3],
      heads: 2,
      width: 2,
      ...dropout && { dropout },
    };
    const qkv = input(shapes);
    const dO = values(qkv.length / 3, 5);
    const loss = (v: number[]) =>
      reference(shapes, v).reduce((sum, o, i) => sum + dO[i]! * o, 0);
    assertAllClose(
      referenceBackward(shapes, qkv, dO),
      numericGradient(loss, qkv),
      F32_GRAD,
    );
  }
});

Deno.test("attention() drops each probability by its Philox number", async (t) => {
  // With all scores equal and v the unit vectors, o shows every probability.
  const shapes: Case = { lengths: [16], heads: 4, width: 16 };
  const { heads, width } = shapes;
  const qkv: number[] = new Array(3 * 16 * heads * width).fill(0);
  for (let row = 0; row < 16; row++) {
    for (let head = 0; head < heads; head++) {
      qkv[at(shapes, row, 2, head, row)] = 1;
    }
  }
  for (const { name: kernels, device } of KERNEL_SETS) {
    await t.step(kernels, async () => {
      using _scope = device.scope();
      const shown = async (dropout?: DropoutKey) => {
        const x = leaf(device, qkv, shapes);
        const o = await apply(device, x, {
          ...shapes,
          ...dropout && { dropout },
        })
          .toArray();
        return [...o].map((p) => p * 16);
      };
      const scales = await shown({ ...DROPOUT, p: 0.4 });
      const expected = scales.map((_, i) =>
        dropoutScale({ ...DROPOUT, p: 0.4 }, i % 16, Math.floor(i / 16))
      );
      assertAllClose(scales, expected, F32_ATTENTION);
      assert(expected.includes(0));
      // Another seed, step or site gives another mask; p = 0 drops nothing.
      for (const other of [{ seed: 1 }, { step: 8 }, { site: 4 }]) {
        const others = await shown({ ...DROPOUT, p: 0.4, ...other });
        assert(others.some((v, i) => (v === 0) !== (scales[i] === 0)));
      }
      assertEquals(await shown({ ...DROPOUT, p: 0 }), await shown());
    });
  }
});

Deno.test("attention() of unpadded rows equals softmax and matmul of padded ones", async () => {
  using _scope = device.scope();
  const shapes: Case = { lengths: LENGTHS, heads: 4, width: 16 };
  const { lengths, heads, width } = shapes;
  const [B, S] = [lengths.length, Math.max(...lengths)];
  const starts = cuSeqlens(shapes);
  const qkv = input(shapes);
  const dO = values(qkv.length / 3, 5);
  /** Visits the row in `[T, …]` and the index in `[B, A, S, D]` of every real row and head. */
  const everyRow = (
    visit: (row: number, head: number, padded: number) => void,
  ) =>
    lengths.forEach((length, b) => {
      for (let i = 0; i < length; i++) {
        for (let head = 0; head < heads; head++) {
          visit(starts[b]! + i, head, ((b * heads + head) * S + i) * width);
        }
      }
    });
  const padded = (
    start: (row: number, head: number) => number,
    from: number[],
  ) => {
    const target: number[] = new Array(B * heads * S * width).fill(0);
    everyRow((row, head, to) => {
      for (let d = 0; d < width; d++) {
        target[to + d] = from[start(row, head) + d]!;
      }
    });
    return target;
  };
  const shape = [B * heads, S, width];
  const [q, k, v] = [0, 1, 2].map((part) =>
    fromArray(
      device,
      padded((row, head) => at(shapes, row, part, head), qkv),
      shape,
      { requiresGrad: true },
    )
  );
  // −∞ would make the softmax of a padded query NaN; transformers uses the least f32 too.
  const mask = lengths.flatMap((length) =>
    Array.from(
      { length: heads * S * S },
      (_, i) => i % S < length ? 0 : -3.4e38,
    )
  );
  const scores = mul(matmul(q!, k!, { transposeB: true }), width ** -0.5);
  const p = softmax(add(scores, fromArray(device, mask, scores.shape)));
  const plain = matmul(p, v!);
  const oStart = (row: number, head: number) => (row * heads + head) * width;
  plain.backward(fromArray(device, padded(oStart, dO), shape));

  const x = leaf(device, qkv, shapes);
  const unpadded = apply(device, x, shapes);
  unpadded.backward(fromArray(device, dO, unpadded.shape));

  const plainO = await plain.toArray();
  const plainGrads = await Promise.all(
    [q, k, v].map((t) => t!.grad!.toArray()),
  );
  const expectedO: number[] = [];
  const expectedGrad: number[] = [];
  everyRow((row, head, from) => {
    for (let d = 0; d < width; d++) {
      expectedO[oStart(row, head) + d] = plainO[from + d]!;
      plainGrads.forEach((grad, part) =>
        expectedGrad[at(shapes, row, part, head, d)] = grad[from + d]!
      );
    }
  });
  assertAllClose(await unpadded.toArray(), expectedO, F32_ATTENTION, "o");
  assertAllClose(await x.grad!.toArray(), expectedGrad, F32_ATTENTION, "dQkv");
});

Deno.test("attention() keeps sequences separate", async (t) => {
  // Both rows of the middle sequence are NaN.
  const shapes: Case = { lengths: [5, 2, 6], heads: 4, width: 16 };
  const columns = 3 * 64;
  const qkv = input(shapes);
  const withNaN = qkv.map((v, i) =>
    i >= 5 * columns && i < 7 * columns ? NaN : v
  );
  for (const { name: kernels, device } of KERNEL_SETS) {
    await t.step(kernels, async () => {
      using _scope = device.scope();
      const run = async (host: number[]) => {
        const x = leaf(device, host, shapes);
        const o = apply(device, x, shapes);
        o.backward(fromArray(device, values(o.size, 5), o.shape));
        const others = (array: Float32Array, columns: number) =>
          [...array].filter((_, i) => i < 5 * columns || i >= 7 * columns);
        return [
          others(await o.toArray(), 64),
          others(await x.grad!.toArray(), columns),
        ];
      };
      assertEquals(await run(withNaN), await run(qkv));
    });
  }
});

Deno.test("attention() stays finite if one score dominates", async () => {
  using _scope = device.scope();
  const shapes: Case = { lengths: [7], heads: 4, width: 16 };
  const qkv = input(shapes).map((v) => Math.fround(100 * v));
  const x = leaf(device, qkv, shapes);
  const o = apply(device, x, shapes);
  o.backward(fromArray(device, new Float32Array(o.size).fill(1), o.shape));
  // A sum over values of up to 100 has errors a hundred times as large.
  assertAllClose(
    (await o.toArray()).map((v) => v / 100),
    reference(shapes, qkv).map((v) => v / 100),
    F32_ATTENTION,
  );
  assert((await x.grad!.toArray()).every(Number.isFinite));
});

Deno.test("attention() reads tensors inside a larger buffer", async (t) => {
  const shapes: Case = { lengths: [5, 2], heads: 4, width: 16 };
  const qkv = input(shapes);
  const dO = values(qkv.length / 3, 5);
  for (const { name: kernels, device } of KERNEL_SETS) {
    await t.step(kernels, async () => {
      using _scope = device.scope();
      const inside = (host: number[], shape: readonly number[]) => {
        const all = [...new Array(64).fill(NaN), ...host];
        const { storage } = fromArray(device, all, [all.length]);
        return new Tensor(device, shape, {
          storage,
          byteOffset: 256,
          requiresGrad: true,
        });
      };
      const x = inside(qkv, [7, 3 * 64]);
      const o = apply(device, x, shapes);
      o.backward(inside(dO, [7, 64]));
      assertAllClose(await o.toArray(), reference(shapes, qkv), F32_ATTENTION);
      assertAllClose(
        await x.grad!.toArray(),
        referenceBackward(shapes, qkv, dO),
        F32_ATTENTION,
      );
    });
  }
});

Deno.test("attentionTiles() splits every sequence into tiles of 32 rows", async () => {
  using _scope = device.scope();
  const tiles = attentionTiles(device, [0, 33, 34]);
  assertEquals(tiles.shape, [3, 4]);
  assertEquals([...await tiles.toArray()], [
    ...[0, 0, 33, 0],
    ...[32, 0, 33, 0],
    ...[33, 33, 34, 33 * 9],
  ]);
});

Deno.test("attentionTiles() rejects empty sequences, and a start other than 0", () => {
  for (
    const [ends, message] of [
      [[0, 3, 3], "sequence 1 from row 3 to 3"],
      [[0, 3, 2], "sequence 1 from row 3 to 2"],
      [[1, 3], "sequence 0 from row 1 to 3"],
    ] as const
  ) {
    assertThrows(
      () => attentionTiles(device, ends),
      RangeError,
      `Cannot attend over ${message}: cuSeqlens must increase from 0`,
    );
  }
});

Deno.test("attention() rejects a width that the heads do not divide", () => {
  using _scope = device.scope();
  const tiles = attentionTiles(device, [0, 2]);
  for (const [columns, heads] of [[24, 3], [10, 2], [12, 0]] as const) {
    const qkv = fromArray(device, new Float32Array(2 * columns), [2, columns]);
    assertThrows(
      () => attention(qkv, tiles, heads),
      RangeError,
      `Cannot attend over [2,${columns}] with ${heads} heads: the last size must be 3 times a multiple of ${heads}`,
    );
  }
  assertThrows(
    () => attention(fromArray(device, [1, 2, 3], [3]), tiles, 1),
    RangeError,
    "Cannot attend over [3] with 1 heads",
  );
});
