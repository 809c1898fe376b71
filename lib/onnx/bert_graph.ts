/**
 * A BERT or DistilBERT with a classifier over whole rows, as operations of ONNX.
 *
 * Shapes: B rows, S tokens, H hidden size, A heads, D = H/A.
 *
 * @module
 */
import type { BertConfig } from "../models/bert/bert_config.ts";
import { ACTIVATIONS } from "./activations.ts";
import type { Layers } from "./layers.ts";

/** The names that the parts of an architecture have in its checkpoints. */
export interface Names {
  /** The table of words. */
  readonly words: string;
  /** The table of positions. */
  readonly positions: string;
  /** The table of kinds; a DistilBERT has none. */
  readonly kinds?: string;
  /** The normalisation of the embeddings. */
  readonly norm: string;
  /** The layers: `layers.0` is the first. */
  readonly layers: string;
  /** The linear layers and normalisations of a layer. */
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
  /** The linear layer over the first token, before the classifier. */
  readonly pooler: string;
  /** The activation of that layer, as an operation of ONNX. */
  readonly poolerActivation: "Tanh" | "Relu";
}

/** Those of a BERT. */
export const BERT_NAMES: Names = {
  words: "bert.embeddings.word_embeddings.weight",
  positions: "bert.embeddings.position_embeddings.weight",
  kinds: "bert.embeddings.token_type_embeddings.weight",
  norm: "bert.embeddings.LayerNorm",
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

/** Those of a DistilBERT. */
export const DISTILBERT_NAMES: Names = {
  words: "distilbert.embeddings.word_embeddings.weight",
  positions: "distilbert.embeddings.position_embeddings.weight",
  norm: "distilbert.embeddings.LayerNorm",
  layers: "distilbert.transformer.layer",
  layer: {
    query: "attention.q_lin",
    key: "attention.k_lin",
    value: "attention.v_lin",
    attentionOutput: "attention.out_lin",
    attentionNorm: "sa_layer_norm",
    intermediate: "ffn.lin1",
    output: "ffn.lin2",
    outputNorm: "output_layer_norm",
  },
  pooler: "pre_classifier",
  poolerActivation: "Relu",
};

const TOKENS = ["batch_size", "sequence_length"];
/**
 * Added to the score of a padded key, as in the first BERT: e to it is 0 beside
 * any score there is, and float16 holds it, which it would not the least float32.
 */
const MASKED = -10000;

/**
 * Adds the whole model: `input_ids`, `attention_mask` and where there are kinds
 * `token_type_ids`, each int64 `[B, S]`, to `logits`, float32 `[B, numLabels]`.
 *
 * @param layers Where to.
 * @param config Its sizes.
 * @param names Its parameters' names.
 * @param numLabels Its labels.
 */
export function addClassifier(
  layers: Layers,
  config: BertConfig,
  names: Names,
  numLabels: number,
): void {
  const { graph } = layers;
  const { hiddenSize: size } = config;
  const ids = graph.input("input_ids", "int64", TOKENS);
  const attentionMask = graph.input("attention_mask", "int64", TOKENS);
  const kinds = names.kinds && graph.input("token_type_ids", "int64", TOKENS);

  let x = addEmbeddings(layers, config, names, ids, kinds);
  const mask = addMask(layers, attentionMask);
  for (let i = 0; i < config.numHiddenLayers; i++) {
    x = addLayer(layers, config, names.layer, `${names.layers}.${i}.`, x, mask);
  }
  const first = graph.node("Gather", [x, graph.integers(0)], {
    axis: { i: 1 },
  }); // [B, H]
  const dense = layers.linear(first, names.pooler, size, size);
  const pooled = graph.node(names.poolerActivation, [dense]);
  const logits = layers.linear(pooled, "classifier", size, numLabels);
  graph.cast(logits, "float32", "logits");
  graph.output("logits", "float32", [TOKENS[0]!, numLabels]);
}

/** The normalised sum of the tables' rows, `[B, S, H]`. */
function addEmbeddings(
  layers: Layers,
  config: BertConfig,
  names: Names,
  ids: string,
  kinds: string | undefined,
): string {
  const { graph } = layers;
  const { vocabSize, maxPositionEmbeddings, typeVocabSize } = config;
  const { hiddenSize: size, layerNormEps } = config;
  let sum = layers.embedding(ids, names.words, [vocabSize, size]);
  const positions = graph.node("Slice", [
    layers.parameter(names.positions, [maxPositionEmbeddings, size]),
    graph.integers([0]),
    graph.node("Shape", [ids], { start: { i: 1 }, end: { i: 2 } }), // [S]
    graph.integers([0]),
  ]); // [S, H]
  sum = graph.node("Add", [sum, positions]);
  if (names.kinds && kinds) {
    const table = layers.parameter(names.kinds, [typeVocabSize, size]);
    sum = graph.node("Add", [sum, graph.node("Gather", [table, kinds])]);
  }
  return layers.layerNorm(sum, names.norm, size, layerNormEps);
}

/** What is added to the scores of the keys, `[B, 1, 1, S]`. */
function addMask(layers: Layers, attentionMask: string): string {
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
  layers: Layers,
  config: BertConfig,
  names: Names["layer"],
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

/** `softmax(query · keyᵀ / √D + mask) · value` for every head, `[B, S, H]` each. */
function addAttention(
  layers: Layers,
  { hiddenSize: size, numAttentionHeads: heads }: BertConfig,
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
