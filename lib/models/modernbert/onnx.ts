/**
 * A ModernBERT classifier as an ONNX graph.
 *
 * Shapes: B rows, S tokens, H hidden size, A heads, D = H/A, I inner size.
 *
 * @module
 */
import { ACTIVATIONS } from "../../onnx/activations.ts";
import type { OnnxLayers } from "../../onnx/layers.ts";
import { rotaryFrequencies } from "../../ops/rotary_embedding.ts";
import { addMask, MASKED, TOKENS } from "../bert/onnx.ts";
import { addPositions } from "../relative_distances.ts";
import type { LayerType } from "./layer_types.ts";
import type { ModernBertConfig } from "./modernbert_config.ts";

/** Values that all layers of a type share. */
interface Shared {
  /** Cosines of the positions, `[S, D/2]`. */
  readonly cos: string;
  /** Sines of the positions, `[S, D/2]`. */
  readonly sin: string;
  /** Additive attention mask, `[B, 1, 1, S]` or `[B, 1, S, S]`. */
  readonly mask: string;
}

/**
 * Adds the whole model: `input_ids` and `attention_mask`, each int64 `[B, S]`, to
 * `logits`, float32 `[B, numLabels]`.
 *
 * @param layers The graph under construction.
 * @param config Sizes.
 */
export function addModernBertClassifier(
  layers: OnnxLayers,
  config: ModernBertConfig,
): void {
  const { graph } = layers;
  const { vocabSize, hiddenSize: size, numLabels } = config;
  const ids = graph.input("input_ids", "int64", TOKENS);
  const attentionMask = graph.input("attention_mask", "int64", TOKENS);
  const norm = (x: string, name: string) =>
    layers.layerNorm(x, name, size, config.normEps, config.normBias);

  const words = "model.embeddings.tok_embeddings.weight";
  let x = layers.embedding(ids, words, [vocabSize, size]);
  x = norm(x, "model.embeddings.norm");
  const shared = addShared(layers, config, ids, attentionMask);
  config.layerTypes.forEach((type, i) => {
    const prefix = `model.layers.${i}.`;
    const normed = i === 0 ? x : norm(x, `${prefix}attn_norm`);
    const attention = addAttention(
      layers,
      config,
      `${prefix}attn.`,
      normed,
      shared[type],
    );
    x = graph.node("Add", [x, attention]);
    const output = addMlp(
      layers,
      config,
      `${prefix}mlp.`,
      norm(x, `${prefix}mlp_norm`),
    );
    x = graph.node("Add", [x, output]);
  });
  x = norm(x, "model.final_norm");
  const pooled = config.classifierPooling === "mean"
    ? addMean(layers, x, attentionMask)
    : graph.node("Gather", [x, graph.integers(0)], { axis: { i: 1 } }); // [B, H]
  const head = ACTIVATIONS[config.classifierActivation]!(
    layers,
    layers.linear(pooled, "head.dense", size, size, config.classifierBias),
  );
  const logits = layers.linear(
    norm(head, "head.norm"),
    "classifier",
    size,
    numLabels,
  );
  graph.cast(logits, "float32", "logits");
  graph.output("logits", "float32", [TOKENS[0]!, numLabels]);
}

/** Angles and masks of both types of layers. */
function addShared(
  layers: OnnxLayers,
  config: ModernBertConfig,
  ids: string,
  attentionMask: string,
): Record<LayerType, Shared> {
  const { graph } = layers;
  const { positions, column } = addPositions(layers, ids);
  const padding = addMask(layers, attentionMask); // [B, 1, 1, S]
  const distance = graph.node("Abs", [graph.node("Sub", [column, positions])]);
  const window = Math.floor(config.localAttention / 2);
  const far = graph.node("Greater", [distance, graph.integers(window)]);
  const local = graph.node("Mul", [
    graph.cast(far, layers.type),
    layers.scalar(MASKED),
  ]); // [S, S]
  const angles = (type: LayerType) => {
    const base = config.ropeThetas[type];
    const frequencies = graph.initializer({
      name: `frequencies_${base}`,
      type: "float32",
      shape: [config.headDim / 2],
      data: () => rotaryFrequencies(config.headDim, base),
    });
    // In float32: positions above 2048 do not fit in float16.
    const angle = graph.node("Mul", [
      graph.cast(column, "float32"),
      frequencies,
    ]);
    const inType = (x: string) => graph.cast(x, layers.type);
    return {
      cos: inType(graph.node("Cos", [angle])),
      sin: inType(graph.node("Sin", [angle])),
    };
  };
  return {
    "full_attention": { ...angles("full_attention"), mask: padding },
    "sliding_attention": {
      ...angles("sliding_attention"),
      mask: graph.node("Add", [padding, local]),
    },
  };
}

