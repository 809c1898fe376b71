/**
 * A DeBERTa-v2 classifier as an ONNX graph.
 *
 * Shapes: B rows, S tokens, E embedding size, H hidden size, A heads, D = H/A, R rows
 * of the table of distances that S tokens need.
 *
 * @module
 */
import { ACTIVATIONS } from "../../onnx/activations.ts";
import type { OnnxLayers } from "../../onnx/layers.ts";
import { addMask, TOKENS } from "../bert/onnx.ts";
import { addBuckets } from "../relative_distances.ts";
import type { DebertaV2Config } from "./deberta_v2_config.ts";
import { logBuckets, relativeRows } from "./log_buckets.ts";

/** Values that all layers share. */
interface Shared {
  /** Additive attention mask, `[B, 1, 1, S]`. */
  readonly mask: string;
  /** Distances, with relative attention. */
  readonly relative: {
    /** Embeddings of distances, `[1, R, H]`. */
    readonly embeddings: string;
    /** Rows of the embeddings by query and key, int64 `[S, S]`. */
    readonly buckets: string;
  } | undefined;
}

/**
 * Adds the whole model: `input_ids`, `attention_mask` and, with more than one token
 * type, `token_type_ids`, each int64 `[B, S]`, to `logits`, float32 `[B, numLabels]`.
 *
 * @param layers The graph under construction.
 * @param config Sizes.
 */
export function addDebertaV2Classifier(
  layers: OnnxLayers,
  config: DebertaV2Config,
): void {
  const { graph } = layers;
  const { hiddenSize: size, numLabels } = config;
  const ids = graph.input("input_ids", "int64", TOKENS);
  const attentionMask = graph.input("attention_mask", "int64", TOKENS);
  const types = config.typeVocabSize > 1
    ? graph.input("token_type_ids", "int64", TOKENS)
    : undefined;

  let x = addEmbeddings(layers, config, ids, types);
  const shared = {
    mask: addMask(layers, attentionMask),
    relative: addRelative(layers, config, ids),
  };
  for (let i = 0; i < config.numHiddenLayers; i++) {
    x = addLayer(layers, config, `deberta.encoder.layer.${i}.`, x, shared);
  }
  const first = graph.node("Gather", [x, graph.integers(0)], {
    axis: { i: 1 },
  }); // [B, H]
  const pooled = ACTIVATIONS[config.poolerHiddenAct]!(
    layers,
    layers.linear(first, "pooler.dense", size, size),
  );
  const logits = layers.linear(pooled, "classifier", size, numLabels);
  graph.cast(logits, "float32", "logits");
  graph.output("logits", "float32", [TOKENS[0]!, numLabels]);
}

/** Embeddings and LayerNorm, `[B, S, H]`. */
function addEmbeddings(
  layers: OnnxLayers,
  config: DebertaV2Config,
  ids: string,
  types: string | undefined,
): string {
  const { graph } = layers;
  const { hiddenSize, vocabSize, typeVocabSize, layerNormEps } = config;
  const size = config.embeddingSize ?? hiddenSize;
  const prefix = "deberta.embeddings.";
  const words = `${prefix}word_embeddings.weight`;
  let sum = layers.embedding(ids, words, [vocabSize, size]);
  const addRows = (rows: string) => sum = graph.node("Add", [sum, rows]);
  if (config.positionBiasedInput) {
    const table = layers.parameter(`${prefix}position_embeddings.weight`, [
      config.maxPositionEmbeddings,
      size,
    ]);
    addRows(graph.node("Slice", [
      table,
      graph.integers([0]),
      graph.node("Shape", [ids], { start: { i: 1 }, end: { i: 2 } }), // [S]
      graph.integers([0]),
    ]));
  }
  if (typeVocabSize > 0) {
    const name = `${prefix}token_type_embeddings.weight`;
    const table = layers.parameter(name, [typeVocabSize, size]);
    // Of a table of one row, all tokens have that.
    addRows(types === undefined ? table : graph.node("Gather", [table, types]));
  }
  if (size !== hiddenSize) {
    sum = layers.linear(sum, `${prefix}embed_proj`, size, hiddenSize, false);
  }
  return layers.layerNorm(sum, `${prefix}LayerNorm`, hiddenSize, layerNormEps);
}

