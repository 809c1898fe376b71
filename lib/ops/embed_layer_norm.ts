/**
 * BERT's embeddings: word, position and token-type embeddings summed, then layer
 * normalisation.
 *
 * @module
 */
import { isRecording, record } from "../tensor/autograd.ts";
import { shardsOf } from "../tensor/shards.ts";
import { fromArray, Tensor } from "../tensor/tensor.ts";
import { pickRows, uploadGroups } from "./gather.ts";
import { groupIds, groupsByShard } from "./id_groups.ts";
import { layerNorm } from "./layer_norm.ts";
import { COLUMNS, columnThreads } from "./reduction.ts";
import sliceSum from "./slice_sum.wgsl" with { type: "text" };
import forwardSource from "./sum_embeddings.wgsl" with { type: "text" };
import backwardSource from "./sum_embeddings_backward.wgsl" with {
  type: "text",
};
import { grid, VectorizedKernel } from "./vectorized_kernel.ts";

const WORKGROUP_SIZE = 64;
const forwardKernel = new VectorizedKernel("sum_embeddings", forwardSource);
const kernelWithoutTokenTypes = new VectorizedKernel(
  "sum_embeddings_without_token_types",
  forwardSource,
  () => ({ HAS_TOKEN_TYPES: 0 }),
);
const backwardKernel = new VectorizedKernel(
  "sum_embeddings_backward",
  backwardSource + sliceSum,
  columnThreads,
);

/** Id of a token that contributes nothing to a table's gradient. */
const NONE = 2 ** 32 - 1;

/** Embedding tables and normalisation of {@linkcode embedLayerNorm}. */
export interface EmbedLayerNormParameters {
  /** Word embeddings, `[V, H]`, and the id that gets no gradient. */
  readonly wordEmbeddings: { weight: Tensor; paddingIdx: number | undefined };
  /** Position embeddings, `[P, H]`, and the position that gets no gradient, if any. */
  readonly positionEmbeddings: {
    weight: Tensor;
    paddingIdx?: number | undefined;
  };
  /** Token-type embeddings, `[token types, H]`; none for a model without token types. */
  readonly tokenTypeEmbeddings?: { weight: Tensor } | undefined;
  /** Scale and shift (`undefined` for none), `[H]`, and the eps added to the variance. */
  readonly layerNorm: {
    weight: Tensor;
    bias: Tensor | undefined;
    eps: number;
  };
}

/**
 * Embeds unpadded tokens: `layerNorm(word[id] + tokenType[k] + position[p])`.
 * The gradient of a table row that several tokens share is summed in the order of
 * the tokens.
 *
 * @param tokens Id, position and token type of each token, `[T, 3]`, each a row of its table.
 * @param parameters Embedding tables and normalisation.
 * @returns The normalised embeddings, `[T, H]`.
 * @throws {RangeError} If a table or the bias has another width than `layerNorm.weight`.
 */
export function embedLayerNorm(
  tokens: Uint32Array<ArrayBuffer>,
  parameters: EmbedLayerNormParameters,
): Tensor {
  const { wordEmbeddings, positionEmbeddings, tokenTypeEmbeddings } =
    parameters;
  const { weight, bias, eps } = parameters.layerNorm;
  const word = wordEmbeddings.weight;
  const position = positionEmbeddings.weight;
  const tokenType = tokenTypeEmbeddings?.weight;
  const tables = tokenType ? [word, position, tokenType] : [word, position];
  const hidden = weight.size;
  for (const { shape } of bias ? [...tables, bias] : tables) {
    if (shape.at(-1) !== hidden) {
      throw new RangeError(
        `Cannot apply embedLayerNorm with a normalisation of [${hidden}]: an embedding table or the bias is [${shape}]`,
      );
    }
  }
  const x = sumEmbeddings(tokens, tables, [
    wordEmbeddings.paddingIdx,
    positionEmbeddings.paddingIdx,
  ]);
  return layerNorm(x, weight, bias, eps);
}

/**
 * Sums the embeddings of each token, before the normalisation.
 *
 * @param tokens Id, position and token type of each token, `[T, 3]`.
 * @param tables Word embeddings, position embeddings and, if any, token-type embeddings.
 * @param paddingIdxs The row of each table that gets no gradient, if any.
 * @returns The sums, `[T, H]`.
 */