/** The attention block without its LayerNorm, `[B, S, H]` to `[B, S, H]`. */
function addAttention(
  layers: OnnxLayers,
  { hiddenSize: size, numAttentionHeads: heads, headDim, attentionBias }:
    ModernBertConfig,
  prefix: string,
  x: string,
  { cos, sin, mask }: Shared,
): string {
  const { graph } = layers;
  const qkv = layers.linear(x, `${prefix}Wqkv`, size, 3 * size, attentionBias);
  const [query, key, value] = graph.nodes(
    "Split",
    [qkv],
    ["query", "key", "value"].map((name) => `${prefix}${name}`),
    { axis: { i: -1 } },
  ) as [string, string, string];
  // 0 keeps a size as it is.
  const parts = graph.integers([0, 0, heads, headDim]); // [B, S, A, D]
  const transpose = (x: string, perm: number[]) =>
    graph.node("Transpose", [x], { perm: { ints: perm } });
  const split = (x: string) =>
    transpose(graph.node("Reshape", [x, parts]), [0, 2, 1, 3]);
  const rotated = (name: string, x: string) => {
    const [a, b] = graph.nodes(
      "Split",
      [split(x)],
      [`${name}_first`, `${name}_second`],
      { axis: { i: -1 } },
    ) as [string, string];
    const product = (half: string, by: string) => graph.node("Mul", [half, by]);
    return graph.node("Concat", [
      graph.node("Sub", [product(a, cos), product(b, sin)]),
      graph.node("Add", [product(b, cos), product(a, sin)]),
    ], { axis: { i: -1 } });
  };
  // The query is scaled, not the scores, which might not fit in float16.
  const scaled = graph.node("Mul", [query, layers.scalar(headDim ** -0.5)]);
  const scores = graph.node("MatMul", [
    rotated(query, scaled), // [B, A, S, D]
    transpose(rotated(key, key), [0, 1, 3, 2]), // [B, A, D, S]
  ]);
  const masked = graph.node("Add", [scores, mask]);
  const probs = graph.node("Softmax", [masked], { axis: { i: -1 } });
  const context = transpose(
    graph.node("MatMul", [probs, split(value)]),
    [0, 2, 1, 3],
  );
  const merged = graph.node("Reshape", [context, graph.integers([0, 0, size])]);
  return layers.linear(merged, `${prefix}Wo`, size, size, attentionBias);
}

/** The feed-forward block without its LayerNorm, `[B, S, H]` to `[B, S, H]`. */
function addMlp(
  layers: OnnxLayers,
  { hiddenSize: size, intermediateSize, hiddenActivation, mlpBias }:
    ModernBertConfig,
  prefix: string,
  x: string,
): string {
  const { graph } = layers;
  const [input, gate] = graph.nodes(
    "Split",
    [layers.linear(x, `${prefix}Wi`, size, 2 * intermediateSize, mlpBias)],
    [`${prefix}input`, `${prefix}gate`],
    { axis: { i: -1 } },
  ) as [string, string];
  const activated = ACTIVATIONS[hiddenActivation]!(layers, input);
  const gated = graph.node("Mul", [activated, gate]);
  return layers.linear(gated, `${prefix}Wo`, intermediateSize, size, mlpBias);
}

/** Mean of the vectors of real tokens, `[B, H]`; summed in float32. */
function addMean(
  layers: OnnxLayers,
  x: string,
  attentionMask: string,
): string {
  const { graph } = layers;
  const mask = graph.cast(attentionMask, "float32");
  const counts = graph.node("ReduceSum", [mask, graph.integers([1])]); // [B, 1]
  const shares = graph.node("Unsqueeze", [
    graph.node("Div", [mask, counts]),
    graph.integers([1]),
  ]); // [B, 1, S]
  const mean = graph.node("MatMul", [shares, graph.cast(x, "float32")]);
  const row = graph.node("Gather", [mean, graph.integers(0)], {
    axis: { i: 1 },
  });
  return graph.cast(row, layers.type);
}
