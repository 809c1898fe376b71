import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import {
  AdamW,
  clipGradNorm,
  constant,
  type Device,
  embedding,
  embedLayerNorm,
  fromArray,
  mul,
  type Optimizer,
  ParamAndGradBuffer,
  Parameter,
  SGD,
  sum,
  type Tensor,
} from "../../mod.ts";
import { assertAllClose, F32_OP } from "../helpers/all_close.ts";
import { assertSameBits, values } from "../helpers/check_op.ts";
import { device } from "../helpers/device.ts";
import { KERNEL_SETS } from "../helpers/kernel_sets.ts";

/** Size of a large embedding table, with rows of two blocks. */
const [V, H] = [1100, 128];
const VALUES = Float32Array.from(values(V * H));

/** A large embedding table, with a sparse gradient. */
function tableOn(device: Device): Parameter {
  return new Parameter(device, [V, H], (all) => all.set(VALUES), {
    isTable: true,
  });
}

/** The same values as a tensor, with a dense gradient. */
function plainOn(device: Device): Tensor {
  return fromArray(device, VALUES, [V, H], { requiresGrad: true });
}

/** Looks up rows of an embedding table and differentiates the result. */
type LookUp = (
  table: Tensor,
  ids: readonly number[],
  options?: { paddingIdx?: number },
) => void;

const OPS: readonly { name: string; lookUp: LookUp }[] = [
  {
    name: "embedding()",
    lookUp: (table, ids, options = { paddingIdx: 0 }) => {
      const shape = [ids.length];
      const data = Int32Array.from(ids);
      const y = embedding(table, { shape, data }, options);
      const dY = values(ids.length * H, 1);
      y.backward(fromArray(table.device, dY, y.shape));
    },
  },
  {
    name: "embedLayerNorm()",
    lookUp: (table, ids, options = { paddingIdx: 0 }) => {
      const { device } = table;
      const tensor = (rows: number) =>
        fromArray(device, values(rows * H, rows), [rows, H], {
          requiresGrad: true,
        });
      const tokens = ids.flatMap((id, i) => [id, i % 3, i % 2]);
      const y = embedLayerNorm(Uint32Array.from(tokens), {
        wordEmbeddings: { weight: table, paddingIdx: options.paddingIdx },
        positionEmbeddings: { weight: tensor(3) },
        tokenTypeEmbeddings: { weight: tensor(2) },
        layerNorm: {
          weight: fromArray(device, values(H, 5), [H]),
          bias: fromArray(device, values(H, 6), [H]),
          eps: 1e-3,
        },
      });
      y.backward(fromArray(device, values(ids.length * H, 1), y.shape));
    },
  },
];

/** Unsorted ids with a duplicate, the last row and the padding token. */
const IDS = [7, 3, V - 1, 0, 7, 512];
const OTHERS = [3, 900, 1];
/** More rows than one stride. */
const MANY = Array.from({ length: 150 }, (_, i) => 1 + 7 * i % (V - 1));

async function gradientOf(table: Tensor): Promise<Float32Array<ArrayBuffer>> {
  return await table.grad!.toArray();
}

