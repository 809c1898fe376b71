import type { Batch, BertConfig } from "../../../mod.ts";
import { dropoutScale } from "../../helpers/philox.ts";

/** A row of numbers for each real token, `[T][C]`. */
type Rows = number[][];

/** A model's weights by Hugging Face's names, row-major. */
type Weights = Readonly<Record<string, ArrayLike<number>>>;

/** Dropout mask of an element: 0, or 1 / (1 - p). */
type Mask = (element: number, row: number) => number;

/** The mask of a site with rate p. */
type Masks = (p: number, site: number) => Mask;

/** Nothing is dropped. */
export const NO_MASKS: Masks = () => () => 1;

/** The masks of one forward pass in training, each element drawn once. */
export function philoxMasks(pass: { seed: number; step: number }): Masks {
  const drawn = new Map<string, number>();
  return (p, site) => (element, row) => {
    const key = `${site} ${row} ${element}`;
    let scale = drawn.get(key);
    if (scale === undefined) {
      scale = dropoutScale({ p, ...pass, site }, element, row);
      drawn.set(key, scale);
    }
    return scale;
  };
}

/**
 * The logits of BertForSequenceClassification in plain f64 loops, `[B][numLabels]`.
 * The sites of dropout are numbered in the order of the calls.
 */
export function bertReference(
  weights: Weights,
  config: BertConfig,
  batch: Batch,
  masks: Masks,
): Rows {
  const { hiddenDropoutProb, attentionProbsDropoutProb, classifierDropout } =
    config;
  let site = 0;
  const nextMask = (p: number) => masks(p, site++);
  const dense = (name: string, x: Rows) =>
    linear(x, weights[`${name}.weight`]!, weights[`${name}.bias`]!);
  const norm = (name: string, x: Rows) =>
    layerNorm(
      x,
      weights[`${name}.weight`]!,
      weights[`${name}.bias`]!,
      config.layerNormEps,
    );

  const { tokens, starts } = pack(batch);
  const table = (name: string, row: number, c: number) =>
    weights[`bert.embeddings.${name}_embeddings.weight`]![
      row * config.hiddenSize + c
    ]!;
  const embedded = tokens.map(({ id, position, tokenType }) =>
    Array.from(
      { length: config.hiddenSize },
      (_, c) =>
        table("word", id, c) + table("position", position, c) +
        table("token_type", tokenType, c),
    )
  );
  let x = dropFlat(
    norm("bert.embeddings.LayerNorm", embedded),
    nextMask(hiddenDropoutProb),
  );
  for (let i = 0; i < config.numHiddenLayers; i++) {
    const layer = `bert.encoder.layer.${i}`;
    const [q, k, v] = ["query", "key", "value"].map((name) =>
      dense(`${layer}.attention.self.${name}`, x)
    ) as [Rows, Rows, Rows];
    const attended = attention(
      { q, k, v },
      starts,
      config.numAttentionHeads,
      nextMask(attentionProbsDropoutProb),
    );
    const block = (name: string, input: Rows, residual: Rows) => {
      const mask = nextMask(hiddenDropoutProb);
      const sum = dense(`${name}.dense`, input).map((row, t) =>
        row.map((value, c) => value * mask(c, t) + residual[t]![c]!)
      );
      return norm(`${name}.LayerNorm`, sum);
    };
    const middle = block(`${layer}.attention.output`, attended, x);
    const inner = dense(`${layer}.intermediate.dense`, middle)
      .map((row) => row.map((value) => value * phi(value))); // exact GELU
    x = block(`${layer}.output`, inner, middle);
  }
  const pooled = dense(
    "bert.pooler.dense",
    starts.slice(0, -1).map((start) => x[start]!),
  ).map((row) => row.map(Math.tanh));
  const mask = nextMask(classifierDropout ?? hiddenDropoutProb);
  return dense("classifier", dropFlat(pooled, mask));
}

/** The tokens under the mask, row after row, and where each row begins. */
function pack({ inputIds, tokenTypeIds, attentionMask }: Batch) {
  const [rows = 0, columns = 0] = inputIds.shape;
  const tokens: { id: number; position: number; tokenType: number }[] = [];
  const starts = [0];
  for (let row = 0; row < rows; row++) {
    for (let position = 0; position < columns; position++) {
      const i = row * columns + position;
      if (attentionMask.data[i] === 0) continue;
      const [id, tokenType] = [inputIds.data[i]!, tokenTypeIds.data[i]!];
      tokens.push({ id, position, tokenType });
    }
    starts.push(tokens.length);
  }
  return { tokens, starts };
}

/** Dropout that numbers its elements through the whole tensor. */
function dropFlat(x: Rows, mask: Mask): Rows {
  return x.map((row, t) =>
    row.map((value, c) => value * mask(t * row.length + c, 0))
  );
}

function linear(
  x: Rows,
  weight: ArrayLike<number>,
  bias: ArrayLike<number>,
): Rows {
  return x.map((row) =>
    Array.from(
      { length: bias.length },
      (_, o) =>
        row.reduce(
          (sum, value, i) => sum + value * weight[o * row.length + i]!,
          bias[o]!,
        ),
    )
  );
}

function layerNorm(
  x: Rows,
  weight: ArrayLike<number>,
  bias: ArrayLike<number>,
  eps: number,
): Rows {
  return x.map((row) => {
    const mean = row.reduce((a, b) => a + b) / row.length;
    const variance = row.reduce((a, b) => a + (b - mean) ** 2, 0) / row.length;
    const rstd = 1 / Math.sqrt(variance + eps);
    return row.map((value, c) => weight[c]! * (value - mean) * rstd + bias[c]!);
  });
}

/** Softmax over the tokens of a query's own row, then dropout, then the values. */
function attention(
  { q, k, v }: { q: Rows; k: Rows; v: Rows },
  starts: readonly number[],
  heads: number,
  mask: Mask,
): Rows {
  return q.map((query, t) => {
    const end = starts.findIndex((start) => start > t);
    const [first, last] = [starts[end - 1]!, starts[end]!];
    const width = query.length / heads;
    const out = query.map(() => 0);
    for (let head = 0; head < heads; head++) {
      const columns = Array.from({ length: width }, (_, d) => head * width + d);
      const scores = k.slice(first, last).map((key) =>
        columns.reduce((sum, c) => sum + query[c]! * key[c]!, 0) /
        Math.sqrt(width)
      );
      const largest = Math.max(...scores);
      const exponentials = scores.map((score) => Math.exp(score - largest));
      const total = exponentials.reduce((a, b) => a + b);
      exponentials.forEach((exponential, j) => {
        const weight = exponential / total * mask(j, t * heads + head);
        for (const c of columns) out[c]! += weight * v[first + j]![c]!;
      });
    }
    return out;
  });
}

/** Φ by its series around 0 (Abramowitz and Stegun 26.2.10), good to 1e-12 where |x| ≤ 8. */
function phi(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-20; n++) {
    term *= -x * x / (2 * n);
    sum += term / (2 * n + 1);
  }
  return 0.5 + sum / Math.sqrt(2 * Math.PI);
}
