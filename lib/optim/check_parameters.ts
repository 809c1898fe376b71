/**
 * Checks that parameters are given, not the model that has them.
 *
 * @module
 */
import { describe } from "../check_options.ts";
import { Module } from "../nn/module.ts";

/**
 * Rejects a value that is not iterable.
 *
 * @param action The action that the parameters are for, such as `clip gradients`.
 * @param parameters Parameters, or groups of them.
 * @throws {TypeError} If it is a model, or anything else that is not iterable.
 */
export function checkParameters(action: string, parameters: unknown): void {
  const iterable = parameters as Partial<Iterable<unknown>> | null | undefined;
  if (typeof iterable?.[Symbol.iterator] === "function") return;
  const model = parameters instanceof Module ? "a model" : describe(parameters);
  throw new TypeError(
    `Cannot ${action}: its parameters are ${model}, not iterable; pass model.parameters()`,
  );
}
