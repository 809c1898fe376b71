/**
 * The linear layer: a product with a weight matrix, a bias, and optional GELU.
 *
 * @module
 */
import { record } from "../tensor/autograd.ts";
import { rowsFrom, shardsOf } from "../tensor/shards.ts";
import { type GradSlot, sameShape, Tensor } from "../tensor/tensor.ts";
import { geluBackward, geluInput, recordGelu } from "./gelu.ts";
import { gemm } from "./gemm/gemm.ts";

/** Options of {@linkcode linear}. */
export interface LinearOptions {
  /**
   * Activation of the result.
   *
   * @default None.
   */
  activation?: "gelu";
}

/**
 * Applies a linear layer: `y = x Wᵀ + b`, or `gelu(x Wᵀ + b)`. The outputs of
 * several weights are concatenated; weights that are contiguous in memory, as
 * query, key and value are, take one product.
 *
 * @param x Input, `[..., I]`.
 * @param weight Weight `[O, I]`, as in PyTorch, or several `[Oᵢ, I]`. A single one may be split.
 * @param bias Bias `[O]`, or one for each weight; none if left out.
 * @param options The activation.
 * @returns Output, `[..., ΣOᵢ]`.
 * @throws {RangeError} If the shapes do not match.
 */
export function linear(
  x: Tensor,
  weight: Tensor | readonly Tensor[],
  bias?: Tensor | readonly Tensor[],
  options: LinearOptions = {},
): Tensor {
  const { device } = x;
  const weights = weight instanceof Tensor ? [weight] : weight;
  const biases = bias instanceof Tensor ? [bias] : bias ?? [];
  check(x, weights, biases);
  // If x = gelu(u), backward yields du directly.
  const source = geluInput(x) ?? x;
  const inputs = [source, ...weights, ...biases];
  const outputs = rowsOf(weights);
  const u = new Tensor(device, [...x.shape.slice(0, -1), outputs]);
  const y = options.activation ? new Tensor(device, u.shape) : u;
  forward(x, partsOf(weights, biases), u, options.activation && y);

  record(u, {
    name: "linear",
    inputs,
    ...source !== x && { saved: [x] },
    backward: (dU, slots) => backward(dU, x, source, weights, biases, slots),
  });
  if (u.requiresGrad) return y === u ? u : recordGelu(u, y);
  if (y !== u) u.dispose();
  return y;
}

/** One product of the layer; its output begins at column `column`. */
interface Part {
  weight: Tensor;
  bias: Tensor | undefined;
  dWeight: GradSlot | undefined;
  dBias: GradSlot | undefined;
  column: number;
  /** Whether its sums are never divided: a shard has the bits of its rows in the whole weight. */
  inOrder: boolean;
}

/** The products of the layer: one, if all tensors are contiguous, else one per weight or shard. */
function partsOf(
  weights: readonly Tensor[],
  biases: readonly Tensor[],
  dWeights: readonly (GradSlot | undefined)[] = [],
  dBiases: readonly (GradSlot | undefined)[] = [],
): Part[] {
  if (isSplit(weights)) {
    return partsOfSplit(weights[0]!, biases[0], dWeights[0], dBiases[0]);
  }
  const weight = joined(weights);
  const bias = joined(biases);
  const dWeight = joinedSlots(dWeights);
  const dBias = joinedSlots(dBiases);
  if (
    weight && (bias || biases.length === 0) && dWeight !== "separate" &&
    dBias !== "separate"
  ) {
    const inOrder = isTable(weight);
    return [{ weight, bias, dWeight, dBias, column: 0, inOrder }];
  }
  let column = 0;
  return weights.map((weight, i) => {
    const part = {
      weight,
      bias: biases[i],
      dWeight: dWeights[i],
      dBias: dBiases[i],
      column,
      inOrder: isTable(weight),
    };
    column += weight.shape[0]!;
    return part;
  });
}

/** Outputs per input of an embedding table; of other layers they are a few. */
const TABLE_RATIO = 16;

/**
 * Whether a weight is an embedding table, which other devices may split: all
 * results have the same bits there.
 */
function isTable({ shape }: Tensor): boolean {
  return shape[0]! >= TABLE_RATIO * shape[1]!;
}

function isSplit(weights: readonly Tensor[]): boolean {
  return weights.length === 1 && weights[0]!.storage.shards !== undefined;
}

/** One product per shard of a weight. */
function partsOfSplit(
  weight: Tensor,
  bias: Tensor | undefined,
  dWeight: GradSlot | undefined,
  dBias: GradSlot | undefined,
): Part[] {
  const dShards = dWeight && shardsOf(dWeight.tensor);
  return shardsOf(weight).map(({ rows, first }, i) => {
    const part = (vector: Tensor) => rowsFrom(vector, first, rows.shape[0]!);
    const slot = (tensor: Tensor, { accumulate }: GradSlot) => ({
      tensor,
      accumulate,
    });
    return {
      weight: rows,
      bias: bias && part(bias),
      dWeight: dWeight && slot(dShards![i]!.rows, dWeight),
      dBias: dBias && slot(part(dBias.tensor), dBias),
      column: first,
      inOrder: true,
    };
  });
}

