/**
 * A BERT-like classifier as an ONNX graph.
 *
 * Shapes: B rows, S tokens, E embedding size, H hidden size, A heads, D = H/A.
 *
 * @module
 */
import { ACTIVATIONS } from "../../onnx/activations.ts";
import type { OnnxLayers } from "../../onnx/layers.ts";
import type { PretrainedConfig } from "../pretrained_config.ts";
import type { BertLayerConfig } from "./bert.ts";
import type { BertEmbeddingsConfig } from "./embeddings.ts";

/** Settings that the graph depends on. */
type Config = BertEmbeddingsConfig & BertLayerConfig & PretrainedConfig & {
  readonly numHiddenLayers: number;
  readonly layerNormEps: number;
};

/** Names of an architecture's parameters in its checkpoints. */
export interface BertNames {
  /** Prefix of the embeddings. */
  readonly embeddings: string;
  /** Projection of the embeddings to H, if the model has one. */
  readonly projection?: string;
  /** Prefix of the layers: `layers.0` is the first; or that of each, where some share weights. */
  readonly layers: string | readonly string[];
  /** Linear layers and LayerNorms of a layer. */
  readonly layer: {
    readonly query: string;
    readonly key: string;
    readonly value: string;
    readonly attentionOutput: string;
    readonly attentionNorm: string;
    readonly intermediate: string;
    readonly output: string;
    readonly outputNorm: string;
  };
  /** Linear layer over the first token, before the classifier. */
  readonly pooler: string;
  /** Its activation: an ONNX operator, or `Gelu` with erf. */
  readonly poolerActivation: "Tanh" | "Relu" | "Gelu";
  /** Classifier; `classifier` by default. */
  readonly classifier?: string;
}

/** BERT's names. */
export const BERT_NAMES: BertNames = {
  embeddings: "bert.embeddings",
  layers: "bert.encoder.layer",
  layer: {
    query: "attention.self.query",
    key: "attention.self.key",
    value: "attention.self.value",
    attentionOutput: "attention.output.dense",
    attentionNorm: "attention.output.LayerNorm",
    intermediate: "intermediate.dense",
    output: "output.dense",
    outputNorm: "output.LayerNorm",
  },
  pooler: "bert.pooler.dense",
  poolerActivation: "Tanh",
};

/** Names of the sizes of an input, `[B, S]`. */
export const TOKENS = ["batch_size", "sequence_length"];
/**
 * Added to the score of a key that is not seen, as in the original BERT: its
 * exponential is 0 next to any real score, and float16 can hold it and its double,
 * unlike the smallest float32.
 */
export const MASKED = -10000;

/**
 * Adds the whole model: `input_ids`, `attention_mask` and, with more than one token
 * type, `token_type_ids`, each int64 `[B, S]`, to `logits`, float32 `[B, numLabels]`.
 *
 * @param layers The graph under construction.
 * @param config Sizes.
 * @param names Parameter names.
 * @param addBias Adds what all layers add to their scores, `[A, S, S]`, given the name of `input_ids`.
 */
export function addBertClassifier(
  layers: OnnxLayers,
  config: Config,
  names: BertNames,
  addBias?: (layers: OnnxLayers, ids: string) => string,
): void {
  const { graph } = layers;
  const { hiddenSize: size, numLabels, typeVocabSize = 0 } = config;
  const ids = graph.input("input_ids", "int64", TOKENS);
  const attentionMask = graph.input("attention_mask", "int64", TOKENS);
  const types = typeVocabSize > 1
    ? graph.input("token_type_ids", "int64", TOKENS)
    : undefined;

  let x = addEmbeddings(layers, config, names.embeddings, ids, types);
  const { embeddingSize = size } = config;
  if (names.projection !== undefined) {
    x = layers.linear(x, names.projection, embeddingSize, size);
  }
  let mask = addMask(layers, attentionMask);
  if (addBias) mask = graph.node("Add", [addBias(layers, ids), mask]);
  for (const prefix of prefixes(names.layers, config.numHiddenLayers)) {
    x = addLayer(layers, config, names.layer, `${prefix}.`, x, mask);
  }
  const first = graph.node("Gather", [x, graph.integers(0)], {
    axis: { i: 1 },
  }); // [B, H]
  const dense = layers.linear(first, names.pooler, size, size);
  const { poolerActivation: activation, classifier = "classifier" } = names;
  const pooled = activation === "Gelu"
    ? ACTIVATIONS["gelu"]!(layers, dense)
    : graph.node(activation, [dense]);
  const logits = layers.linear(pooled, classifier, size, numLabels);
  graph.cast(logits, "float32", "logits");
  graph.output("logits", "float32", [TOKENS[0]!, numLabels]);
}

function prefixes(
  layers: BertNames["layers"],
  count: number,
): readonly string[] {
  return typeof layers === "string"
    ? Array.from({ length: count }, (_, i) => `${layers}.${i}`)
    : layers;
}

