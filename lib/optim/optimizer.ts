/**
 * The base of all optimizers: parameter groups, their state, and the step over
 * arenas.
 *
 * @module
 */
import { Parameter } from "../nn/parameter.ts";
import { flattenParameters } from "../nn/flatten_parameters.ts";
import type { FlatGradients } from "../ops/flat_step.ts";
import { fromArray, Tensor, zeros } from "../tensor/tensor.ts";
import {
  BlockTable,
  type FlatParameters,
  flatParametersOf,
  valuesOf,
  ZERO_STATE,
} from "./flat_parameters.ts";

/** Parameters that share their settings. */
export interface ParamGroup {
  /** The parameters. */
  params: readonly Tensor[];
  /** The learning rate in force. */
  lr: number;
  /** The learning rate that a scheduler multiplies; set by the scheduler. */
  initialLr?: number;
  /** The weight decay. */
  weightDecay: number;
}

/** What an optimizer takes: parameters, or groups with settings of their own. */
export type ParamsOrGroups<Settings> =
  | Iterable<Tensor>
  | Iterable<{ params: Iterable<Tensor> } & Partial<Settings>>;

/** A parameter's part of an optimizer's state. */
export interface ParameterState {
  /** How many steps it has taken. */
  step: number;
  /** The optimizer's tensors for it, by name, as `expAvg`. */
  tensors: Record<string, Tensor>;
}

/** An optimizer's state, as {@linkcode Optimizer.stateDict} gives it. */
export interface OptimizerState {
  /** The state of each parameter that has taken a step, by its number over all groups. */
  state: Record<number, ParameterState>;
  /** The settings of each group, with the numbers of its parameters. */
  paramGroups: Record<string, unknown>[];
}

/** Values of a kernel's row: the settings of one group at one step, 8 numbers. */
export type SettingsRow = readonly number[];
const ROW_LENGTH = 8;

interface FlatState {
  arena: FlatParameters;
  table: BlockTable;
  tensors: Tensor[];
}

/** Moves parameters against their gradients. */
export abstract class Optimizer<Group extends ParamGroup = ParamGroup> {
  /** The groups; change `lr` and the like between steps. */
  readonly paramGroups: Group[];
  /** The settings of groups that do not say otherwise. */
  readonly defaults: Omit<Group, "params">;
  readonly #stateNames: readonly string[];
  readonly #states = new Map<FlatParameters, FlatState>();
  readonly #steps = new Map<Tensor, number>();

  /**
   * Makes an optimizer.
   *
   * @param params Parameters, or groups with settings of their own.
   * @param defaults The settings of groups that do not say otherwise.
   * @param stateNames Names of the tensors that it keeps for every parameter.
   * @throws {RangeError} If there is no parameter, or one is in two groups.
   * @throws {TypeError} If a parameter is no leaf that requires a gradient.
   */
  constructor(
    params: ParamsOrGroups<Omit<Group, "params">>,
    defaults: Omit<Group, "params">,
    stateNames: readonly string[],
  ) {
    this.defaults = defaults;
    this.#stateNames = stateNames;
    const items = [
      ...params as Iterable<Tensor | { params: Iterable<Tensor> }>,
    ];
    const groups = items[0] instanceof Tensor
      ? [{ params: items as Tensor[] }]
      : items as { params: Iterable<Tensor> }[];
    this.paramGroups = groups.map((group) =>
      ({ ...defaults, ...group, params: [...group.params] }) as unknown as Group
    );
    const all = this.#parameters();
    if (all.length === 0) {
      throw new RangeError("Cannot make an optimizer: it got no parameters");
    }
    if (new Set(all).size < all.length) {
      throw new RangeError(
        "Cannot make an optimizer: a parameter appears more than once",
      );
    }
    for (const group of this.paramGroups) this.checkGroup(group);
    // Those of a model of the user's own have no place yet.
    flattenParameters(
      all.filter((p) => p instanceof Parameter).map((p) => ["", p]),
    );
    for (const parameter of all) flatParametersOf(parameter);
  }

  /** Refuses settings that are out of range. */
  protected abstract checkGroup(group: Group): void;

  /** The row of a group for the `step`-th step of a parameter, from 1. */
  protected abstract row(group: Group, step: number): SettingsRow;

  /**
   * Records the update of one arena.
   *
   * @param gradients The gradients.
   * @param table Each block's row number, from 1, perhaps with {@linkcode ZERO_STATE}; blocks of row 0 stay as they are.
   * @param rows The rows, 8 numbers each.
   * @param values The parameters, flat.
   * @param state The optimizer's own tensors, as the constructor named them.
   */
  protected abstract update(
    gradients: FlatGradients,
    table: Tensor,
    rows: Tensor,
    values: Tensor,
    state: readonly Tensor[],
  ): void;

