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
  zeros,
} from "../../mod.ts";
import { assertAllClose, F32_GRAD, F32_OP } from "../helpers/all_close.ts";
import { assertSameBits, input, values } from "../helpers/check_op.ts";
import { device } from "../helpers/device.ts";
import { numericGradient } from "../helpers/gradcheck.ts";
import { KERNEL_SETS } from "../helpers/kernel_sets.ts";

const EPS = 1e-3; // large enough to show
const [WORDS, POSITIONS, TOKEN_TYPES] = [11, 7, 2];

// Id, position and token type of unpadded tokens: words 2 and 5 and all token
// types occur several times, word 0 is the padding, many words do not occur.
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

/** Word, position and token-type embeddings, weight and bias, for hidden size H. */
const host = (H: number) => [
  values(WORDS * H),
  values(POSITIONS * H, 1),
  values(TOKEN_TYPES * H, 2),
  values(H, 3),
  values(H, 4),
];
const shapesOf = (H: number) => [
  [WORDS, H],
  [POSITIONS, H],
  [TOKEN_TYPES, H],
  [H],
  [H],
];

/** The op over five leaves; over four, it has no token types. */
function apply(leaves: readonly Tensor[], paddingIdx?: number): Tensor {
  const [word, position] = leaves;
  const [weight, bias] = leaves.slice(-2);
  return embedLayerNorm(TOKENS, {
    wordEmbeddings: { weight: word!, paddingIdx },
    positionEmbeddings: { weight: position! },
    ...leaves.length === 5 && { tokenTypeEmbeddings: { weight: leaves[2]! } },
    layerNorm: { weight: weight!, bias: bias!, eps: EPS },
  });
}

const leavesOf = (device: Device, H: number) =>
  host(H).map((v, i) =>
    fromArray(device, v, shapesOf(H)[i]!, { requiresGrad: true })
  );
const leavesWithoutTypes = (device: Device, H: number) =>
  leavesOf(device, H).toSpliced(2, 1);

/** layerNorm(word[id] + tokenType[k] + position[p]) in plain f64 loops. */
function reference(
  [word = [], position = [], tokenType = [], weight = [], bias = []]:
    number[][],
): number[] {
  const H = weight.length;
  return Array.from({ length: T }, (_, t) => {
    const [id, p, k] = TOKENS.subarray(3 * t, 3 * t + 3);
    const x = weight.map((_, c) =>
      word[id! * H + c]! + position[p! * H + c]! + tokenType[k! * H + c]!
    );
    const mean = x.reduce((a, b) => a + b) / H;
    const variance = x.reduce((a, b) => a + (b - mean) ** 2, 0) / H;
    const rstd = 1 / Math.sqrt(variance + EPS);
    return x.map((v, c) => weight[c]! * (v - mean) * rstd + bias[c]!);
  }).flat();
}

/** The same without token types: their embeddings are 0. */
const referenceWithoutTypes = (inputs: number[][]) =>
  reference(
    inputs.toSpliced(
      2,
      0,
      new Array(TOKEN_TYPES * inputs.at(-1)!.length).fill(0),
    ),
  );

const FORMS = [
  { form: "", leaves: leavesOf, reference, inputs: host },
  {
    form: ", no token types",
    leaves: leavesWithoutTypes,
    reference: referenceWithoutTypes,
    inputs: (H: number) => host(H).toSpliced(2, 1),
  },
];

Deno.test("embedLayerNorm() matches the f64 reference", async (t) => {
  // Less than one stride of a workgroup, no multiple of 4, several strides.
  for (const { name, device } of KERNEL_SETS) {
    for (const H of [8, 37, 768]) {
      for (const { form, leaves: make, reference, inputs } of FORMS) {
        await t.step(`${name}: H ${H}${form}`, async () => {
          using _scope = device.scope();
          const leaves = make(device, H);
          const y = apply(leaves);
          assertEquals(y.shape, [T, H]);
          const first = await y.toArray();
          assertAllClose(first, reference(inputs(H)), F32_OP);
          assertSameBits(await apply(leaves).toArray(), first);
        });
      }
    }
  }
});