for (const { name, lookUp } of OPS) {
  Deno.test(`${name} gives a large embedding table a sparse gradient, which becomes dense when it is read`, async (t) => {
    for (const { name, device } of KERNEL_SETS) {
      await t.step(name, async () => {
        using _scope = device.scope();
        const [table, plain] = [tableOn(device), plainOn(device)];
        for (const ids of [IDS, MANY, OTHERS]) {
          lookUp(table, ids);
          assert(table.hasGrad && table.rowGradient);
          assert(table.rowGradient.values.size < table.size / 4);
          lookUp(plain, ids);
          assertSameBits(await gradientOf(table), await gradientOf(plain));
          assertStrictEquals(table.rowGradient, undefined);
          assertStrictEquals(table.grad, table.grad);
          table.grad = plain.grad = undefined;
          assertEquals(table.hasGrad, false);
        }
      });
    }
  });

  Deno.test(`${name} adds to the sparse gradient of an earlier backward()`, async () => {
    using _scope = device.scope();
    const [table, plain] = [tableOn(device), plainOn(device)];
    for (const leaf of [table, plain]) {
      for (const ids of [IDS, OTHERS, IDS]) lookUp(leaf, ids);
    }
    assertSameBits(await gradientOf(table), await gradientOf(plain));
  });

  Deno.test(`${name} shares a large embedding table with an op that reads all of it`, async () => {
    using _scope = device.scope();
    const multiply = (table: Tensor) => sum(mul(table, table)).backward();
    const run = async (leaf: Tensor, order: ((table: Tensor) => void)[]) => {
      for (const step of order) step(leaf);
      return await gradientOf(leaf);
    };
    const gather = (table: Tensor) => lookUp(table, IDS);
    for (const order of [[gather, multiply], [multiply, gather]]) {
      assertSameBits(
        await run(tableOn(device), order),
        await run(plainOn(device), order),
      );
    }
  });

  Deno.test(`${name} makes a dense gradient if every row is read`, async () => {
    using _scope = device.scope();
    const [table, plain] = [tableOn(device), plainOn(device)];
    const all = Array.from({ length: V }, (_, id) => id);
    for (const leaf of [table, plain]) lookUp(leaf, [...all, 5], {});
    assertStrictEquals(table.rowGradient, undefined);
    assertSameBits(await gradientOf(table), await gradientOf(plain));
  });

  Deno.test(`optimizers and clipGradNorm() give the same result for sparse and dense gradients of ${name}`, async (t) => {
    const optimizers: Record<string, (leaf: Tensor) => Optimizer> = {
      "AdamW": (leaf) => new AdamW([leaf], { lr: 0.1 }),
      "AdamW without eps": (leaf) => new AdamW([leaf], { lr: 0.1, eps: 0 }),
      "SGD": (leaf) => new SGD([leaf], { lr: 0.1, momentum: 0.9 }),
    };
    for (const { name: kernels, device } of KERNEL_SETS) {
      for (const [optimizer, make] of Object.entries(optimizers)) {
        await t.step(`${kernels}: ${optimizer}`, async () => {
          using _scope = device.scope();
          const run = async (leaf: Tensor) => {
            const optimizer = make(leaf);
            const norms: number[] = [];
            for (const ids of [IDS, OTHERS, MANY, IDS]) {
              lookUp(leaf, ids);
              norms.push(await clipGradNorm([leaf], 1e4).item()); // scales by 1
              if (leaf instanceof Parameter) assert(leaf.rowGradient);
              optimizer.step();
              optimizer.zeroGrad();
            }
            return { norms, values: await leaf.toArray() };
          };
          const sparse = await run(tableOn(device));
          const dense = await run(plainOn(device));
          assertAllClose(sparse.norms, dense.norms, F32_OP);
          assertSameBits(sparse.values, dense.values);
        });
      }
    }
  });
}

Deno.test("a sparse gradient has as many rows after a larger batch as without it", async () => {
  using _scope = device.scope();
  const [table, plain] = [tableOn(device), plainOn(device)];
  const rows = [MANY, IDS].map((ids) => {
    table.grad = plain.grad = undefined;
    for (const leaf of [table, plain]) OPS[0]!.lookUp(leaf, ids);
    return table.rowGradient!.values.shape[0];
  });
  assertEquals(rows, [256, 128]);
  assertEquals(Array.from(table.rowGradient!.ids), [3, 7, 512, V - 1]);
  assertSameBits(await gradientOf(table), await gradientOf(plain));
});

Deno.test("clipGradNorm() scales the sparse gradient of a large embedding table", async () => {
  using _scope = device.scope();
  const [table, plain] = [tableOn(device), plainOn(device)];
  for (const leaf of [table, plain]) {
    OPS[0]!.lookUp(leaf, IDS);
    clipGradNorm([leaf], 0.5);
  }
  assertAllClose(await gradientOf(table), await gradientOf(plain), F32_OP);
});

Deno.test("an assigned gradient replaces the sparse gradient of a large embedding table", async () => {
  using _scope = device.scope();
  const table = tableOn(device);
  OPS[0]!.lookUp(table, IDS);
  table.grad = fromArray(device, new Float32Array(V * H).fill(2), [V, H]);
  new SGD([table], { lr: 1 }).step();
  assertSameBits(await table.toArray(), VALUES.map((v) => v - 2));
});

Deno.test("a large embedding table that shares a flat buffer has a dense gradient", async () => {
  using _scope = device.scope();
  const [table, plain] = [tableOn(device), plainOn(device)];
  new ParamAndGradBuffer(device, [
    table,
    new Parameter(device, [3], constant(0)),
  ]);
  for (const leaf of [table, plain]) OPS[0]!.lookUp(leaf, IDS);
  assertStrictEquals(table.rowGradient, undefined);
  assertSameBits(await gradientOf(table), await gradientOf(plain));
});
