/**
 * BERT's embeddings: words, positions and kinds summed, then layer
 * normalisation.
 *
 * @module
 */
import { isRecording, record } from "../tensor/autograd.ts";
import { fromArray, Tensor } from "../tensor/tensor.ts";
import { grid, rowThreads, VectorizedKernel } from "./vectorized_kernel.ts";
import forwardSource from "./embed_layer_norm.wgsl" with { type: "text" };
import backwardSource from "./embed_layer_norm_backward.wgsl" with {
  type: "text",
};
import { uploadGroups } from "./gather.ts";
import { groupIds } from "./id_groups.ts";
import { layerNormBackward } from "./layer_norm.ts";
import { COLUMNS, columnThreads, dispatchRowwise } from "./reduction.ts";
import sliceSum from "./slice_sum.wgsl" with { type: "text" };
import workgroupSum from "./workgroup_sum.wgsl" with { type: "text" };

const kernel = new VectorizedKernel(
  "embed_layer_norm",
  forwardSource + workgroupSum,
  rowThreads,
);
const backwardKernel = new VectorizedKernel(
  "embed_layer_norm_backward",
  backwardSource + sliceSum,
  columnThreads,
);

/** The id of a token that gives a table no gradient. */
const NONE = 2 ** 32 - 1;

/** What {@linkcode embedLayerNorm} looks up and normalises with. */
export interface EmbedLayerNormParameters {
  /** The table of words `[V, H]`, and the id that gets no gradient. */
  readonly wordEmbeddings: { weight: Tensor; paddingIdx: number | undefined };
  /** The table of positions, `[P, H]`. */
  readonly positionEmbeddings: { weight: Tensor };
  /** The table of kinds, `[kinds, H]`. */
  readonly tokenTypeEmbeddings: { weight: Tensor };
  /** Scale and shift `[H]`, and what is added to the variance. */
  readonly layerNorm: { weight: Tensor; bias: Tensor; eps: number };
}

/**
 * Embeds packed tokens: `layerNorm(word[id] + position[p] + kind[k])`. The
 * gradient of a row that several tokens share is summed in their order.
 *
 * @param tokens Id, position and kind of each token, `[T, 3]`, each below the size of its table.
 * @param parameters Tables and normalisation.
 * @returns Their vectors, `[T, H]`.
 * @throws {RangeError} If a table or the normalisation has another width than `layerNorm.weight`.
 */
export function embedLayerNorm(
  tokens: Uint32Array<ArrayBuffer>,
  parameters: EmbedLayerNormParameters,
): Tensor {
  const { wordEmbeddings, positionEmbeddings, tokenTypeEmbeddings } =
    parameters;
  const { weight, bias, eps } = parameters.layerNorm;
  const tables = [wordEmbeddings, positionEmbeddings, tokenTypeEmbeddings]
    .map((table) => table.weight);
  const { device } = weight;
  const hidden = weight.size;
  for (const { shape } of [...tables, bias]) {
    if (shape.at(-1) !== hidden) {
      throw new RangeError(
        `Cannot apply embed with a normalisation of [${hidden}]: a table or the bias is [${shape}]`,
      );
    }
  }
  const rows = tokens.length / 3;
  const x = new Tensor(device, [rows, hidden]);
  const y = new Tensor(device, [rows, hidden]);
  const mean = new Tensor(device, [rows]);
  const rstd = new Tensor(device, [rows]);
  const uploaded = fromArray(device, tokens, [rows, 3], { dtype: "u32" });
  dispatchRowwise(
    kernel,
    x,
    [uploaded, ...tables, weight, bias, x, y, mean, rstd],
    { eps },
  );
  const inputs = [...tables, weight, bias];
  if (!isRecording(inputs)) return y;

  const [words = 0, positions = 0] = tables.map(({ shape }) => shape[0]!);
  const isTrained = tables.map((table) => table.requiresGrad);
  const ids = tokens.map((id, i) => {
    const table = i % 3;
    if (!isTrained[table]) return NONE;
    if (table === 0) return id === wordEmbeddings.paddingIdx ? NONE : id;
    return id + words + (table === 2 ? positions : 0);
  });
  const grouped = groupIds(ids, NONE);
  // Uploaded now: an upload in the middle of the backward pass may cut it in two.
  const groups = uploadGroups(device, grouped);
  return record(y, {
    name: "embed_layer_norm",
    inputs,
    backward(dY, slots) {
      const [same, dX, dWeight, dBias] = layerNormBackward(
        { x, weight, mean, rstd },
        dY,
        slots[3],
        slots[4],
      );
      same.dispose(); // nothing was dropped
      const dRows = slots[0]?.takeRows?.(
        grouped.ids.filter((id) => id < words),
      );
      const dTables = tables.map((table, i) => {
        if (i === 0 && dRows) return dRows;
        // A kernel has all its bindings, even those that it leaves alone.
        if (!isTrained[i]) return new Tensor(device, [hidden]);
        const dTable = slots[i]?.tensor ?? new Tensor(device, table.shape);
        if (!slots[i]?.accumulate) device.clear(dTable);
        return dTable;
      });
      const { kernel, vectors } = backwardKernel.for(hidden);
      device.dispatch(
        kernel,
        [dX, groups.ids, groups.starts, groups.positions, ...dTables],
        {
          vectors,
          groups: groups.ids.size,
          words,
          positions,
          in_rows: Number(dRows !== undefined),
        },
        ...grid(device, groups.ids.size * Math.ceil(vectors / COLUMNS)),
      );
      const [dWords, ...others] = dTables;
      return [dRows ? undefined : dWords, ...others, dWeight, dBias];
    },
  });
}
