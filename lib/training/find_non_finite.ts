/**
 * Search for the origin of a loss that is not finite.
 *
 * @module
 */
import type { Module } from "../nn/module.ts";
import { Parameter } from "../nn/parameter.ts";
import { gradNorm } from "../optim/clip_grad_norm.ts";
import type { Shape, Tensor } from "../tensor/tensor.ts";
import { topologicalOrder } from "../tensor/topological_order.ts";

/** A tensor with elements that are not finite. */
export interface NonFiniteTensor {
  /** Name of the op that computed it, such as `linear`; undefined for a leaf. */
  readonly op: string | undefined;
  /** Name of the parameter, or names of those that the op read. */
  readonly parameters: readonly string[];
  /** Its shape. */
  readonly shape: Shape;
  /** Number of its elements that are NaN. */
  readonly nan: number;
  /** Number of its elements that are ∞ or -∞. */
  readonly infinite: number;
}

/** Result of {@linkcode findNonFinite}. */
export interface NonFinite {
  /** The loss. */
  readonly loss: number;
  /** 2-norm of all gradients together; undefined if there are none. */
  readonly gradNorm: number | undefined;
  /**
   * The first tensor that is not finite, in the order of the forward pass: an output
   * of an op, or a parameter.
   */
  readonly tensor: NonFiniteTensor | undefined;
  /**
   * The first gradient that is not finite, in the order of the backward pass: that
   * of the parameter nearest to the loss.
   */
  readonly gradient: NonFiniteTensor | undefined;
}

/**
 * Checks that a loss and all gradients are finite, and searches for the first tensor
 * that is not, as far as ops recorded their inputs. Call it after `backward()`,
 * before the optimizer's step, in the scope of the forward pass. It waits for the
 * GPU once, and for every tensor that it must search.
 *
 * @example
 * ```ts ignore
 * loss.backward();
 * const found = await findNonFinite(loss, model);
 * if (found) throw new Error(JSON.stringify(found.tensor ?? found.gradient));
 * optimizer.step();
 * ```
 *
 * @param loss The loss, a scalar.
 * @param model The model, which has the names of the parameters.
 * @returns `undefined` if the loss and every gradient is finite.
 * @throws {RangeError} If the loss has not exactly one element.
 * @throws {ReferenceError} If the scope of the forward pass has ended.
 */
export async function findNonFinite(
  loss: Tensor,
  model: Module,
): Promise<NonFinite | undefined> {
  const numbers = await readNumbers(loss, model);
  const { gradNorm = 0 } = numbers;
  if (Number.isFinite(numbers.loss) && Number.isFinite(gradNorm)) return;
  const names = new Map<Tensor, string>(
    [...model.namedParameters()].map(([name, parameter]) => [parameter, name]),
  );
  const order = topologicalOrder(loss, ({ gradFn }) => gradFn?.inputs ?? []);
  const leaves = new Set([...order.toReversed(), ...names.keys()]);
  const gradient = await first([...leaves].filter(hasGrad), names, gradientOf);
  // The sum of the squares of finite gradients may overflow.
  if (Number.isFinite(numbers.loss) && !gradient) return;
  return { ...numbers, tensor: await first(order, names), gradient };
}

/** Reads the loss and the norm of the gradients with one wait. */
async function readNumbers(
  loss: Tensor,
  model: Module,
): Promise<Pick<NonFinite, "loss" | "gradNorm">> {
  if (loss.size !== 1) {
    throw new RangeError(
      `Cannot check a loss of shape [${loss.shape}]: it must be a scalar; reduce it with mean() or sum()`,
    );
  }
  const { device } = loss;
  const reads = [device.readLater(loss)];
  {
    using _scope = device.scope();
    const norm = gradNorm(model.parameters());
    if (norm) reads.push(device.readLater(norm));
  }
  await device.flushReads();
  const [value, norm] = await Promise.all(reads);
  return { loss: value!, gradNorm: norm };
}

/** The first tensor that has an element which is not finite. */
async function first(
  tensors: readonly Tensor[],
  names: ReadonlyMap<Tensor, string>,
  valuesOf = (tensor: Tensor) => tensor,
): Promise<NonFiniteTensor | undefined> {
  for (const tensor of tensors) {
    if (tensor.dtype !== "f32" || tensor.isDisposed) continue;
    const values = (await valuesOf(tensor).toArray())
      .filter((value) => !Number.isFinite(value));
    if (values.length === 0) continue;
    const { gradFn, shape } = tensor;
    const nan = values.filter(Number.isNaN).length;
    return {
      op: gradFn?.name,
      parameters: (gradFn?.inputs ?? [tensor])
        .flatMap((input) => names.get(input) ?? []),
      shape,
      nan,
      infinite: values.length - nan,
    };
  }
  return undefined;
}

function hasGrad(tensor: Tensor): boolean {
  return tensor.hasGrad;
}

/** The gradient as it is: a sparse one stays sparse. */
function gradientOf(tensor: Tensor): Tensor {
  const rows = tensor instanceof Parameter ? tensor.rowGradient : undefined;
  return rows?.values ?? tensor.grad!;
}
