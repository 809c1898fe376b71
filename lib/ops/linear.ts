/**
 * The linear layer: a product with a weight matrix, a bias, and perhaps GELU.
 *
 * @module
 */
import { record } from "../tensor/autograd.ts";
import { type GradSlot, sameShape, Tensor } from "../tensor/tensor.ts";
import { geluBackward, geluInput, recordGelu } from "./gelu.ts";
import { gemm } from "./gemm.ts";

/** Options of {@linkcode linear}. */
export interface LinearOptions {
  /**
   * What is applied to the result.
   *
   * @default None.
   */
  activation?: "gelu";
}

/**
 * Applies a linear layer: `y = x Wᵀ + b`, or `gelu(x Wᵀ + b)`. Several weights
 * give their results side by side; where they lie side by side in memory too,
 * as a query, key and value do, that is one product.
 *
 * @param x Input, `[..., I]`.
 * @param weight `[O, I]` as in PyTorch, or several `[Oᵢ, I]`.
 * @param bias `[O]`, or as many as weights; none if left out.
 * @param options The activation.
 * @returns Output, `[..., ΣOᵢ]`.
 * @throws {RangeError} If a shape does not fit.
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
  // Where x is GELU of something, the gradient goes to that at once.
  const source = geluInput(x) ?? x;
  const inputs = [source, ...weights, ...biases];
  const outputs = rowsOf(weights);
  const u = new Tensor(device, [...x.shape.slice(0, -1), outputs]);
  const y = options.activation ? new Tensor(device, u.shape) : u;
  forward(x, partsOf(weights, biases), u, options.activation && y);

  record(u, {
    name: "linear",
    inputs,
    backward: (dU, slots) => backward(dU, x, source, weights, biases, slots),
  });
  if (u.requiresGrad) return y === u ? u : recordGelu(u, y);
  if (y !== u) u.dispose();
  return y;
}

/** One product of the layer: columns `column …` of its output. */
interface Part {
  weight: Tensor;
  bias: Tensor | undefined;
  dWeight: GradSlot | undefined;
  dBias: GradSlot | undefined;
  column: number;
}

/** The layer's products: one, if everything lies side by side, else one a weight. */
function partsOf(
  weights: readonly Tensor[],
  biases: readonly Tensor[],
  dWeights: readonly (GradSlot | undefined)[] = [],
  dBiases: readonly (GradSlot | undefined)[] = [],
): Part[] {
  const weight = joined(weights);
  const bias = joined(biases);
  const dWeight = joinedSlots(dWeights);
  const dBias = joinedSlots(dBiases);
  if (
    weight && (bias || biases.length === 0) && dWeight !== "apart" &&
    dBias !== "apart"
  ) {
    return [{ weight, bias, dWeight, dBias, column: 0 }];
  }
  let column = 0;
  return weights.map((weight, i) => {
    const part = {
      weight,
      bias: biases[i],
      dWeight: dWeights[i],
      dBias: dBiases[i],
      column,
    };
    column += weight.shape[0]!;
    return part;
  });
}

/** The tensors as one, if each begins where the one before it ends. */
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
  for (const { weight, bias, column } of parts) {
    gemm(
      "NT",
      { m: u.size / outputs, n: weight.shape[0]!, k },
      { tensor: x, stride: k },
      { tensor: weight, stride: k },
      { tensor: u, stride: outputs, column },
      { bias, gelu },
    );
  }
}

/** FlatGradients of x or what it is GELU of, the weights and the biases, in that order. */
function backward(
  dY: Tensor,
  x: Tensor,
  source: Tensor,
  weights: readonly Tensor[],
  biases: readonly Tensor[],
  slots: readonly (GradSlot | undefined)[],
): (Tensor | undefined)[] {
  const { device } = x;
  const place = (input: Tensor, slot: GradSlot | undefined) =>
    slot ??
      (input.requiresGrad
        ? { tensor: new Tensor(device, input.shape), accumulate: false }
        : undefined);
  const dWeights = weights.map((weight, i) => place(weight, slots[1 + i]));
  const dBiases = biases.map((bias, i) =>
    place(bias, slots[1 + weights.length + i])
  );
  const parts = partsOf(weights, biases, dWeights, dBiases);
  const u = source === x ? undefined : source;
  // A product multiplies by gelu'(u) all that it leaves, which must be this gradient, whole.
  const isFused = parts.length === 1 && !slots[0]?.accumulate;
  const dX = place(source, u && !isFused ? undefined : slots[0]);
  const inputs = x.shape.at(-1)!;
  const stride = dY.shape.at(-1)!;
  const rows = x.size / inputs;

  for (const { weight, dWeight, dBias, column } of parts) {
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
          accumulate: column > 0 || dX.accumulate,
          geluBackward: isFused ? u : undefined,
        },
      );
    }
    if (dWeight || dBias) {
      gemm(
        "TN",
        { m: outputs, n: inputs, k: rows },
        dy,
        { tensor: x, stride: inputs },
        // The sums of a bias come out of a product, needed or not.
        {
          tensor: dWeight?.tensor ?? new Tensor(device, weight.shape),
          stride: inputs,
        },
        { accumulate: dWeight?.accumulate === true, sums: dBias },
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

/** Several places as one; `"apart"` if they are not side by side or not alike. */
function joinedSlots(
  slots: readonly (GradSlot | undefined)[],
): GradSlot | undefined | "apart" {
  const [first] = slots;
  if (slots.every((slot) => slot === undefined)) return undefined;
  if (slots.some((slot) => slot?.accumulate !== first?.accumulate)) {
    return "apart";
  }
  const tensor = joined(slots.map((slot) => slot!.tensor));
  return tensor ? { tensor, accumulate: first!.accumulate } : "apart";
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
