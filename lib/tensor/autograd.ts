/**
 * Reverse-mode automatic differentiation. Ops record their inputs and backward
 * function on their output; `backward` visits the records from the loss to the
 * leaves.
 *
 * The gradient of a leaf is added to its `grad`; that of an intermediate tensor
 * is the sum over the ops that read it. If memory for the gradient of an input
 * exists already, the op gets it as a slot and can write or add to it directly.
 *
 * @module
 */
import type { StorageBuffer } from "../gpu/storage_buffer.ts";
import type { GradFn, GradSlot, Tensor } from "./tensor.ts";

/** `target = source` or `target += source`, the only op that the engine itself needs. */
export type Accumulate = (target: GradSlot, source: Tensor) => void;

let accumulate: Accumulate = () => {
  throw new Error("Cannot differentiate: lib/ops/accumulate.ts is not loaded");
};

/** Sets the op that adds gradients; called once, by lib/ops/accumulate.ts. */
export function provideAccumulate(op: Accumulate): void {
  accumulate = op;
}

/** Number of noGrad() handles that are not disposed. */
let noGradCount = 0;

/**
 * Turns gradients off until the returned handle is disposed, as `torch.no_grad`:
 * tensors computed meanwhile are not recorded and require no gradient. Without
 * `using`, gradients stay off.
 *
 * @returns A handle that turns gradients on again, for `using`.
 * @throws {TypeError} If it gets an argument, such as a function to call.
 *
 * @example
 * ```ts ignore
 * {
 *   using _noGrad = noGrad();
 *   const { logits } = model.forward(batch);
 * } // gradients are on again
 * ```
 */
export function noGrad(): Disposable {
  if (arguments.length > 0) {
    throw new TypeError(
      "Cannot call noGrad() with an argument: it returns a handle; write `using _noGrad = noGrad();` at the start of a block instead",
    );
  }
  noGradCount++;
  let disposed = false;
  return {
    [Symbol.dispose]: () => {
      if (!disposed) noGradCount--;
      disposed = true;
    },
  };
}

/**
 * Checks whether an op with these inputs is recorded.
 *
 * @param inputs The tensors that the op reads.
 * @returns Whether any of them requires a gradient and gradients are on.
 */
export function isRecording(inputs: readonly Tensor[]): boolean {
  return noGradCount === 0 && inputs.some((input) => input.requiresGrad);
}

/**
 * Records an op on its output, if any input requires a gradient and gradients
 * are on.
 *
 * @param out The output of the op.
 * @param gradFn The inputs and the backward function of the op.
 * @returns `out`.
 */
export function record(out: Tensor, gradFn: GradFn): Tensor {
  if (isRecording(gradFn.inputs)) {
    out.requiresGrad = true;
    out.gradFn = gradFn;
  }
  return out;
}

/**
 * Differentiates `root` with respect to every leaf that it depends on, and adds
 * each gradient to the leaf's `grad`.
 *
 * @param root The tensor to differentiate.
 * @param dRoot Gradient of the loss with respect to `root`, of its shape.
 * @throws {Error} If `root` was not recorded, or an op returns a different number of
 * gradients than it has inputs.
 */
export function backward(root: Tensor, dRoot: Tensor): void {
  if (!root.requiresGrad) {
    throw new Error(
      `Cannot differentiate a tensor of shape [${root.shape}]: ` +
        (noGradCount > 0
          ? "gradients are off: a noGrad() is not disposed; write `using _noGrad = noGrad();` in a block that ends before the forward pass"
          : "no tensor that it was computed from requires a gradient, or noGrad() was in force"),
    );
  }
  using _noGrad = noGrad(); // gradients are not differentiated again
  const grads = new IntermediateGradients(root.device.allocations);
  grads.set(root, dRoot);
  const order = topologicalOrder(root, (input) => input.requiresGrad);
  for (const tensor of order.reverse()) {
    const dOut = grads.take(tensor);
    if (!dOut) continue;
    if (!tensor.gradFn) {
      addToLeaf(tensor, dOut); // `root` is a leaf itself
      continue;
    }
    const { name, inputs, backward } = tensor.gradFn;
    // An input that an op reads twice gets one slot: two would overwrite each other.
    const slots = inputs.map((input, i) =>
      inputs.indexOf(input) === i ? grads.slotOf(input) : undefined
    );
    const dInputs = backward(dOut, slots);
    if (dInputs.length !== inputs.length) {
      throw new Error(
        `Cannot differentiate "${name}": its backward() returned ${dInputs.length} gradients for ${inputs.length} inputs`,
      );
    }
    inputs.forEach((input, i) => {
      const dInput = dInputs[i];
      if (!input.requiresGrad || !dInput) return;
      if (!input.gradFn) addToLeaf(input, dInput);
      else if (dInput !== slots[i]?.tensor) grads.set(input, dInput);
    });
    grads.free(dOut);
  }
}