function sumEmbeddings(
  tokens: Uint32Array<ArrayBuffer>,
  tables: readonly Tensor[],
  paddingIdxs: readonly (number | undefined)[],
): Tensor {
  const [word, position, tokenType] = tables as [Tensor, Tensor, Tensor?];
  const { device } = word;
  const hidden = word.shape[1]!;
  const rows = tokens.length / 3;
  const x = new Tensor(device, [rows, hidden]);
  // The kernel binds one table: the words of a split one are looked up first, one for each token.
  const isSplit = word.storage.shards !== undefined;
  const table = isSplit ? wordsOf(tokens, word) : word;
  const indices = isSplit
    ? tokens.map((id, i) => i % 3 === 0 ? i / 3 : id)
    : tokens;
  const uploaded = fromArray(device, indices, [rows, 3], { dtype: "u32" });
  const { kernel, vectors } =
    (tokenType ? forwardKernel : kernelWithoutTokenTypes).for(hidden);
  device.dispatch(
    kernel,
    // Every binding needs a buffer: without token types, the third table is not read.
    [uploaded, table, position, tokenType ?? position, x],
    { rows, vectors },
    ...grid(device, Math.ceil(rows * vectors / WORKGROUP_SIZE)),
  );
  if (isSplit) table.dispose(); // no gradient needs it
  if (!isRecording(tables)) return x;

  const [words = 0, positions = 0] = tables.map(({ shape }) => shape[0]!);
  const isTrained = tables.map((table) => table.requiresGrad);
  // One list for all tables: the rows of each are counted after those of the one before.
  const ids = tokens.map((id, i) => {
    const table = i % 3;
    if (!isTrained[table] || id === paddingIdxs[table]) return NONE;
    return id + [0, words, words + positions][table]!;
  });
  const grouped = groupIds(ids, NONE);
  // Uploaded now: an upload in the middle of the backward pass may split it.
  const groups = uploadGroups(device, grouped);
  return record(x, {
    name: "embedLayerNorm",
    inputs: tables,
    backward(dX, slots) {
      const dRows = slots[0]?.takeRows?.(
        grouped.ids.filter((id) => id < words),
      );
      const unused = () => new Tensor(device, [hidden]); // bound, not written
      const dTables = tables.map((table, i) => {
        if (i === 0 && dRows) return dRows;
        if (!isTrained[i]) return unused();
        const dTable = slots[i]?.tensor ?? new Tensor(device, table.shape);
        if (!slots[i]?.accumulate) device.clear(dTable);
        return dTable;
      });
      const { kernel, vectors } = backwardKernel.for(hidden);
      const [dWords, ...others] = dTables as [Tensor, ...Tensor[]];
      const shards = shardsOf(dWords);
      // The last shard's groups are followed by those of the other tables.
      const ranges = groupsByShard(grouped, shards.map(({ first }) => first));
      shards.forEach((shard, i) => {
        const { from, count } = ranges[i]!;
        device.dispatch(
          kernel,
          [
            dX,
            groups.ids,
            groups.starts,
            groups.positions,
            shard.rows,
            ...others,
            ...tokenType ? [] : [unused()],
          ],
          {
            vectors,
            groups: count,
            words,
            positions,
            compact: Number(dRows !== undefined),
            first_group: from,
            first_word: shard.first,
          },
          ...grid(device, count * Math.ceil(vectors / COLUMNS)),
        );
      });
      return [dRows ? undefined : dWords, ...others];
    },
  });
}

/** Looks up the words of all tokens, `[T, H]`, in a table that is split. */
function wordsOf(
  tokens: Uint32Array<ArrayBuffer>,
  table: Tensor,
): Tensor {
  const { device, shape } = table;
  const rows = tokens.length / 3;
  const ids = tokens.filter((_, i) => i % 3 === 0);
  const words = new Tensor(device, [rows, shape[1]!]);
  pickRows(table, fromArray(device, ids, [rows], { dtype: "u32" }), words);
  return words;
}
