/**
 * The linear layer: a product with a weight matrix, a bias, and perhaps GELU.
 *
 * @module
 */
import { isRecording, record } from "../tensor/autograd.ts";
import { type GradSlot, sameShape, Tensor } from "../tensor/tensor.ts";
import { geluBackward } from "./gelu.ts";
import { product } from "./product.ts";

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
  const inputs = [x, ...weights, ...biases];
  const outputs = rowsOf(weights);
  const u = new Tensor(device, [...x.shape.slice(0, -1), outputs]);
  const y = options.activation ? new Tensor(device, u.shape) : u;
  forward(x, partsOf(weights, biases), u, options.activation && y);

  if (isRecording(inputs)) {
    record(y, {
      name: "linear",
      inputs,
      backward(dY, slots) {
        const dU = options.activation ? geluBackward(u, dY) : dY;
        const gradients = backward(dU, x, weights, biases, slots);
        if (dU !== dY) dU.dispose();
        return gradients;
      },
    });
  } else if (y !== u) u.dispose();
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
    product(
      "NT",
      { m: u.size / outputs, n: weight.shape[0]!, k },
      { tensor: x, stride: k },
      { tensor: weight, stride: k },
      { tensor: u, stride: outputs, column },
      { bias, gelu },
    );
  }
}

/** Gradients of x, the weights and the biases, in that order. */
function backward(
  dY: Tensor,
  x: Tensor,
  weights: readonly Tensor[],
  biases: readonly Tensor[],
  slots: readonly (GradSlot | undefined)[],
): (Tensor | undefined)[] {
  const { device } = x;
  const place = (input: Tensor, i: number): GradSlot | undefined =>
    slots[i] ??
      (input.requiresGrad
        ? { tensor: new Tensor(device, input.shape), accumulate: false }
        : undefined);
  const dX = place(x, 0);
  const dWeights = weights.map((weight, i) => place(weight, 1 + i));
  const dBiases = biases.map((bias, i) => place(bias, 1 + weights.length + i));
  const inputs = x.shape.at(-1)!;
  const stride = dY.shape.at(-1)!;
  const rows = x.size / inputs;

  for (
    const { weight, dWeight, dBias, column } of partsOf(
      weights,
      biases,
      dWeights,
      dBiases,
    )
  ) {
    const outputs = weight.shape[0]!;
    const dy = { tensor: dY, stride, column };
    if (dX) {
      product(
        "NN",
        { m: rows, n: inputs, k: outputs },
        dy,
        { tensor: weight, stride: inputs },
        { tensor: dX.tensor, stride: inputs },
        { accumulate: column > 0 || dX.accumulate },
      );
    }
    if (dWeight || dBias) {
      product(
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
  return [dX, ...dWeights, ...dBiases].map((slot) => slot?.tensor);
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