/** Adds a gradient to a leaf's `grad`, unless the op has written it to the slot. */
function addToLeaf(leaf: Tensor, gradient: Tensor): void {
  const slot = leaf.gradSlot();
  if (gradient !== slot.tensor) accumulate(slot, gradient);
  leaf.grad = slot.tensor;
}

/** Gradients of intermediate tensors, until the backward pass has used them. */
class IntermediateGradients {
  readonly #gradients = new Map<Tensor, Tensor>();
  /** Number of tensors that share the buffer of their gradient: `add` returns one for both inputs. */
  readonly #uses = new Map<StorageBuffer, number>();
  /** Buffers allocated after this many allocations belong to the backward pass. */
  readonly #start: number;

  constructor(start: number) {
    this.#start = start;
  }

  /** Removes the gradient of a tensor and returns it. */
  take(tensor: Tensor): Tensor | undefined {
    const gradient = this.#gradients.get(tensor);
    this.#gradients.delete(tensor);
    return gradient;
  }

  /** Slot for the gradient of `input`: that of a leaf, or the partial sum of an intermediate tensor. */
  slotOf(input: Tensor): GradSlot | undefined {
    if (!input.requiresGrad) return undefined;
    if (!input.gradFn) return input.gradSlot();
    const gradient = this.#gradients.get(input);
    return gradient && this.#owns(gradient) &&
        this.#uses.get(gradient.storage) === 1
      ? { tensor: gradient, accumulate: true }
      : undefined;
  }

  /** Sets the gradient of a tensor, or adds to it. */
  set(tensor: Tensor, gradient: Tensor): void {
    const earlier = this.#gradients.get(tensor);
    let sum = gradient;
    if (earlier) {
      sum = tensor.emptyLike();
      accumulate({ tensor: sum, accumulate: false }, earlier);
      accumulate({ tensor: sum, accumulate: true }, gradient);
      this.free(earlier);
    }
    this.#gradients.set(tensor, sum);
    this.#uses.set(sum.storage, (this.#uses.get(sum.storage) ?? 0) + 1);
  }

  /** Releases the memory of a gradient once no other tensor shares it. */
  free(gradient: Tensor): void {
    const { storage } = gradient;
    const uses = (this.#uses.get(storage) ?? 0) - 1;
    this.#uses.set(storage, uses);
    if (uses <= 0 && this.#owns(gradient)) gradient.device.release(storage);
  }

  #owns({ storage }: Tensor): boolean {
    return storage.allocation > this.#start;
  }
}

/**
 * Lists all tensors that a tensor depends on, each after the tensors it was computed
 * from.
 *
 * @param root The tensor.
 * @param isFollowed Whether an input is listed; else it is left out with all that it alone depends on.
 * @returns The tensors, `root` last.
 */
export function topologicalOrder(
  root: Tensor,
  isFollowed: (input: Tensor) => boolean,
): Tensor[] {
  const order = new Set<Tensor>();
  const visited = new Set<Tensor>();
  const stack = [root]; // no recursion: a chain of ops may be deeper than the call stack
  while (stack.length > 0) {
    const tensor = stack.at(-1)!;
    if (visited.has(tensor)) {
      order.add(tensor);
      stack.pop();
      continue;
    }
    visited.add(tensor);
    const inputs = tensor.gradFn?.inputs ?? [];
    stack.push(...inputs.filter(isFollowed).reverse());
  }
  return [...order];
}
