/**
 * State of an optimizer: its tensors under the names of PyTorch and of the
 * parameters, its step counts and settings as JSON.
 *
 * @module
 */
import { isPlainObject } from "../../check_options.ts";
import type { Optimizer, OptimizerState } from "../../optim/optimizer.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import {
  checkTensors,
  type SavedPart,
  type StatePart,
  type StoredPart,
} from "./part.ts";
import { encodeState, readState } from "./values.ts";

/** The entry in `trainer_state.json`. */
interface StoredOptimizer {
  /** Settings of each group, with the names of its parameters. */
  readonly paramGroups: readonly (
    & { readonly params: readonly string[] }
    & Readonly<Record<string, unknown>>
  )[];
  /** Steps taken, by name of the parameter. */
  readonly step: Readonly<Record<string, number>>;
}

/** Saves and restores an optimizer. */
export class OptimizerPart implements StatePart {
  readonly #name: string;
  readonly #optimizer: Optimizer;
  /** Names of the parameters, in the order of the groups. */
  readonly #parameters: readonly string[];

  /**
   * Takes an optimizer.
   *
   * @param name Its name.
   * @param optimizer The optimizer.
   * @param names Names of the parameters of all modules that are saved.
   * @throws {RangeError} If a parameter of the optimizer is not among them.
   */
  constructor(
    name: string,
    optimizer: Optimizer,
    names: ReadonlyMap<Tensor, string>,
  ) {
    this.#name = name;
    this.#optimizer = optimizer;
    this.#parameters = this.#tensors().map((parameter, i) => {
      const found = names.get(parameter);
      if (found !== undefined) return found;
      throw new RangeError(
        `Cannot name the parameters of ${name}: number ${i}, of shape [${parameter.shape}], is in none of the modules; pass its module too`,
      );
    });
  }

  /** Collects state tensors, step counts and settings. */
  save(): SavedPart {
    const { state, paramGroups } = this.#optimizer.stateDict();
    const entries = Object.entries(state)
      .map(([i, entry]) => [this.#parameters[Number(i)]!, entry] as const);
    const stored = {
      paramGroups: this.#withNames(paramGroups),
      step: Object.fromEntries(entries.map(([name, { step }]) => [name, step])),
    };
    return {
      json: encodeState(stored, this.#name).json,
      tensors: entries.flatMap(([name, { tensors }]) =>
        Object.entries(tensors).map(([key, tensor]) => ({
          name: tensorName(name, key),
          dtype: "F32" as const,
          shape: tensor.shape,
          data: () => tensor.toArray(),
        }))
      ),
    };
  }

  /** Checks the groups, and names and shapes of the tensors. */
  check({ json, file }: StoredPart): void {
    const { paramGroups, step } = (json ?? {}) as Partial<StoredOptimizer>;
    if (!Array.isArray(paramGroups) || !isPlainObject(step)) {
      throw new SyntaxError(
        `Cannot load the state of ${this.#name}: it has no paramGroups and step; use the file as it was saved`,
      );
    }
    this.#checkGroups(paramGroups);
    const shapes = new Map<string, readonly number[]>();
    for (const [name, count] of Object.entries(step)) {
      const index = this.#parameters.indexOf(name);
      if (index < 0 || !Number.isSafeInteger(count) || count < 0) {
        throw new RangeError(
          `Cannot load the state of ${this.#name}: the step of "${name}" is ${count}; use the file as it was saved`,
        );
      }
      const { shape } = this.#tensors()[index]!;
      for (const key of this.#optimizer.stateNames) {
        shapes.set(tensorName(name, key), shape);
      }
    }
    checkTensors(file, this.#name, shapes);
  }

  /** Restores step counts, settings and tensors. */
  async restoreTensors({ json, file }: StoredPart): Promise<void> {
    const { paramGroups, step } = json as unknown as StoredOptimizer;
    const settings = await readState(paramGroups as never, file);
    const tensors = this.#tensors();
    const state: Parameters<Optimizer["loadStateDict"]>[0]["state"] = {};
    for (const [name, count] of Object.entries(step)) {
      const index = this.#parameters.indexOf(name);
      const { size } = tensors[index]!;
      state[index] = { step: count, tensors: this.#zeros(size) };
    }
    this.#optimizer.loadStateDict({
      state,
      paramGroups: settings as Record<string, unknown>[],
    });
    // Read one at a time: together they take twice the memory of the weights.
    const restored = this.#optimizer.stateDict().state;
    for (const [index, entry] of Object.entries(restored)) {
      const name = this.#parameters[Number(index)]!;
      for (const [key, tensor] of Object.entries(entry.tensors)) {
        const values = await file!.read(tensorName(name, key));
        tensor.device.upload(tensor, values as Float32Array<ArrayBuffer>);
      }
    }
  }

  /** State tensors of one parameter, made when they are used. */
  #zeros(size: number): Record<string, ArrayLike<number>> {
    const tensors = {};
    for (const key of this.#optimizer.stateNames) {
      Object.defineProperty(tensors, key, {
        get: () => new Float32Array(size),
      });
    }
    return tensors;
  }

  #checkGroups(saved: StoredOptimizer["paramGroups"]): void {
    const fail = (reason: string): never => {
      throw new RangeError(
        `Cannot load the state of ${this.#name}: ${reason}; make the optimizer as it was when it was saved`,
      );
    };
    const own = this.#withNames(this.#optimizer.stateDict().paramGroups);
    const paramsOf = (groups: StoredOptimizer["paramGroups"]) =>
      JSON.stringify(groups.map(({ params }) => params));
    if (paramsOf(saved) !== paramsOf(own)) {
      fail("its groups have other parameters than the saved ones");
    }
    const known = [...Object.keys(this.#optimizer.defaults), "initialLr"];
    for (const { params: _, ...settings } of saved) {
      const other = Object.keys(settings).find((key) => !known.includes(key));
      if (other !== undefined) fail(`it has no setting "${other}"`);
    }
  }

  #tensors(): Tensor[] {
    return this.#optimizer.paramGroups.flatMap(({ params }) => params);
  }

  #withNames(
    groups: OptimizerState["paramGroups"],
  ): (Record<string, unknown> & { params: string[] })[] {
    return groups.map((group) => ({
      ...group,
      params: (group.params as number[]).map((i) => this.#parameters[i]!),
    }));
  }
}

/** `encoder.weight.exp_avg` for `expAvg` of `encoder.weight`. */
function tensorName(parameter: string, key: string): string {
  const name = key.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);
  return `${parameter}.${name}`;
}