/** The tensors as one, if they are contiguous in memory. */
function joined(tensors: readonly Tensor[]): Tensor | undefined {
  const [first] = tensors;
  if (!first || tensors.length === 1) return first;
  let end = first.byteOffset;
  for (const { storage, byteOffset, byteLength } of tensors) {
    if (storage !== first.storage || byteOffset !== end) return undefined;
    end += byteLength;
  }
  return new Tensor(first.device, [rowsOf(tensors), ...first.shape.slice(1)], {
    storage: first.storage,
    byteOffset: first.byteOffset,
  });
}

function rowsOf(tensors: readonly Tensor[]): number {
  return tensors.reduce((sum, { shape }) => sum + shape[0]!, 0);
}

function forward(
  x: Tensor,
  parts: readonly Part[],
  u: Tensor,
  gelu: Tensor | undefined,
): void {
  const k = x.shape.at(-1)!;
  const outputs = u.shape.at(-1)!;
  for (const { weight, bias, column, inOrder } of parts) {
    gemm(
      "NT",
      { m: u.size / outputs, n: weight.shape[0]!, k },
      { tensor: x, stride: k },
      { tensor: weight, stride: k },
      { tensor: u, stride: outputs, column },
      { bias, gelu, inOrder },
    );
  }
}

/** Gradients of x (or of u, if x = gelu(u)), the weights and the biases, in that order. */
function backward(
  dY: Tensor,
  x: Tensor,
  source: Tensor,
  weights: readonly Tensor[],
  biases: readonly Tensor[],
  slots: readonly (GradSlot | undefined)[],
): (Tensor | undefined)[] {
  const { device } = x;
  const slotFor = (input: Tensor, slot: GradSlot | undefined) =>
    slot ??
      (input.requiresGrad
        ? { tensor: new Tensor(device, input.shape), accumulate: false }
        : undefined);
  const dWeights = weights.map((weight, i) => slotFor(weight, slots[1 + i]));
  const dBiases = biases.map((bias, i) =>
    slotFor(bias, slots[1 + weights.length + i])
  );
  const parts = partsOf(weights, biases, dWeights, dBiases);
  const u = source === x ? undefined : source;
  // The sum of a split weight is one sum over its shards, which starts from 0.
  const resumes = isSplit(weights);
  // A fused gelu'(u) multiplies all of C, so C must be the complete gradient, and nothing else.
  const isFused = (parts.length === 1 || resumes) && !slots[0]?.accumulate;
  const isSeparate = (u && !isFused) || (resumes && slots[0]?.accumulate);
  const dX = slotFor(source, isSeparate ? undefined : slots[0]);
  const inputs = x.shape.at(-1)!;
  const stride = dY.shape.at(-1)!;
  const rows = x.size / inputs;

  for (const part of parts) {
    const { weight, dWeight, dBias, column, inOrder } = part;
    const isLast = part === parts.at(-1);
    const outputs = weight.shape[0]!;
    const dy = { tensor: dY, stride, column };
    if (dX) {
      gemm(
        "NN",
        { m: rows, n: inputs, k: outputs },
        dy,
        { tensor: weight, stride: inputs },
        { tensor: dX.tensor, stride: inputs },
        {
          accumulate: !resumes && (column > 0 || dX.accumulate),
          resume: resumes && column > 0,
          inOrder,
          geluBackward: isFused && isLast ? u : undefined,
        },
      );
    }
    if (dWeight || dBias) {
      gemm(
        "TN",
        { m: outputs, n: inputs, k: rows },
        dy,
        { tensor: x, stride: inputs },
        // Computed even if only dBias is needed, which is a by-product.
        {
          tensor: dWeight?.tensor ?? new Tensor(device, weight.shape),
          stride: inputs,
        },
        { accumulate: dWeight?.accumulate === true, sums: dBias, inOrder },
      );
    }
  }
  const gradients = [dX, ...dWeights, ...dBiases].map((slot) => slot?.tensor);
  if (dX && u && !isFused) {
    gradients[0] = geluBackward(u, dX.tensor);
    dX.tensor.dispose();
  }
  return gradients;
}

/** Several slots as one; `"separate"` if they are not contiguous, or only some accumulate. */
function joinedSlots(
  slots: readonly (GradSlot | undefined)[],
): GradSlot | undefined | "separate" {
  const [first] = slots;
  if (slots.every((slot) => slot === undefined)) return undefined;
  if (slots.some((slot) => slot?.accumulate !== first?.accumulate)) {
    return "separate";
  }
  const tensor = joined(slots.map((slot) => slot!.tensor));
  return tensor ? { tensor, accumulate: first!.accumulate } : "separate";
}

function check(
  x: Tensor,
  weights: readonly Tensor[],
  biases: readonly Tensor[],
): void {
  const refuse = (reason: string): never => {
    throw new RangeError(`Cannot apply linear to [${x.shape}]: ${reason}`);
  };
  const inputs = x.shape.at(-1);
  for (const { shape } of weights) {
    if (shape.length !== 2 || shape[1] !== inputs) {
      refuse(`weight must be [O,${inputs}], not [${shape}]`);
    }
  }
  if (biases.length > 0 && biases.length !== weights.length) {
    refuse(
      `${weights.length} weights need as many biases, not ${biases.length}`,
    );
  }
  biases.forEach(({ shape }, i) => {
    const expected = [weights[i]!.shape[0]!];
    if (!sameShape(shape, expected)) {
      refuse(`bias must be [${expected}], not [${shape}]`);
    }
  });
}