/** The embeddings of the distances that rows of S tokens have, and their places. */
function addRelative(
  layers: OnnxLayers,
  config: DebertaV2Config,
  ids: string,
): Shared["relative"] {
  if (!config.relativeAttention) return undefined;
  const { graph } = layers;
  const { hiddenSize: size, maxSeqLength, normRelEbd, layerNormEps } = config;
  const prefix = "deberta.encoder.";
  const table = layers.parameter(`${prefix}rel_embeddings.weight`, [
    relativeRows(config),
    size,
  ]);
  const { ofPairs, first, last } = addBuckets(
    layers,
    ids,
    maxSeqLength,
    logBuckets(config),
  );
  const sliced = graph.node("Slice", [
    table,
    first,
    graph.node("Add", [last, graph.integers(1)]),
    graph.integers([0]),
  ]);
  // As a batch of one: onnxruntime 1.32 crashes on float16 products of [R, H].
  const rows = graph.node("Unsqueeze", [sliced, graph.integers([0])]);
  return {
    buckets: graph.node("Sub", [ofPairs, first]),
    embeddings: normRelEbd === "layer_norm"
      ? layers.layerNorm(rows, `${prefix}LayerNorm`, size, layerNormEps)
      : rows,
  };
}

/** One layer, `[B, S, H]` to `[B, S, H]`. */
function addLayer(
  layers: OnnxLayers,
  config: DebertaV2Config,
  prefix: string,
  x: string,
  shared: Shared,
): string {
  const { graph } = layers;
  const { hiddenSize: size, intermediateSize, layerNormEps: eps } = config;
  const output = (x: string, residual: string, name: string, inputs: number) =>
    layers.layerNorm(
      graph.node("Add", [
        layers.linear(x, `${prefix}${name}.dense`, inputs, size),
        residual,
      ]),
      `${prefix}${name}.LayerNorm`,
      size,
      eps,
    );
  const self = `${prefix}attention.self.`;
  const heads = addAttention(layers, config, self, x, shared);
  const attended = output(heads, x, "attention.output", size);
  const inner = ACTIVATIONS[config.hiddenAct]!(
    layers,
    layers.linear(
      attended,
      `${prefix}intermediate.dense`,
      size,
      intermediateSize,
    ),
  );
  return output(inner, attended, "output", intermediateSize);
}

/** Attention of all heads, `[B, S, H]` to `[B, S, H]`. */
function addAttention(
  layers: OnnxLayers,
  config: DebertaV2Config,
  prefix: string,
  x: string,
  { mask, relative }: Shared,
): string {
  const { graph } = layers;
  const { hiddenSize: size, numAttentionHeads: heads, attentionTypes: types } =
    config;
  const width = size / heads;
  const linear = (x: string, name: string) =>
    layers.linear(x, prefix + name, size, size);
  const transpose = (x: string, perm: number[]) =>
    graph.node("Transpose", [x], { perm: { ints: perm } });
  // 0 keeps a size as it is.
  const parts = graph.integers([0, 0, heads, width]); // [B, S, A, D]
  const split = (x: string, perm: number[]) =>
    transpose(graph.node("Reshape", [x, parts]), perm);
  // Operands are scaled, not the scores, which might not fit in float16.
  const scaled = (x: string) =>
    graph.node("Mul", [x, layers.scalar(config.attentionScale)]);
  const query = split(scaled(linear(x, "query_proj")), [0, 2, 1, 3]); // [B, A, S, D]
  const key = linear(x, "key_proj");
  let scores = graph.node("MatMul", [query, split(key, [0, 2, 3, 1])]);
  if (relative && types.length > 0) {
    /** Products of tokens and the rows of distances, `[B, A, S, R]`. */
    const products = (tokens: string, name: string) => {
      const own = config.shareAttKey ? name : `pos_${name}`;
      const projected = linear(relative.embeddings, own);
      return graph.node("MatMul", [tokens, split(projected, [0, 2, 3, 1])]);
    };
    const shape = graph.node("Shape", [scores]);
    const pick = (products: string, buckets: string) =>
      graph.node("GatherElements", [
        products,
        graph.node("Expand", [buckets, shape]),
      ], { axis: { i: -1 } }); // [B, A, S, S]
    if (types.includes("c2p")) {
      const c2p = pick(products(query, "key_proj"), relative.buckets);
      scores = graph.node("Add", [scores, c2p]);
    }
    if (types.includes("p2c")) {
      const keys = split(scaled(key), [0, 2, 1, 3]); // [B, A, S, D]
      const byKey = pick(
        products(keys, "query_proj"),
        transpose(relative.buckets, [1, 0]),
      );
      const p2c = transpose(byKey, [0, 1, 3, 2]);
      scores = graph.node("Add", [scores, p2c]);
    }
  }
  const masked = graph.node("Add", [scores, mask]);
  const probs = graph.node("Softmax", [masked], { axis: { i: -1 } });
  const value = split(linear(x, "value_proj"), [0, 2, 1, 3]);
  const context = graph.node("MatMul", [probs, value]);
  const merged = transpose(context, [0, 2, 1, 3]);
  return graph.node("Reshape", [merged, graph.integers([0, 0, size])]);
}
