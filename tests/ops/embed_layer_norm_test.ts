import { assertEquals, assertThrows } from "@std/assert";
import {
  add,
  type Device,
  embedding,
  embedLayerNorm,
  fromArray,
  layerNorm,
  noGrad,
  type Tensor,
} from "../../mod.ts";
import { assertAllClose, F32_GRAD, F32_OP } from "../helpers/all_close.ts";
import { assertSameBits, input, values } from "../helpers/check_op.ts";
import { device } from "../helpers/device.ts";
import { numericGradient } from "../helpers/gradcheck.ts";
import { KERNEL_SETS } from "../helpers/kernel_sets.ts";

const EPS = 1e-3; // large enough to show
const [WORDS, POSITIONS, KINDS] = [11, 7, 2];

// Id, position and kind of packed tokens: words 2 and 5 and all kinds come
// several times, word 0 is the padding, many words come never.
const TOKENS = Uint32Array.of(
  ...[2, 0, 0],
  ...[5, 1, 0],
  ...[2, 2, 1],
  ...[0, 3, 1],
  ...[2, 0, 0],
  ...[10, 1, 0],
  ...[5, 6, 1],
);
const T = TOKENS.length / 3;

/** Word, position and kind tables, weight and bias, for hidden size H. */
const host = (H: number) => [
  values(WORDS * H),
  values(POSITIONS * H, 1),
  values(KINDS * H, 2),
  values(H, 3),
  values(H, 4),
];
const shapesOf = (H: number) => [
  [WORDS, H],
  [POSITIONS, H],
  [KINDS, H],
  [H],
  [H],
];

function apply(leaves: readonly Tensor[], paddingIdx?: number): Tensor {
  const [word, position, kind, weight, bias] = leaves;
  return embedLayerNorm(TOKENS, {
    wordEmbeddings: { weight: word!, paddingIdx },
    positionEmbeddings: { weight: position! },
    tokenTypeEmbeddings: { weight: kind! },
    layerNorm: { weight: weight!, bias: bias!, eps: EPS },
  });
}

const leavesOf = (device: Device, H: number) =>
  host(H).map((v, i) =>
    fromArray(device, v, shapesOf(H)[i]!, { requiresGrad: true })
  );

/** layerNorm(word[id] + position[p] + kind[k]) in plain f64 loops. */
function reference(
  [word = [], position = [], kind = [], weight = [], bias = []]: number[][],
): number[] {
  const H = weight.length;
  return Array.from({ length: T }, (_, t) => {
    const [id, p, k] = TOKENS.subarray(3 * t, 3 * t + 3);
    const x = weight.map((_, c) =>
      word[id! * H + c]! + position[p! * H + c]! + kind[k! * H + c]!
    );
    const mean = x.reduce((a, b) => a + b) / H;
    const variance = x.reduce((a, b) => a + (b - mean) ** 2, 0) / H;
    const rstd = 1 / Math.sqrt(variance + EPS);
    return x.map((v, c) => weight[c]! * (v - mean) * rstd + bias[c]!);
  }).flat();
}

Deno.test("embedLayerNorm() matches the f64 reference", async (t) => {
  // Less than one stride of a workgroup, no multiple of 4, several strides.
  for (const { name, device } of KERNEL_SETS) {
    for (const H of [8, 37, 768]) {
      await t.step(`${name}: H ${H}`, async () => {
        using _scope = device.scope();
        const leaves = leavesOf(device, H);
        const y = apply(leaves);
        assertEquals(y.shape, [T, H]);
        const first = await y.toArray();
        assertAllClose(first, reference(host(H)), F32_OP);
        assertSameBits(await apply(leaves).toArray(), first);
      });
    }
  }
});

