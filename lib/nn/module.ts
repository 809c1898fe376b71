/**
 * The base of everything that has parameters.
 *
 * @module
 */
import { Parameter } from "./parameter.ts";

/**
 * A part of a model: it has parameters, other modules, and a mode. Write a
 * class that extends it, keep parameters and modules in its properties (or in
 * arrays of modules), and give it a `forward`.
 *
 * @example
 * ```ts ignore
 * class Mlp extends Module {
 *   hidden: Linear;
 *   output: Linear;
 *   constructor(device: Device) {
 *     super();
 *     this.hidden = new Linear(device, 4, 16);
 *     this.output = new Linear(device, 16, 2);
 *   }
 *   forward(x: Tensor): Tensor {
 *     return this.output.forward(relu(this.hidden.forward(x)));
 *   }
 * }
 * ```
 */
export abstract class Module {
  #training = true;
  readonly #names = new Map<unknown, string>();

  /** Whether dropout is on. */
  get training(): boolean {
    return this.#training;
  }

  /**
   * Gives a part the name that checkpoints have for it, where that differs from
   * the property's.
   *
   * @param name Its name, such as `LayerNorm`.
   * @param part A module, an array of modules, or a parameter.
   * @returns The part.
   */
  protected named<T extends Module | readonly Module[] | Parameter>(
    name: string,
    part: T,
  ): T {
    this.#names.set(part, name);
    return part;
  }

  /**
   * Lists all parameters, those of its modules included; one that several
   * modules share comes once, under its first name.
   *
   * @param prefix What names begin with.
   * @returns Each name and parameter, in the order of the properties.
   */
  *namedParameters(
    prefix = "",
  ): Generator<[name: string, parameter: Parameter]> {
    const seen = new Set<Parameter>();
    for (const [name, parameter] of this.#walk(prefix)) {
      if (!seen.has(parameter)) yield [name, parameter];
      seen.add(parameter);
    }
  }

  *#walk(prefix: string): Generator<[name: string, parameter: Parameter]> {
    for (const [property, part] of Object.entries(this)) {
      const name = prefix + (this.#names.get(part) ?? property);
      if (part instanceof Parameter) yield [name, part];
      else if (part instanceof Module) yield* part.#walk(`${name}.`);
      else if (Array.isArray(part)) {
        for (const [i, item] of part.entries()) {
          if (item instanceof Module) yield* item.#walk(`${name}.${i}.`);
        }
      }
    }
  }

  /** Lists all parameters, in the order of {@linkcode Module.namedParameters}. */
  *parameters(): Generator<Parameter> {
    for (const [, parameter] of this.namedParameters()) yield parameter;
  }

  /** Lists the modules that it has as properties. */
  *children(): Generator<Module> {
    for (const part of Object.values(this).flat()) {
      if (part instanceof Module) yield part;
    }
  }

  /** Switches to training: dropout is on. */
  train(): this {
    return this.#switch(true);
  }

  /** Switches to evaluation: dropout is off. FlatGradients still flow; see `noGrad` for that. */
  eval(): this {
    return this.#switch(false);
  }

  /**
   * Gives all parameters by name.
   *
   * @returns The parameters themselves: read them with `toArray()`.
   */
  stateDict(): Record<string, Parameter> {
    return Object.fromEntries(this.namedParameters());
  }

  /**
   * Replaces the values of all parameters.
   *
   * @param values Every parameter's values, row-major, by name.
   * @throws {RangeError} If a name is missing or unknown, or has another number of values; nothing is replaced then.
   */
  loadStateDict(
    values: Readonly<Record<string, ArrayLike<number>>>,
  ): void {
    const parameters = this.stateDict();
    for (const name of Object.keys(values)) {
      if (!Object.hasOwn(parameters, name)) {
        throw new RangeError(
          `Cannot load a state dict: the model has no parameter "${name}"`,
        );
      }
    }
    for (const [name, { shape, size }] of Object.entries(parameters)) {
      const length = values[name]?.length;
      if (length !== size) {
        throw new RangeError(
          `Cannot load a state dict: "${name}" needs ${size} values of shape [${shape}], ${
            length === undefined ? "and has none" : `not ${length}`
          }`,
        );
      }
    }
    for (const [name, parameter] of Object.entries(parameters)) {
      parameter.load(Float32Array.from(values[name]!));
    }
  }

  #switch(training: boolean): this {
    this.#training = training;
    for (const child of this.children()) child.#switch(training);
    return this;
  }
}
