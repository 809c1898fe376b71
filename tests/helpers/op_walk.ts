/**
 * Everything that dispatches kernels, at sizes that are read in vec4s and at sizes
 * that are not.
 *
 * @module
 */
import {
  accumulate,
  add,
  argmax,
  attention,
  attentionTiles,
  bceWithLogits,
  crossEntropy,
  type Device,
  disentangledAttentionBias,
  dropout,
  dropoutAddLayerNorm,
  embedding,
  embedLayerNorm,
  geglu,
  gelu,
  indexSelect,
  layerNorm,
  linear,
  logSoftmax,
  matmul,
  mean,
  mseLoss,
  mul,
  padInput,
  positionBias,
  relativePositions,
  relu,
  rotaryEmbedding,
  rotaryPositions,
  select,
  softmax,
  sum,
  tanh,
  type Tensor,
  zeros,
} from "../../mod.ts";

/** Makes a leaf of a shape. */
type Leaf = (...shape: number[]) => Tensor;

const KEY = { p: 0.1, seed: 1, step: 2, site: 3 };
const EPS = 1e-12;
/** Rows of a few and of many tiles, and enough for a sum over them to be split. */
const ROWS = [5, 12, 24, 4096];
/** Sizes of attention heads, those of published models among them. */
const WIDTHS = [5, 12, 16, 32, 64, 96, 128];

/** Calls of an op, over rows of `columns` elements; returns its results, to differentiate. */
type Calls = (
  leaf: Leaf,
  columns: number,
) => readonly Tensor[] | Promise<readonly Tensor[]>;