  /** Moves every parameter that has a gradient; the others are left as they are. */
  step(): void {
    const rows: number[] = [];
    const rowNumbers = new Map<string, number>();
    const rowOf = new Map<Tensor, number>();
    const arenas = new Set<FlatParameters>();
    this.paramGroups.forEach((group, g) => {
      for (const parameter of group.params) {
        if (!parameter.hasGrad) continue;
        parameter.gradSlot(); // a gradient that was assigned goes to its place
        const step = (this.#steps.get(parameter) ?? 0) + 1;
        this.#steps.set(parameter, step);
        const key = `${g} ${step}`;
        let number = rowNumbers.get(key);
        if (!number) {
          const row = this.row(group, step);
          rows.push(...row, ...new Array(ROW_LENGTH - row.length).fill(0));
          rowNumbers.set(key, number = rowNumbers.size + 1);
        }
        rowOf.set(parameter, number);
        arenas.add(flatParametersOf(parameter));
      }
    });
    const { device } = this.#parameters()[0]!;
    using _scope = device.scope();
    const rowTensor = fromArray(device, rows, [rows.length]);
    for (const arena of arenas) {
      const { table, tensors } = this.#stateOf(arena);
      const blocks = table.update(arena, (p) => rowOf.get(p) ?? 0)!;
      this.update(
        arena.gradients,
        blocks,
        rowTensor,
        valuesOf(arena),
        tensors,
      );
    }
  }

  /** Clears all gradients. */
  zeroGrad(): void {
    for (const parameter of this.#parameters()) parameter.grad = undefined;
  }

  /**
   * Gives what has to be saved to go on later.
   *
   * @returns Steps, tensors (read them with `toArray()`) and settings.
   */
  stateDict(): OptimizerState {
    const state: OptimizerState["state"] = {};
    this.#parameters().forEach((parameter, i) => {
      const step = this.#steps.get(parameter);
      if (step === undefined) return;
      const tensors = this.#viewsOf(parameter);
      state[i] = {
        step,
        tensors: Object.fromEntries(
          this.#stateNames.map((name, j) => [name, tensors[j]!]),
        ),
      };
    });
    let first = 0;
    const paramGroups = this.paramGroups.map(({ params, ...settings }) => {
      const numbers = params.map((_, i) => first + i);
      first += params.length;
      return { ...settings, params: numbers };
    });
    return { state, paramGroups };
  }

  /**
   * Goes back to a state that was saved; parameters that it does not have begin
   * anew.
   *
   * @param saved As {@linkcode Optimizer.stateDict} gives it; tensors may be arrays of their values.
   * @throws {RangeError} If it is of other groups, or a tensor is missing or has another size; nothing is changed then.
   */
  loadStateDict(saved: {
    state: Record<
      number,
      { step: number; tensors: Record<string, Tensor | ArrayLike<number>> }
    >;
    paramGroups: readonly Record<string, unknown>[];
  }): void {
    const parameters = this.#parameters();
    const refuse = (reason: string): never => {
      throw new RangeError(`Cannot load an optimizer's state: ${reason}`);
    };
    const sizes = saved.paramGroups.map(({ params }) =>
      (params as number[]).length
    );
    const own = this.paramGroups.map(({ params }) => params.length);
    if (sizes.join() !== own.join()) {
      refuse(`its groups have ${sizes} parameters, not ${own}`);
    }
    for (const [i, { tensors }] of Object.entries(saved.state)) {
      const { size } = parameters[Number(i)] ??
        refuse(`there is no parameter ${i}`);
      for (const name of this.#stateNames) {
        const values = tensors[name] ??
          refuse(`${name} of parameter ${i} is missing`);
        const length = values instanceof Tensor ? values.size : values.length;
        if (length !== size) {
          refuse(
            `${name} of parameter ${i} has ${length} values, not ${size}`,
          );
        }
      }
    }
    saved.paramGroups.forEach(({ params: _, ...settings }, i) =>
      Object.assign(this.paramGroups[i]!, settings)
    );
    parameters.forEach((parameter, i) => {
      const entry = saved.state[i];
      if (!entry && !this.#steps.has(parameter)) return;
      this.#viewsOf(parameter).forEach((view, j) => {
        const values = entry?.tensors[this.#stateNames[j]!];
        if (!values) view.device.clear(view);
        else if (values instanceof Tensor) view.device.copy(values, view);
        else view.device.upload(view, Float32Array.from(values));
      });
      if (entry) this.#steps.set(parameter, entry.step);
      else this.#steps.delete(parameter);
    });
    for (const { table } of this.#states.values()) table.forget();
  }

  #parameters(): Tensor[] {
    return this.paramGroups.flatMap(({ params }) => params);
  }

  #stateOf(arena: FlatParameters): FlatState {
    let state = this.#states.get(arena);
    if (!state) {
      const { device, size } = arena;
      const tensors = this.#stateNames.map(() =>
        zeros(device, [size], { lifetime: "kept" })
      );
      state = { arena, table: new BlockTable(ZERO_STATE), tensors };
      this.#states.set(arena, state);
    }
    return state;
  }

  /** A parameter's parts of the state tensors of its arena. */
  #viewsOf(parameter: Tensor): Tensor[] {
    const { device, shape, byteOffset } = parameter;
    return this.#stateOf(flatParametersOf(parameter)).tensors.map((
      { storage },
    ) => new Tensor(device, shape, { storage, byteOffset }));
  }
}

/**
 * Two groups, as transformers' Trainer makes them: no weight decay for biases
 * and LayerNorm's weights.
 *
 * @param model The model.
 * @param weightDecay The decay of all other parameters.
 * @returns The groups, for an optimizer.
 */
export function paramGroupsWeightDecay(
  model: { namedParameters(): Iterable<[name: string, parameter: Parameter]> },
  weightDecay: number,
): { params: Parameter[]; weightDecay: number }[] {
  const decayed: Parameter[] = [];
  const others: Parameter[] = [];
  for (const [name, parameter] of model.namedParameters()) {
    const exempt = /bias|layernorm|rmsnorm|(?:^|\.)norm(?:$|\.)|_norm(?:$|\.)/i;
    (exempt.test(name) ? others : decayed).push(parameter);
  }
  return [
    { params: decayed, weightDecay },
    { params: others, weightDecay: 0 },
  ];
}