Deno.test("embedLayerNorm() gradients match central differences, except for the padding", async (t) => {
  for (const H of [4, 5]) {
    for (const paddingIdx of [undefined, 0]) {
      for (const { form, leaves: make, reference, inputs } of FORMS) {
        await t.step(`H ${H}, padding ${paddingIdx}${form}`, async () => {
          using _scope = device.scope();
          const leaves = make(device, H);
          const dY = values(T * H, 9);
          apply(leaves, paddingIdx).backward(fromArray(device, dY, [T, H]));
          for (const [i, leaf] of leaves.entries()) {
            const loss = (v: number[]) =>
              reference(inputs(H).with(i, v))
                .reduce((sum, y, j) => sum + dY[j]! * y, 0);
            const expected = numericGradient(loss, inputs(H)[i]!);
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
  }
});

Deno.test("embedLayerNorm() without token types has the bits of a table of zeros", async (t) => {
  for (const { name, device } of KERNEL_SETS) {
    for (const H of [37, 768]) {
      await t.step(`${name}: H ${H}`, async () => {
        using _scope = device.scope();
        const run = async (leaves: readonly Tensor[]) => {
          const dY = fromArray(device, values(T * H, 9), [T, H]);
          // The second pass adds to the gradients of the first.
          for (let pass = 0; pass < 2; pass++) apply(leaves, 0).backward(dY);
          const y = apply(leaves, 0);
          const gradients = leaves.map((leaf) => leaf.grad?.toArray());
          return [await y.toArray(), ...await Promise.all(gradients)];
        };
        const without = await run(leavesWithoutTypes(device, H));
        const zero = zeros(device, [TOKEN_TYPES, H]);
        const withZeros = await run(leavesOf(device, H).with(2, zero));
        withZeros.toSpliced(3, 1).forEach((expected, i) =>
          assertSameBits(without[i]!, expected!)
        );
      });
    }
  }
});

Deno.test("embedLayerNorm() without token types clears and allocates nothing for them", () => {
  using _scope = device.scope();
  using _noGrad = noGrad();
  const leaves = leavesWithoutTypes(device, 8);
  const { clear } = device;
  let clears = 0;
  device.clear = (target) => {
    clears++;
    clear.call(device, target);
  };
  try {
    const before = device.counters;
    apply(leaves);
    const after = device.counters;
    assertEquals(clears, 0);
    assertEquals(after.dispatches - before.dispatches, 2);
    // The tokens, x, y and the statistics.
    assertEquals(after.liveBuffers - before.liveBuffers, 4);
  } finally {
    device.clear = clear;
  }
});

Deno.test("embedLayerNorm() equals embedding, add and layerNorm", async (t) => {
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
        const plain = await run(([word, position, tokenType, weight, bias]) => {
          const words = embedding(word!, column(0), { paddingIdx: 0 });
          const x = add(
            add(words, embedding(tokenType!, column(2))),
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

Deno.test("embedLayerNorm() computes only the gradients that are needed", async () => {
  using _scope = device.scope();
  const dY = fromArray(device, values(T * 8, 9), [T, 8]);
  const gradients = (frozen: number[]) => {
    const leaves = leavesOf(device, 8);
    for (const i of frozen) leaves[i]!.requiresGrad = false;
    const y = apply(leaves);
    const before = device.counters.dispatches;
    y.backward(dY);
    // One for the normalisation, two that copy its gradients, and one for all tables.
    const dispatches = leaves.slice(0, 3).some((t) => t.requiresGrad) ? 4 : 3;
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

Deno.test("embedLayerNorm() prepares a backward pass only if there is one", () => {
  using _scope = device.scope();
  const leaves = leavesOf(device, 8);
  const made = () => {
    const before = device.counters.liveBuffers;
    apply(leaves);
    return device.counters.liveBuffers - before;
  };
  const recorded = made();
  using _noGrad = noGrad();
  assertEquals([recorded, made()], [4 + 3, 4]); // three lists for all tables
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
      `Cannot apply embedLayerNorm with a normalisation of [8]: an embedding table or the bias is [${shape}]`,
    );
  }
});