/** Each op that mod.ts exports. */
export const OPS: Readonly<Record<string, Calls>> = {
  accumulate(leaf, columns) {
    const tensor = leaf(columns);
    accumulate({ tensor, accumulate: true }, leaf(columns));
    return [tensor];
  },
  add: (leaf, columns) => [
    add(leaf(3, columns), leaf(columns)),
    add(leaf(columns), 1),
  ],
  async argmax(leaf, columns) {
    await argmax(leaf(3, columns));
    return []; // not differentiable
  },
  attention: (leaf, columns) =>
    WIDTHS.filter((width) => width % 4 === columns % 4).flatMap((width) => {
      const qkv = leaf(43, 3 * 2 * width);
      const tiles = attentionTiles(qkv.device, [0, 3, 43]);
      const window = { window: 3 };
      return [
        attention(qkv, tiles, 2),
        attention(qkv, tiles, 2, KEY),
        attention(qkv, tiles, 2, KEY, window),
        attention(qkv, tiles, 2, KEY, { bias: leaf(2, 3 * 4 + 40 * 40) }),
      ];
    }),
  bceWithLogits: (leaf, columns) => [
    bceWithLogits(leaf(3, columns), labels(3, columns)),
    bceWithLogits(leaf(3, columns), labels(3, columns), {
      posWeight: new Float32Array(columns),
    }),
  ],
  crossEntropy: (leaf, columns) => [
    crossEntropy(leaf(3, columns), labels(3)),
    crossEntropy(leaf(3, columns), labels(3), { labelSmoothing: 0.1 }),
  ],
  disentangledAttentionBias: (leaf, columns) =>
    TERMS.map((types) => {
      const qkv = leaf(43, 3 * 2 * columns);
      return disentangledAttentionBias(
        qkv,
        leaf(80, types.length * 2 * columns),
        distances(qkv.device),
        { heads: 2, types, scale: 1 },
      );
    }),
  dropout: (leaf, columns) => [dropout(leaf(3, columns), KEY)],
  dropoutAddLayerNorm: (leaf, columns) => [
    dropoutAddLayerNorm(
      ...[leaf(3, columns), leaf(3, columns), leaf(columns), leaf(columns)],
      EPS,
      KEY,
    ),
  ],
  embedding: (leaf, columns) => [embedding(leaf(7, columns), labels(3))],
  embedLayerNorm: (leaf, columns) => {
    const table = () => ({ weight: leaf(7, columns), paddingIdx: 0 });
    const parameters = {
      wordEmbeddings: table(),
      positionEmbeddings: table(),
      layerNorm: { weight: leaf(columns), bias: leaf(columns), eps: EPS },
    };
    const tokens = Uint32Array.of(...[1, 0, 0], ...[1, 1, 1]);
    return [
      embedLayerNorm(tokens, parameters),
      embedLayerNorm(tokens, { ...parameters, tokenTypeEmbeddings: table() }),
    ];
  },
  geglu: (leaf, columns) => [
    geglu(leaf(3, 2 * columns)),
    geglu(leaf(2 * columns), { approximate: "tanh" }),
  ],
  gelu: (leaf, columns) => [
    gelu(leaf(columns)),
    gelu(leaf(columns), { approximate: "tanh" }),
  ],
  indexSelect: (leaf, columns) => [indexSelect(leaf(3, columns), 0, [2, 0])],
  layerNorm: (leaf, columns) => [
    layerNorm(leaf(3, columns), leaf(columns), leaf(columns), EPS),
    layerNorm(leaf(3, columns), leaf(columns), undefined, EPS),
  ],
  linear: (leaf, columns) =>
    ROWS.flatMap((rows) => {
      const x = leaf(rows, columns);
      const layer = (x: Tensor, outputs: number, activation?: "gelu") => {
        const weight = leaf(outputs, x.shape.at(-1)!);
        return linear(x, weight, leaf(outputs), activation && { activation });
      };
      // x is read twice, so that the second adds to its gradient.
      const inner = layer(layer(x, columns, "gelu"), columns);
      const long = layer(layer(x, 4096, "gelu"), columns, "gelu");
      return [inner, long, linear(x, leaf(columns, columns))];
    }),
  logSoftmax: (leaf, columns) => [logSoftmax(leaf(3, columns))],
  matmul: (leaf, columns) =>
    ROWS.flatMap((rows) => [
      matmul(leaf(2, rows, columns), leaf(2, columns, columns)),
      matmul(leaf(rows, columns), leaf(columns, columns), {
        transposeB: true,
      }),
      matmul(leaf(columns, rows), leaf(columns, columns), {
        transposeA: true,
      }),
    ]),
  mean: (leaf, columns) => [mean(leaf(3, columns))],
  mseLoss: (leaf, columns) => [mseLoss(leaf(columns), labels(columns))],
  mul: (leaf, columns) => [
    mul(leaf(3, columns), leaf(columns)),
    mul(leaf(columns), 2),
  ],
  padInput: (leaf, columns) => [padInput(leaf(3, columns), [0, 2, 3], [2, 2])],
  positionBias: (leaf, columns) => {
    const table = leaf(80, columns);
    return [positionBias(table, distances(table.device))];
  },
  relu: (leaf, columns) => [relu(leaf(columns))],
  rotaryEmbedding: (leaf, columns) => {
    const qkv = leaf(3, 3 * 2 * 2 * columns);
    const positions = Uint32Array.of(0, 0, 1);
    const rotary = rotaryPositions(qkv.device, positions, 2 * columns, 1e4);
    return [rotaryEmbedding(qkv, rotary, 2)];
  },
  select: (leaf, columns) => [select(leaf(3, columns), 0, 1)],
  softmax: (leaf, columns) => [softmax(leaf(3, columns))],
  sum: (leaf, columns) =>
    [0, 1, undefined].map((dim) => sum(leaf(columns, columns), dim)),
  tanh: (leaf, columns) => [tanh(leaf(columns))],
};

/** Terms of disentangled attention. */
const TERMS = [["c2p"], ["p2c"], ["c2p", "p2c"]] as const;

/** Distances of sequences of 3 and 40 tokens. */
function distances(device: Device) {
  const ends = [0, 3, 43];
  return relativePositions(device, attentionTiles(device, ends), ends, {
    count: 80,
    bucketOf: (distance) => distance + 39,
  });
}

/** Labels on the host, all 0. */
function labels(...shape: number[]) {
  const size = shape.reduce((a, b) => a * b);
  return { shape, data: new Float32Array(size) };
}

/**
 * Runs ops, forward and backward, twice: the second pass adds to the gradients.
 *
 * @param device The device.
 * @param names Names of the ops.
 */
export async function walkOps(
  device: Device,
  names: readonly string[] = Object.keys(OPS),
): Promise<void> {
  const leaf: Leaf = (...shape) => zeros(device, shape, { requiresGrad: true });
  for (const columns of [64, 37]) {
    for (const name of names) {
      using _scope = device.scope();
      for (const y of await OPS[name]!(leaf, columns)) {
        const dY = zeros(device, y.shape);
        for (let pass = 0; pass < 2; pass++) y.backward(dY);
      }
    }
  }
  await device.read(zeros(device, [1])); // throws what WebGPU found
}