Deno.test("embedLayerNorm() gradients match central differences, padding excepted", async (t) => {
  for (const H of [4, 5]) {
    for (const paddingIdx of [undefined, 0]) {
      await t.step(`H ${H}, padding ${paddingIdx}`, async () => {
        using _scope = device.scope();
        const leaves = leavesOf(device, H);
        const dY = values(T * H, 9);
        apply(leaves, paddingIdx).backward(fromArray(device, dY, [T, H]));
        for (const [i, leaf] of leaves.entries()) {
          const loss = (v: number[]) =>
            reference(host(H).with(i, v))
              .reduce((sum, y, j) => sum + dY[j]! * y, 0);
          const expected = numericGradient(loss, host(H)[i]!);
          if (i === 0 && paddingIdx === 0) expected.fill(0, 0, H);
          assertAllClose(
            await leaf.grad!.toArray(),
            expected,
            F32_GRAD,
            `gradient ${i}`,
          );
        }
      });
    }
  }
});

Deno.test("embedLayerNorm() is embedding, add and layerNorm in one", async (t) => {
  const column = (i: number) => ({
    shape: [T],
    data: TOKENS.filter((_, at) => at % 3 === i),
  });
  for (const { name, device } of KERNEL_SETS) {
    for (const H of [37, 768]) {
      await t.step(`${name}: H ${H}`, async () => {
        using _scope = device.scope();
        const dY = fromArray(device, input([T, H], 9).values, [T, H]);
        const run = (op: (leaves: Tensor[]) => Tensor) => {
          const leaves = leavesOf(device, H);
          // The second pass adds to the gradients of the first.
          for (let pass = 0; pass < 2; pass++) op(leaves).backward(dY);
          return Promise.all(leaves.map((leaf) => leaf.grad!.toArray()));
        };
        const fused = await run((leaves) => apply(leaves, 0));
        const plain = await run(([word, position, kind, weight, bias]) => {
          const words = embedding(word!, column(0), { paddingIdx: 0 });
          const x = add(
            add(words, embedding(kind!, column(2))),
            embedding(position!, column(1)),
          );
          return layerNorm(x, weight!, bias!, EPS);
        });
        fused.forEach((gradient, i) =>
          assertAllClose(gradient, plain[i]!, F32_GRAD, `gradient ${i}`)
        );
        (await run((leaves) => apply(leaves, 0))).forEach((again, i) =>
          assertSameBits(again, fused[i]!)
        );
      });
    }
  }
});

Deno.test("embedLayerNorm() computes the gradients that are asked for", async () => {
  using _scope = device.scope();
  const dY = fromArray(device, values(T * 8, 9), [T, 8]);
  const gradients = (frozen: number[]) => {
    const leaves = leavesOf(device, 8);
    for (const i of frozen) leaves[i]!.requiresGrad = false;
    const y = apply(leaves);
    const before = device.counters.dispatches;
    y.backward(dY);
    // That of the normalisation, and one for all tables.
    const dispatches = leaves.slice(0, 3).some((t) => t.requiresGrad) ? 2 : 1;
    assertEquals(device.counters.dispatches - before, dispatches);
    return Promise.all(leaves.map((leaf) => leaf.grad?.toArray()));
  };
  const all = await gradients([]);
  for (const frozen of [[0], [1], [2], [0, 1], [0, 1, 2]]) {
    assertEquals(
      await gradients(frozen),
      all.map((gradient, i) => frozen.includes(i) ? undefined : gradient),
    );
  }
});

Deno.test("embedLayerNorm() prepares nothing to go back where nobody will", () => {
  using _scope = device.scope();
  const leaves = leavesOf(device, 8);
  const made = () => {
    const before = device.counters.liveBuffers;
    apply(leaves);
    return device.counters.liveBuffers - before;
  };
  const recorded = made();
  using _noGrad = noGrad();
  assertEquals([recorded, made()], [5 + 3, 5]); // three lists for all tables
});

Deno.test("embedLayerNorm() rejects tables of another width than the normalisation", () => {
  using _scope = device.scope();
  for (const i of [0, 1, 2, 4]) {
    const leaves = leavesOf(device, 8);
    const shape = [...shapesOf(8)[i]!.slice(0, -1), 4];
    leaves[i] = fromArray(device, input(shape).values, shape);
    assertThrows(
      () => apply(leaves),
      RangeError,
      `Cannot apply embed with a normalisation of [8]: a table or the bias is [${shape}]`,
    );
  }
});
