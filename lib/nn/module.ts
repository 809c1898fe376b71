/**
 * Base class of layers and models.
 *
 * @module
 */
import { INSPECT } from "../inspect.ts";
import { Tensor } from "../tensor/tensor.ts";
import { Parameter } from "./parameter.ts";

/** Most parts of a module that `console.log` prints. */
const PRINTED_PARTS = 12;

/**
 * Base class of layers and models, as `torch.nn.Module`. A subclass has its
 * parameters and submodules as properties, or in arrays of modules, and a method
 * `forward`; call it as `module.forward(x)`.
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

  /** Whether the module is in training mode, in which dropout is on. */
  get training(): boolean {
    return this.#training;
  }

  /**
   * Sets the name of a submodule or parameter in checkpoints, if it differs from
   * the name of its property.
   *
   * @param name The name, such as `LayerNorm`.
   * @param part A module, an array of modules, or a parameter.
   * @returns `part`.
   */
  protected named<T extends Module | readonly Module[] | Parameter>(
    name: string,
    part: T,
  ): T {
    this.#names.set(part, name);
    return part;
  }

  /**
   * Lists all parameters, those of submodules included. A shared parameter is
   * listed once, under its first name.
   *
   * @param prefix Prefix of the names.
   * @returns Names and parameters, in the order of the properties.
   */
  *namedParameters(
    prefix = "",
  ): Generator<[name: string, parameter: Parameter]> {
    const seen = new Set<Parameter>();
    for (const [name, part] of this.#walk("")) {
      if (!(part instanceof Parameter) || seen.has(part)) continue;
      seen.add(part);
      yield [prefix + name, part];
    }
  }

  /**
   * Lists this module, under the name `""`, and all submodules. A shared module is
   * listed once, under its first name.
   *
   * @returns Names and modules; `encoder.norm` has the parameter `encoder.norm.weight`.
   */
  *namedModules(): Generator<[name: string, module: Module]> {
    const seen = new Set<Module>();
    for (const [name, part] of this.#walk("")) {
      if (!(part instanceof Module) || seen.has(part)) continue;
      seen.add(part);
      yield [name, part];
    }
  }

  *#walk(name: string): Generator<[name: string, part: Module | Parameter]> {
    yield [name, this];
    const prefix = name === "" ? "" : `${name}.`;
    for (const [property, part] of Object.entries(this)) {
      const partName = prefix + (this.#names.get(part) ?? property);
      if (part instanceof Parameter) yield [partName, part];
      else if (part instanceof Module) yield* part.#walk(partName);
      else if (Array.isArray(part)) {
        for (const [i, item] of part.entries()) {
          if (item instanceof Module) yield* item.#walk(`${partName}.${i}`);
        }
      }
    }
  }

  /** Lists all parameters, in the order of {@linkcode Module.namedParameters}. */
  *parameters(): Generator<Parameter> {
    for (const [, parameter] of this.namedParameters()) yield parameter;
  }

  /** Lists the submodules that are properties of this module, or in arrays that are. */
  *children(): Generator<Module> {
    for (const part of Object.values(this).flat()) {
      if (part instanceof Module) yield part;
    }
  }

  /** Switches to training mode, in which dropout is on. */
  train(): this {
    return this.#setTraining(true);
  }

  /**
   * Switches to evaluation mode, in which dropout is off. Gradients are still
   * recorded unless `noGrad` is in force.
   */
  eval(): this {
    return this.#setTraining(false);
  }

  /**
   * Returns all parameters by name.
   *
   * @returns The parameters themselves, not copies; read their values with `toArray()`.
   */
  stateDict(): Record<string, Parameter> {
    return Object.fromEntries(this.namedParameters());
  }

  /**
   * Replaces the values of all parameters.
   *
   * @param values The values of every parameter, row-major, by name.
   * @throws {RangeError} If a name is missing or unknown, or the number of values is
   * wrong; nothing is replaced then.
   * @throws {TypeError} If a value is a tensor: its values must be read first.
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
      if (values[name] instanceof Tensor) {
        throw new TypeError(
          `Cannot load a state dict: "${name}" is a tensor; read its values with await toArray()`,
        );
      }
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

  /**
   * Returns the state of this module alone that is not in its parameters, such as a
   * counter, for `saveState`; as `get_extra_state` of `torch.nn.Module`.
   *
   * @returns Plain values, typed arrays or tensors; `undefined` if there is none.
   */
  getExtraState(): unknown {
    return undefined;
  }

  /**
   * Restores what {@linkcode Module.getExtraState} returned; a subclass that overrides
   * one overrides both.
   *
   * @param _state The state.
   * @throws {TypeError} If the module has no such state.
   */
  setExtraState(_state: never): void {
    throw new TypeError(
      `Cannot restore the extra state of ${this.constructor.name}: it has none; override setExtraState() as well as getExtraState()`,
    );
  }

  /**
   * Refuses to move a model: a model is made on its device.
   *
   * @throws {TypeError} Always; the message says how to choose the device.
   */
  to(_device: unknown): never {
    throw new TypeError(
      "Cannot move a module: its device is chosen when it is made; pass { device } to fromPretrained or fromConfig, or the device to the layer",
    );
  }

  /** Class, size and mode, and a line for each direct part, for `console.log`. */
  [INSPECT](): string {
    const lines = Object.entries(this).flatMap(([name, part]) => {
      const text = partText(part);
      return text === undefined ? [] : [`  ${name}: ${text}`];
    });
    const more = lines.splice(PRINTED_PARTS).length;
    if (more > 0) lines.push(`  and ${more} more`);
    const mode = this.training ? "train" : "eval";
    const title = `${this.constructor.name} (${sizeText([this])}, ${mode})`;
    return [title, ...lines].join("\n");
  }

  #setTraining(training: boolean): this {
    this.#training = training;
    for (const child of this.children()) child.#setTraining(training);
    return this;
  }
}

/** A part in one line; `undefined` for a property that is no part. */
function partText(part: unknown): string | undefined {
  if (part instanceof Parameter) return part[INSPECT]();
  if (part instanceof Module) {
    return `${part.constructor.name} (${sizeText([part])})`;
  }
  if (!Array.isArray(part) || !(part[0] instanceof Module)) return undefined;
  const names = new Set(part.map((item) => item.constructor.name));
  return `${part.length} × ${[...names].join(", ")} (${sizeText(part)})`;
}

/** `3,668 parameters`, or `10.9 M parameters` from a million. */
function sizeText(modules: readonly Module[]): string {
  const parameters = new Set(modules.flatMap((m) => [...m.parameters()]));
  const count = [...parameters].reduce((sum, { size }) => sum + size, 0);
  return `${
    count < 1e6
      ? count.toLocaleString("en-US")
      : `${(count / 1e6).toFixed(1)} M`
  } parameters`;
}
