/**
 * State of a module: its parameters, and the extra state of its submodules, such
 * as dropout keys.
 *
 * @module
 */
import { isPlainObject } from "../../check_options.ts";
import type { Module } from "../../nn/module.ts";
import {
  checkTensors,
  type SavedPart,
  type StatePart,
  type StoredPart,
} from "./part.ts";
import {
  copyState,
  encodeState,
  type Json,
  readState,
  tensorNames,
} from "./values.ts";

/** Key of the extra state, and prefix of its tensors in the file of the weights. */
const EXTRA = "extraState";

/** Saves and restores a module. */
export class ModulePart implements StatePart {
  readonly #name: string;
  readonly #module: Module;

  /** Takes a module and its name. */
  constructor(name: string, module: Module) {
    this.#name = name;
    this.#module = module;
  }

  /** Collects parameters and extra state. */
  save(): SavedPart {
    const { json, tensors } = encodeState(
      { [EXTRA]: this.#extraState() },
      this.#name,
    );
    const parameters = [...this.#module.namedParameters()].map((
      [name, parameter],
    ) => ({
      name,
      dtype: "F32" as const,
      shape: parameter.shape,
      data: async () => {
        const values = await parameter.toArray();
        // A loop could only go on from it to more NaN.
        if (values.includes(NaN)) {
          throw new RangeError(
            `Cannot save the state of ${this.#name}: "${name}" has values that are NaN, so its training has diverged; load an earlier state and use a lower learning rate`,
          );
        }
        return values;
      },
    }));
    return { json, tensors: [...parameters, ...tensors] };
  }

  /** Checks names and shapes of the parameters, and names of modules with extra state. */
  check({ json, file }: StoredPart): void {
    const shapes = new Map<string, readonly number[] | undefined>(
      tensorNames(json).map((name) => [name, undefined]),
    );
    for (const [name, { shape }] of this.#module.namedParameters()) {
      shapes.set(name, shape);
    }
    checkTensors(file, this.#name, shapes);
    const own = Object.keys(this.#extraState()).sort();
    const stored = Object.keys(extraStateOf(json)).sort();
    if (`${own}` === `${stored}`) return;
    throw new RangeError(
      `Cannot load the state of ${this.#name}: its modules with extra state are ${
        list(own)
      }, not ${list(stored)}; make it as it was when it was saved`,
    );
  }

  /** Copies the extra state. */
  async snapshot(): Promise<() => void> {
    const before = await copyState(this.#extraState(), this.#name);
    return () => this.#setExtraState(before as Record<string, unknown>);
  }

  /** Restores the extra state. */
  async restore({ json, file }: StoredPart): Promise<void> {
    const state = await readState(extraStateOf(json), file);
    this.#setExtraState(state as Record<string, unknown>);
  }

  /** Restores the parameters. */
  async restoreTensors({ file }: StoredPart): Promise<void> {
    for (const [name, parameter] of this.#module.namedParameters()) {
      parameter.load(await file!.read(name) as Float32Array<ArrayBuffer>);
    }
  }

  #extraState(): Record<string, unknown> {
    const states = [...this.#module.namedModules()]
      .map(([name, module]) => [name, module.getExtraState()] as const)
      .filter(([, state]) => state !== undefined);
    return Object.fromEntries(states);
  }

  #setExtraState(states: Readonly<Record<string, unknown>>): void {
    for (const [name, module] of this.#module.namedModules()) {
      if (!Object.hasOwn(states, name)) continue;
      module.setExtraState(states[name] as never);
    }
  }
}

function extraStateOf(json: Json): { readonly [name: string]: Json } {
  const states = isPlainObject(json) ? json[EXTRA] : undefined;
  return isPlainObject(states) ? states as { [name: string]: Json } : {};
}

/** `"encoder" and ""` as in `trainer_state.json`, or `none`. */
function list(names: readonly string[]): string {
  return names.map((name) => JSON.stringify(name)).join(", ") || "none";
}
