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

/** A table that is large enough, of rows of two blocks. */
const [V, H] = [1100, 128];
const VALUES = Float32Array.from(values(V * H));

function tableOn(device: Device): Parameter {
  return new Parameter(device, [V, H], (all) => all.set(VALUES), {
    isTable: true,
  });
}

/** The same as a tensor, which keeps its gradient as a whole. */
function plainOn(device: Device): Tensor {
  return fromArray(device, VALUES, [V, H], { requiresGrad: true });
}

/** A batch that reads rows of a table, some of them several times. */
type Read = (
  table: Tensor,
  ids: readonly number[],
  options?: { paddingIdx?: number },
) => void;

const READS: readonly { name: string; read: Read }[] = [
  {
    name: "embedding()",
    read: (table, ids, options = { paddingIdx: 0 }) => {
      const shape = [ids.length];
      const data = Int32Array.from(ids);
      const y = embedding(table, { shape, data }, options);
      const dY = values(ids.length * H, 1);
      y.backward(fromArray(table.device, dY, y.shape));
    },
  },
  {
    name: "embedLayerNorm()",
    read: (table, ids, options = { paddingIdx: 0 }) => {
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

/** Ids in no order, the last row and the padding among them. */
const IDS = [7, 3, V - 1, 0, 7, 512];
const OTHERS = [3, 900, 1];
/** More than one stride of rows. */
const MANY = Array.from({ length: 150 }, (_, i) => 1 + 7 * i % (V - 1));

async function gradientOf(table: Tensor): Promise<Float32Array<ArrayBuffer>> {
  return await table.grad!.toArray();
}

for (const { name, read } of READS) {
  Deno.test(`${name} gives a large table the gradient of a batch's rows, and the whole when it is read`, async (t) => {
    for (const { name, device } of KERNEL_SETS) {
      await t.step(name, async () => {
        using _scope = device.scope();
        const [table, plain] = [tableOn(device), plainOn(device)];
        for (const ids of [IDS, MANY, OTHERS]) {
          read(table, ids);
          assert(table.hasGrad && table.rowGradient);
          assert(table.rowGradient.values.size < table.size / 4);
          read(plain, ids);
          assertSameBits(await gradientOf(table), await gradientOf(plain));
          assertStrictEquals(table.rowGradient, undefined);
          assertStrictEquals(table.grad, table.grad);
          table.grad = plain.grad = undefined;
          assertEquals(table.hasGrad, false);
        }
      });
    }
  });

  Deno.test(`${name} adds to the rows that an earlier backward() left`, async () => {
    using _scope = device.scope();
    const [table, plain] = [tableOn(device), plainOn(device)];
    for (const leaf of [table, plain]) {
      for (const ids of [IDS, OTHERS, IDS]) read(leaf, ids);
    }
    assertSameBits(await gradientOf(table), await gradientOf(plain));
  });

  Deno.test(`${name} shares a large table with an op that reads all of it`, async () => {
    using _scope = device.scope();
    const multiply = (table: Tensor) => sum(mul(table, table)).backward();
    const run = async (leaf: Tensor, order: ((table: Tensor) => void)[]) => {
      for (const step of order) step(leaf);
      return await gradientOf(leaf);
    };
    const lookUp = (table: Tensor) => read(table, IDS);
    for (const order of [[lookUp, multiply], [multiply, lookUp]]) {
      assertSameBits(
        await run(tableOn(device), order),
        await run(plainOn(device), order),
      );
    }
  });

  Deno.test(`${name} keeps the whole where every row is read`, async () => {
    using _scope = device.scope();
    const [table, plain] = [tableOn(device), plainOn(device)];
    const all = Array.from({ length: V }, (_, id) => id);
    for (const leaf of [table, plain]) read(leaf, [...all, 5], {});
    assertStrictEquals(table.rowGradient, undefined);
    assertSameBits(await gradientOf(table), await gradientOf(plain));
  });

  Deno.test(`optimizers and clipGradNorm() take the rows of ${name} as they take the whole`, async (t) => {
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
              read(leaf, ids);
              norms.push(await clipGradNorm([leaf], 1e4).item()); // scales by 1
              if (leaf instanceof Parameter) assert(leaf.rowGradient);
              optimizer.step();
              optimizer.zeroGrad();
            }
            return { norms, values: await leaf.toArray() };
          };
          const rows = await run(tableOn(device));
          const whole = await run(plainOn(device));
          assertAllClose(rows.norms, whole.norms, F32_OP);
          assertSameBits(rows.values, whole.values);
        });
      }
    }
  });
}

Deno.test("clipGradNorm() scales the rows of a large table", async () => {
  using _scope = device.scope();
  const [table, plain] = [tableOn(device), plainOn(device)];
  for (const leaf of [table, plain]) {
    READS[0]!.read(leaf, IDS);
    clipGradNorm([leaf], 0.5);
  }
  assertAllClose(await gradientOf(table), await gradientOf(plain), F32_OP);
});

Deno.test("a gradient that is assigned takes the place of a large table's rows", async () => {
  using _scope = device.scope();
  const table = tableOn(device);
  READS[0]!.read(table, IDS);
  table.grad = fromArray(device, new Float32Array(V * H).fill(2), [V, H]);
  new SGD([table], { lr: 1 }).step();
  assertSameBits(await table.toArray(), VALUES.map((v) => v - 2));
});

Deno.test("a large table in one arena with others keeps its gradient as a whole", async () => {
  using _scope = device.scope();
  const [table, plain] = [tableOn(device), plainOn(device)];
  new ParamAndGradBuffer(device, [
    table,
    new Parameter(device, [3], constant(0)),
  ]);
  for (const leaf of [table, plain]) READS[0]!.read(leaf, IDS);
  assertStrictEquals(table.rowGradient, undefined);
  assertSameBits(await gradientOf(table), await gradientOf(plain));
});
