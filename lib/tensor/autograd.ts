/**
 * Reverse-mode differentiation. An op records how it was made; `backward`
 * walks the records from the loss to the leaves.
 *
 * A leaf's gradient adds to what `grad` holds already; that of a value in
 * between is the sum over the ops that read it. An op gets a slot for an input
 * whose gradient has a place already, so that it can write or add there itself.
 *
 * @module
 */
import type { StorageBuffer } from "../gpu/buffer_pool.ts";
import type { GradFn, GradSlot, Tensor } from "./tensor.ts";

/** `target = source` or `target += source`: the one op that the engine itself needs. */
export type Accumulate = (target: GradSlot, source: Tensor) => void;

let accumulate: Accumulate = () => {
  throw new Error("Cannot go back: lib/ops/accumulate.ts was not loaded");
};

/** Tells the engine how to add gradients; called once, by the op that does. */
export function provideAccumulate(op: Accumulate): void {
  accumulate = op;
}

let recordingStopped = 0;

/**
 * Stops recording until it is disposed: what is computed meanwhile needs no
 * gradient.
 *
 * @returns A handle for `using`.
 *
 * @example
 * ```ts ignore
 * using _noGrad = noGrad();
 * ```
 */
export function noGrad(): Disposable {
  recordingStopped++;
  let disposed = false;
  return {
    [Symbol.dispose]: () => {
      if (!disposed) recordingStopped--;
      disposed = true;
    },
  };
}

/**
 * Tells whether an op over these inputs would be recorded.
 *
 * @param inputs The tensors that the op reads.
 * @returns Whether any of them needs a gradient and recording is not stopped.
 */
export function isRecording(inputs: readonly Tensor[]): boolean {
  return recordingStopped === 0 && inputs.some((input) => input.requiresGrad);
}

/**
 * Records an op on its output, if any input needs a gradient.
 *
 * @param out The op's output.
 * @param gradFn The op's inputs and how to go back through it.
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
 * Adds the gradient of `root` to `grad` of every leaf that it depends on.
 *
 * @param root The tensor to differentiate.
 * @param dRoot Gradient of the loss with respect to `root`, of its shape.
 * @throws {Error} If an op returns a different number of gradients than it has inputs.
 */
export function backward(root: Tensor, dRoot: Tensor): void {
  if (!root.requiresGrad) {
    throw new Error(
      `Cannot go back from a tensor of shape [${root.shape}]: nothing that it was made from requires a gradient`,
    );
  }
  using _noGrad = noGrad(); // gradients are not differentiated again
  const grads = new Gradients(root.device.allocations);
  grads.set(root, dRoot);
  for (const tensor of topologicalOrder(root).reverse()) {
    const dOut = grads.take(tensor);
    if (!dOut) continue;
    if (!tensor.gradFn) {
      keep(tensor, dOut); // a leaf is differentiated by itself
      continue;
    }
    const { name, inputs, backward } = tensor.gradFn;
    // An input that an op reads twice has one slot: two would overwrite each other.
    const slots = inputs.map((input, i) =>
      inputs.indexOf(input) === i ? grads.slotOf(input) : undefined
    );
    const dInputs = backward(dOut, slots);
    if (dInputs.length !== inputs.length) {
      throw new Error(
        `Cannot go back through "${name}": it returned ${dInputs.length} gradients for ${inputs.length} inputs`,
      );
    }
    inputs.forEach((input, i) => {
      const dInput = dInputs[i];
      if (!input.requiresGrad || !dInput) return;
      if (!input.gradFn) keep(input, dInput);
      else if (dInput !== slots[i]?.tensor) grads.set(input, dInput);
    });
    grads.free(dOut);
  }
}

/** Puts a leaf's gradient where it stays, unless the op has done so. */
function keep(leaf: Tensor, gradient: Tensor): void {
  const slot = leaf.gradSlot();
  if (gradient !== slot.tensor) accumulate(slot, gradient);
  leaf.grad = slot.tensor;
}

/** The gradients of the values in between, while the walk needs them. */
class Gradients {
  readonly #of = new Map<Tensor, Tensor>();
  /** How many values have their gradient in a buffer: `add` gives one to both its inputs. */
  readonly #uses = new Map<StorageBuffer, number>();
  /** Buffers allocated later than this are the walk's own. */
  readonly #start: number;

  constructor(start: number) {
    this.#start = start;
  }

  take(tensor: Tensor): Tensor | undefined {
    const gradient = this.#of.get(tensor);
    this.#of.delete(tensor);
    return gradient;
  }

  /** Where an op may put the gradient of `input`: a leaf's place, or an earlier part of the sum. */
  slotOf(input: Tensor): GradSlot | undefined {
    if (!input.requiresGrad) return undefined;
    if (!input.gradFn) return input.gradSlot();
    const gradient = this.#of.get(input);
    return gradient && this.#owns(gradient) &&
        this.#uses.get(gradient.storage) === 1
      ? { tensor: gradient, accumulate: true }
      : undefined;
  }

  set(tensor: Tensor, gradient: Tensor): void {
    const earlier = this.#of.get(tensor);
    let sum = gradient;
    if (earlier) {
      sum = tensor.emptyLike();
      accumulate({ tensor: sum, accumulate: false }, earlier);
      accumulate({ tensor: sum, accumulate: true }, gradient);
      this.free(earlier);
    }
    this.#of.set(tensor, sum);
    this.#uses.set(sum.storage, (this.#uses.get(sum.storage) ?? 0) + 1);
  }

  /** Gives a gradient's memory back once no value has it any more. */
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

/** Every tensor that `root` depends on, each after the tensors it was made from. */
function topologicalOrder(root: Tensor): Tensor[] {
  const order = new Set<Tensor>();
  const opened = new Set<Tensor>();
  const stack = [root]; // of its own: a chain of ops may be longer than the host's is deep
  while (stack.length > 0) {
    const tensor = stack.at(-1)!;
    if (opened.has(tensor)) {
      order.add(tensor);
      stack.pop();
      continue;
    }
    opened.add(tensor);
    const inputs = tensor.gradFn?.inputs ?? [];
    stack.push(...inputs.filter((t) => t.requiresGrad).reverse());
  }
  return [...order];
}
