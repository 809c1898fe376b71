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
import type { CheckpointGradFn, GradFn, GradSlot, Tensor } from "./tensor.ts";
import { topologicalOrder } from "./topological_order.ts";

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
/** Outputs recorded by the innermost function whose outputs are collected; `undefined` outside of any. */
let recorded: Set<Tensor> | undefined;

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
    recorded?.add(out);
  }
  return out;
}

/** The inputs of the op that computed a tensor, as far as they require a gradient. */
function recordedInputs({ gradFn }: Tensor): Tensor[] {
  return gradFn?.inputs.filter((input) => input.requiresGrad) ?? [];
}

/**
 * Finds the tensors that the ops of a function record.
 *
 * @param fn The function.
 * @returns Its output, and the outputs of its ops that were recorded.
 */
export function recordedBy(
  fn: () => Tensor,
): { output: Tensor; tensors: ReadonlySet<Tensor> } {
  const found = collect(fn);
  for (const tensor of found.tensors) recorded?.add(tensor);
  return found;
}

/** The same; a checkpoint around it does not find them. */
function collect(
  fn: () => Tensor,
): { output: Tensor; tensors: ReadonlySet<Tensor> } {
  const outer = recorded;
  const tensors = recorded = new Set<Tensor>();
  try {
    return { output: fn(), tensors };
  } finally {
    recorded = outer;
  }
}

/**
 * Records a function as if it were one op.
 *
 * @param fn The function.
 * @returns Its output, and the tensors that its ops read and that require a gradient, in the order
 * in which `backward` would find them; `undefined` if the output was not recorded.
 */
export function recordAsOne(
  fn: () => Tensor,
): { output: Tensor; inputs: readonly Tensor[] | undefined } {
  const { output, tensors: inner } = collect(fn);
  if (!inner.has(output)) return { output, inputs: undefined };
  recorded?.add(output);
  const order = topologicalOrder(
    output,
    (tensor) => inner.has(tensor) ? recordedInputs(tensor) : [],
  );
  return { output, inputs: order.filter((tensor) => !inner.has(tensor)) };
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
  differentiate(root, grads);
}

/** Differentiates `root`, whose gradient is in `grads`, as far as `end`. */
function differentiate(
  root: Tensor,
  grads: IntermediateGradients,
  end: ReadonlySet<Tensor> = new Set(),
): void {
  const order = topologicalOrder(
    root,
    (tensor) => recordedInputs(tensor).filter((input) => !end.has(input)),
  );
  for (const tensor of order.reverse()) {
    const dOut = grads.take(tensor);
    if (!dOut) continue;
    const { gradFn } = tensor;
    if (!gradFn) {
      addToLeaf(tensor, dOut); // `root` is a leaf itself
      continue;
    }
    if ("recompute" in gradFn) {
      differentiateAgain(gradFn, dOut, grads);
      tensor.releaseFull();
      continue;
    }
    const { name, inputs, backward } = gradFn;
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
    grads.freeUnused(dInputs, slots);
    grads.free(dOut);
    // Ops that read its values were differentiated before.
    for (const read of [tensor, ...gradFn.saved ?? []]) read.releaseFull();
  }
}

/** Differentiates the ops of a checkpoint, which are computed again. */
function differentiateAgain(
  { inputs, recompute }: CheckpointGradFn,
  dOut: Tensor,
  grads: IntermediateGradients,
): void {
  const { device } = dOut;
  using _scope = device.scope(); // frees the tensors that are computed again
  const output = withGrad(recompute);
  grads.moveTo(output, dOut);
  differentiate(output, grads, new Set(inputs));
  for (const input of inputs) grads.moveToOuterScope(input);
}

/** Calls a function with gradients on. */
function withGrad<T>(fn: () => T): T {
  const count = noGradCount;
  noGradCount = 0;
  try {
    return fn();
  } finally {
    noGradCount = count;
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

  /** Gives a gradient that was taken from one tensor to another. */
  moveTo(tensor: Tensor, gradient: Tensor): void {
    this.#gradients.set(tensor, gradient);
  }

  /** Keeps the gradient of a tensor, if it has one, when the innermost scope ends. */
  moveToOuterScope(tensor: Tensor): void {
    const gradient = this.#gradients.get(tensor);
    gradient?.device.moveToOuterScope(gradient.storage);
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

  /** Releases gradients that were added to others, or that no input needs. */
  freeUnused(
    dInputs: readonly (Tensor | undefined)[],
    slots: readonly (GradSlot | undefined)[],
  ): void {
    dInputs.forEach((dInput, i) => {
      // Several may be parts of one buffer.
      if (!dInput || dInput.isDisposed || dInput === slots[i]?.tensor) return;
      const { device, storage } = dInput;
      if (!this.#uses.get(storage) && this.#owns(dInput)) {
        device.release(storage);
      }
    });
  }

  #owns({ storage }: Tensor): boolean {
    return storage.allocation > this.#start;
  }
}