/** Sum of the embeddings and LayerNorm, `[B, S, E]`. */
function addEmbeddings(
  layers: OnnxLayers,
  config: Config,
  prefix: string,
  ids: string,
  types: string | undefined,
): string {
  const { graph } = layers;
  const { vocabSize, maxPositionEmbeddings, typeVocabSize } = config;
  const { embeddingSize: size = config.hiddenSize, layerNormEps } = config;
  const words = `${prefix}.word_embeddings.weight`;
  let sum = layers.embedding(ids, words, [vocabSize, size]);
  const table = layers.parameter(
    `${prefix}.position_embeddings.weight`,
    [maxPositionEmbeddings, size],
  );
  sum = graph.node("Add", [sum, addPositions(layers, config, table, ids)]);
  if (typeVocabSize !== undefined) {
    const name = `${prefix}.token_type_embeddings.weight`;
    const table = layers.parameter(name, [typeVocabSize, size]);
    // Of a table of one row, all tokens have that.
    const rows = types === undefined
      ? table
      : graph.node("Gather", [table, types]);
    sum = graph.node("Add", [sum, rows]);
  }
  return layers.layerNorm(sum, `${prefix}.LayerNorm`, size, layerNormEps);
}

/** Position embeddings, `[S, E]`; `[B, S, E]` where padding tokens are not counted. */
function addPositions(
  { graph }: OnnxLayers,
  { positionPaddingIdx }: Config,
  table: string,
  ids: string,
): string {
  if (positionPaddingIdx === undefined) {
    return graph.node("Slice", [
      table,
      graph.integers([0]),
      graph.node("Shape", [ids], { start: { i: 1 }, end: { i: 2 } }), // [S]
      graph.integers([0]),
    ]);
  }
  const padding = graph.integers(positionPaddingIdx);
  const isPadding = graph.cast(graph.node("Equal", [ids, padding]), "int64");
  const isToken = graph.node("Sub", [graph.integers(1), isPadding]);
  const count = graph.node("CumSum", [isToken, graph.integers(1)]);
  const places = graph.node("Mul", [count, isToken]); // 0 for padding tokens
  const positions = graph.node("Add", [places, padding]);
  return graph.node("Gather", [table, positions]);
}

/** Additive attention mask, `[B, 1, 1, S]`. */
export function addMask(layers: OnnxLayers, attentionMask: string): string {
  const { graph } = layers;
  const keys = graph.node("Unsqueeze", [attentionMask, graph.integers([1, 2])]);
  const padded = graph.node("Sub", [
    layers.scalar(1),
    graph.cast(keys, layers.type),
  ]);
  return graph.node("Mul", [padded, layers.scalar(MASKED)]);
}

/** One layer, `[B, S, H]` to `[B, S, H]`. */
function addLayer(
  layers: OnnxLayers,
  config: Config,
  names: BertNames["layer"],
  prefix: string,
  x: string,
  mask: string,
): string {
  const { graph } = layers;
  const { hiddenSize: size, intermediateSize, layerNormEps: eps } = config;
  const linear = (x: string, name: string, inputs: number, outputs: number) =>
    layers.linear(x, prefix + name, inputs, outputs);
  const norm = (x: string, residual: string, name: string) =>
    layers.layerNorm(
      graph.node("Add", [x, residual]),
      prefix + name,
      size,
      eps,
    );

  const heads = addAttention(layers, config, mask, {
    query: linear(x, names.query, size, size),
    key: linear(x, names.key, size, size),
    value: linear(x, names.value, size, size),
  });
  const attention = linear(heads, names.attentionOutput, size, size);
  const attended = norm(attention, x, names.attentionNorm);
  const intermediate = ACTIVATIONS[config.hiddenAct]!(
    layers,
    linear(attended, names.intermediate, size, intermediateSize),
  );
  const output = linear(intermediate, names.output, intermediateSize, size);
  return norm(output, attended, names.outputNorm);
}

/** `softmax(query · keyᵀ / √D + mask) · value` of each head; all `[B, S, H]`. */
function addAttention(
  layers: OnnxLayers,
  { hiddenSize: size, numAttentionHeads: heads }: Config,
  mask: string,
  { query, key, value }: Record<"query" | "key" | "value", string>,
): string {
  const { graph } = layers;
  // 0 keeps a size as it is.
  const parts = graph.integers([0, 0, heads, size / heads]); // [B, S, A, D]
  const split = (x: string, perm: number[]) =>
    graph.node("Transpose", [graph.node("Reshape", [x, parts])], {
      perm: { ints: perm },
    });
  // The query is scaled, not the scores, which might not fit in float16.
  const scale = layers.scalar(1 / Math.sqrt(size / heads));
  const scaled = graph.node("Mul", [query, scale]);
  const scores = graph.node("MatMul", [
    split(scaled, [0, 2, 1, 3]), // [B, A, S, D]
    split(key, [0, 2, 3, 1]), // [B, A, D, S]
  ]);
  const masked = graph.node("Add", [scores, mask]);
  const probs = graph.node("Softmax", [masked], { axis: { i: -1 } });
  const context = graph.node("MatMul", [probs, split(value, [0, 2, 1, 3])]);
  const merged = graph.node("Transpose", [context], {
    perm: { ints: [0, 2, 1, 3] },
  });
  return graph.node("Reshape", [merged, graph.integers([0, 0, size])]);
}
