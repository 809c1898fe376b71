/**
 * Bias of attention scores by content and position: that of DeBERTa.
 *
 * @module
 */
import { record } from "../tensor/autograd.ts";
import { Tensor } from "../tensor/tensor.ts";
import { gemm } from "./gemm/gemm.ts";
import { computeBias, computeBiasGradients } from "./position_bias.ts";
import type { RelativePositions } from "./relative_positions.ts";

/** Terms of {@linkcode disentangledAttentionBias}. */
export interface DisentangledAttention {
  /** The number of heads A; H = A · D. */
  readonly heads: number;
  /** Content to position (queries with the keys of positions), position to content, or both. */
  readonly types: readonly ("c2p" | "p2c")[];
  /** Factor of the scores. */
  readonly scale: number;
}

/** Columns of the operands of one term: of `[T, 3H]` and `[R, …]`. */
interface Term {
  readonly type: "c2p" | "p2c";
  readonly content: number;
  readonly relative: number;
}

/**
 * Computes the terms that disentangled attention adds to the scores of queries
 * and keys: `scale · (q[i] · K[r] + k[j] · Q[r])` of every head, where r is the
 * bucket of the distance i - j, and K and Q are keys and queries of positions.
 * Products are computed once for each row and bucket; all gradients are summed in
 * the order of the rows.
 *
 * Source: He et al. 2020, https://arxiv.org/abs/2006.03654, section 3.1.
 *
 * @param qkv Query, key and value of every token, concatenated, `[T, 3H]`.
 * @param relative Queries of the positions (for `p2c`), then their keys (for `c2p`), concatenated: `[R, H]` or `[R, 2H]`.
 * @param positions The distances of the tokens, with R buckets.
 * @param attention Heads, terms and scale.
 * @returns The bias, `[A, N]`, for `attention`.
 * @throws {RangeError} If the shapes do not match, or there is no term.
 */
export function disentangledAttentionBias(
  qkv: Tensor,
  relative: Tensor,
  positions: RelativePositions,
  { heads, types, scale }: DisentangledAttention,
): Tensor {
  const { device } = qkv;
  const { rows, count } = positions;
  const hidden = qkv.shape.at(-1)! / 3;
  const width = hidden / heads;
  const expected = [count, types.length * hidden];
  if (
    `${qkv.shape}` !== `${[rows, 3 * hidden]}` || !Number.isInteger(width) ||
    types.length === 0 || `${relative.shape}` !== `${expected}`
  ) {
    throw new RangeError(
      `Cannot apply disentangledAttentionBias to [${qkv.shape}] and [${relative.shape}]: ${rows} rows, ${count} buckets and ${types.length} terms of ${heads} heads need [${rows},3H] and [${expected}], with H a multiple of ${heads}`,
    );
  }
  const terms: Term[] = [
    { type: "c2p" as const, content: 0, relative: expected[1]! - hidden },
    { type: "p2c" as const, content: hidden, relative: 0 },
  ].filter(({ type }) => types.includes(type));
  const layout = {
    heads,
    headStride: rows * count,
    rowStride: count,
    bucketStride: 1,
    scale,
  };
  /** Memory of each term, `[A, T, R]`. */
  const allocate = () => {
    const memory = (type: Term["type"]) =>
      types.includes(type)
        ? new Tensor(device, [heads, rows, count])
        : undefined;
    return { byQuery: memory("c2p"), byKey: memory("p2c") };
  };
  type Operands = ReturnType<typeof allocate>;
  const of = (operands: Operands, { type }: Term) => ({
    tensor: (type === "c2p" ? operands.byQuery : operands.byKey)!,
    stride: count,
  });
  const head = (tensor: Tensor, column: number) => ({
    tensor,
    column,
    stride: tensor.shape[1]!,
    batchStride: width,
  });

  const scores = allocate();
  for (const term of terms) {
    gemm(
      "NT",
      { m: rows, n: count, k: width, batch: heads },
      head(qkv, term.content),
      head(relative, term.relative),
      of(scores, term),
    );
  }
  const bias = computeBias(scores, positions, layout);
  scores.byQuery?.dispose(); // no gradient needs them
  scores.byKey?.dispose();
  return record(bias, {
    name: "disentangledAttentionBias",
    inputs: [qkv, relative],
    backward(dBias, [slot]) {
      const gradients = allocate();
      computeBiasGradients(dBias, gradients, positions, layout);
      const dQkv = qkv.requiresGrad
        ? slot?.tensor ?? new Tensor(device, qkv.shape)
        : undefined;
      if (dQkv && !slot?.accumulate) device.clear(dQkv);
      const dRelative = relative.requiresGrad
        ? new Tensor(device, relative.shape)
        : undefined;
      for (const term of terms) {
        const gradient = of(gradients, term);
        if (dQkv) {
          gemm(
            "NN",
            { m: rows, n: width, k: count, batch: heads },
            gradient,
            head(relative, term.relative),
            head(dQkv, term.content),
            { accumulate: true },
          );
        }
        if (dRelative) {
          gemm(
            "TN",
            { m: count, n: width, k: rows, batch: heads },
            gradient,
            head(qkv, term.content),
            head(dRelative, term.relative),
          );
        }
      }
      gradients.byQuery?.dispose();
      gradients.byKey?.dispose();
      return [dQkv, dRelative];
    },
  });
}
