/**
 * Activation checkpointing: memory for time.
 *
 * Source: Chen et al. 2016, https://arxiv.org/abs/1604.06174
 *
 * @module
 */
import { recordAsOne } from "./autograd.ts";
import type { Tensor } from "./tensor.ts";

/** Results of the draws of a function, for when it is computed again. */
interface Draws {
  readonly values: unknown[];
  /** Index of the next one. */
  next: number;
  /** Draws of the checkpoint around this one. */
  readonly outer: Draws | undefined;
}

/** Draws of the function that runs; `undefined` outside of checkpoints. */
let current: Draws | undefined;

/**
 * Computes `fn(...inputs)` and keeps the inputs and the output alone: the backward
 * pass computes the function again, for the tensors between them, as
 * `torch.utils.checkpoint`. Dropout layers draw the same random numbers again.
 * Gradients also flow to parameters and other tensors that the function reads.
 *
 * @param fn The function. It computes the same each time, from tensors that still exist in the backward pass.
 * @param inputs Its arguments.
 * @returns The output.
 *
 * @example
 * ```ts ignore
 * const y = checkpoint((x) => block.forward(x), x);
 * ```
 */
export function checkpoint<Inputs extends readonly [Tensor, ...Tensor[]]>(
  fn: (...inputs: Inputs) => Tensor,
  ...inputs: Inputs
): Tensor {
  const { device } = inputs[0];
  const draws: Draws = { values: [], next: 0, outer: current };
  const run = () => {
    const outer = current;
    draws.next = 0;
    current = draws;
    try {
      return fn(...inputs);
    } finally {
      current = outer;
    }
  };

  using _scope = device.scope(); // frees the tensors in between
  const { output, inputs: read } = recordAsOne(run);
  device.moveToOuterScope(output.storage);
  if (!read) return output;
  const drawn = draws.next;
  output.gradFn = {
    name: "checkpoint",
    inputs: read,
    recompute() {
      const again = run();
      if (draws.next === drawn) return again;
      throw new Error(
        `Cannot differentiate a checkpoint: its function drew ${drawn} random numbers in the forward pass and ${draws.next} now; call backward() before eval() or train()`,
      );
    },
  };
  return output;
}

/**
 * Draws something that differs at each call, such as the key of a dropout. Where the
 * function of a {@linkcode checkpoint} is computed again, it is what it was.
 *
 * @param draw Draws it.
 * @returns What `draw` returned in the forward pass.
 */
export function drawOnce<T>(draw: () => T): T {
  return drawFrom(current, draw);
}

function drawFrom<T>(draws: Draws | undefined, draw: () => T): T {
  if (!draws) return draw();
  const i = draws.next++;
  if (i === draws.values.length) {
    draws.values.push(drawFrom(draws.outer, draw));
  }
  return draws.values[i] as T;
}
