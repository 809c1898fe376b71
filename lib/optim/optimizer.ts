/**
 * Base class of optimizers: parameter groups, optimizer state, and a step over flat
 * buffers.
 *
 * @module
 */
import { checkOptions } from "../check_options.ts";
import { INSPECT } from "../inspect.ts";
import { Parameter } from "../nn/parameter.ts";
import { flattenParameters, separateFrozen } from "../nn/flatten_parameters.ts";
import type { FlatGradients } from "../ops/flat_step.ts";
import { Tensor } from "../tensor/tensor.ts";
import { checkParameters } from "./check_parameters.ts";
import {
  BlockTable,
  type FlatParameters,
  flatParametersOf,
  valuesOf,
  ZERO_STATE,
  zerosLike,
} from "./flat_parameters.ts";
import {
  settingsOf,
  type SettingsRow,
  type SettingsRows,
  type SteppingParameter,
} from "./settings_rows.ts";
import { SkippedSteps, type StepDecision } from "./skipped_steps.ts";

/** A group of parameters with common settings. */
export interface ParamGroup {
  /** The parameters. */
  params: readonly Tensor[];
  /** Current learning rate. */
  lr: number;
  /** Learning rate that a scheduler multiplies; set by the scheduler. */
  initialLr?: number;
  /** Weight decay. */
  weightDecay: number;
}

/** Parameters of an optimizer, or groups of them with their own settings. */
export type ParamsOrGroups<Settings> =
  | Iterable<Tensor>
  | Iterable<{ params: Iterable<Tensor> } & Partial<Settings>>;

/** Optimizer state of one parameter. */
export interface ParameterState {
  /** Number of steps taken. */
  step: number;
  /** State tensors of the parameter's shape, by name, such as `expAvg`. */
  tensors: Record<string, Tensor>;
}

/** Optimizer state, returned by {@linkcode Optimizer.stateDict}. */
export interface OptimizerState {
  /** State of each parameter that has taken a step, by its index over all groups. */
  state: Record<number, ParameterState>;
  /** Settings of each group, with the indices of its parameters. */
  paramGroups: Record<string, unknown>[];
}

/** State of one flat buffer. */
interface FlatState {
  blockTable: BlockTable;
  /** Tensors of the size of the flat buffer, in the order of their names. */
  tensors: Tensor[];
}

export type { SettingsRow };

/** Base class of optimizers, which update parameters by their gradients. */
export abstract class Optimizer<Group extends ParamGroup = ParamGroup> {
  /** The groups; their settings, such as `lr`, may be changed between steps. */
  readonly paramGroups: Group[];
  /** Default settings of the groups. */
  readonly defaults: Omit<Group, "params">;
  /** Names of the state tensors of each parameter, such as `expAvg`. */
  readonly stateNames: readonly string[];
  readonly #states = new Map<FlatParameters, FlatState>();
  readonly #steps = new Map<Tensor, number>();
  #skipped: SkippedSteps | undefined;

  /**
   * Makes an optimizer.
   *
   * @param params Parameters, or groups with their own settings.
   * @param defaults Default settings of the groups.
   * @param stateNames Names of the state tensors of each parameter.
   * @throws {RangeError} If there is no parameter, or one appears twice.
   * @throws {TypeError} If a parameter is not a leaf that requires a gradient, a model is
   * given in place of its parameters, or a group has an unknown setting.
   */
  constructor(
    params: ParamsOrGroups<Omit<Group, "params">>,
    defaults: Omit<Group, "params">,
    stateNames: readonly string[],
  ) {
    checkParameters("make an optimizer", params);
    this.defaults = defaults;
    this.stateNames = stateNames;
    const items = [
      ...params as Iterable<Tensor | { params: Iterable<Tensor> }>,
    ];
    const groups = items[0] instanceof Tensor
      ? [{ params: items as Tensor[] }]
      : items as { params: Iterable<Tensor> }[];
    const names = ["params", "initialLr", ...Object.keys(defaults)];
    for (const group of groups) {
      checkOptions(
        "make a parameter group",
        group,
        Object.fromEntries(names.map((name) => [name, true])),
        "{ params: model.parameters() }",
      );
      checkParameters("make a parameter group", group.params);
    }
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
    const parameters = all.filter((p) => p instanceof Parameter);
    flattenParameters(parameters.map((p) => ["", p])); // those that the user defined
    separateFrozen(parameters);
    for (const parameter of all) flatParametersOf(parameter);
  }

  /** Throws if a setting is out of range. */
  protected abstract checkGroup(group: Group): void;

  /** Returns the settings of a group for a parameter's step number `step`, from 1. */
  protected abstract row(group: Group, step: number): SettingsRow;

  /**
   * Records the update of one flat buffer.
   *
   * @param gradients The gradients.
   * @param blockTable Index of the settings row of each block, from 1; 0 to skip the block. The
   * highest bit is set if the state of the block is all zeros.
   * @param settings The settings rows, 8 numbers each. The last one is 1 where the step is skipped:
   * nothing may change then.
   * @param values The values of the parameters, `[size]`.
   * @param state The state tensors, `[size]` each, in the order of the constructor's names.
   */
  protected abstract update(
    gradients: FlatGradients,
    blockTable: Tensor,
    settings: Tensor,
    values: Tensor,
    state: readonly Tensor[],
  ): void;

  /** Allocates the state of all parameters that require a gradient, before the first step does. */
  allocateState(): void {
    for (const parameter of this.#parameters()) {
      if (parameter.requiresGrad) this.#stateOf(flatParametersOf(parameter));
    }
  }

  /**
   * Updates every parameter that has a gradient; the others do not change.
   *
   * @param decision Whether the device skips the step, as a `GradScaler` finds; it is not skipped if left out.
   * @throws {Error} If `decision` is left out, and it is not known yet whether an earlier step was skipped.
   */
  step(decision?: StepDecision): void {
    if (!decision) this.#checkSettled("take a step without the GradScaler");
    const parameters = this.#parameters();
    const stepping: SteppingParameter[] = [];
    let index = 0;
    this.paramGroups.forEach((group, g) => {
      for (const parameter of group.params) {
        const own = index++;
        if (!parameter.hasGrad) continue;
        parameter.gradSlot(); // copies an assigned gradient to the flat buffer
        const step = (this.#steps.get(parameter) ?? 0) + 1;
        this.#steps.set(parameter, step);
        const row = (skipped: number) => this.row(group, step - skipped);
        stepping.push({ index: own, key: `${g} ${step}`, row });
      }
    });
    const { device } = parameters[0]!;
    using _scope = device.scope();
    const { settings, rows } = decision
      ? this.#select(stepping, decision)
      : settingsOf(device, stepping);
    const rowOf = new Map(
      stepping.map(({ index }, i) => [parameters[index]!, rows[i]!]),
    );
    for (const flatBuffer of new Set([...rowOf.keys()].map(flatParametersOf))) {
      const { blockTable, tensors } = this.#stateOf(flatBuffer);
      const blocks = blockTable.update(flatBuffer, (p) => rowOf.get(p) ?? 0)!;
      this.update(
        flatBuffer.gradients,
        blocks,
        settings,
        valuesOf(flatBuffer),
        tensors,
      );
    }
  }

  /** Selects the settings of a step that the device may skip: one row per parameter. */
  #select(
    stepping: readonly SteppingParameter[],
    decision: StepDecision,
  ): SettingsRows {
    const parameters = this.#parameters();
    this.#skipped ??= new SkippedSteps(parameters[0]!, parameters.length);
    const takeBack = (index: number) => {
      const parameter = parameters[index]!;
      const step = this.#steps.get(parameter)! - 1;
      if (step > 0) this.#steps.set(parameter, step);
      else this.#steps.delete(parameter);
    };
    return this.#skipped.select(stepping, decision, takeBack);
  }

  /**
   * Waits until it is known which steps were skipped, before
   * {@linkcode Optimizer.stateDict}; only steps with a `GradScaler` are.
   *
   * @returns A promise; `undefined` if all are known.
   */
  settle(): Promise<void> | undefined {
    return this.#skipped?.settle();
  }

  /** Number of parameters and settings of each group, for `console.log`. */
  [INSPECT](): string {
    const groups = this.paramGroups.map(({ params, ...settings }) =>
      [
        `${params.length} parameters`,
        ...Object.entries(settings).map(([name, value]) =>
          `${name}: ${JSON.stringify(value)}`
        ),
      ].join(", ")
    );
    return `${this.constructor.name} { ${groups.join("; ")} }`;
  }

  /** Clears all gradients. */
  zeroGrad(): void {
    for (const parameter of this.#parameters()) parameter.grad = undefined;
  }

  /**
   * Returns the state to save, so that training can resume.
   *
   * @returns Step counts, tensors (read their values with `toArray()`) and settings.
   * @throws {Error} If it is not known yet whether a step was skipped.
   */
  stateDict(): OptimizerState {
    this.#checkSettled("save an optimizer's state");
    const state: OptimizerState["state"] = {};
    this.#parameters().forEach((parameter, i) => {
      const step = this.#steps.get(parameter);
      if (step === undefined) return;
      const tensors = this.#viewsOf(parameter);
      state[i] = {
        step,
        tensors: Object.fromEntries(
          this.stateNames.map((name, j) => [name, tensors[j]!]),
        ),
      };
    });
    let first = 0;
    const paramGroups = this.paramGroups.map(({ params, ...settings }) => {
      const indices = params.map((_, i) => first + i);
      first += params.length;
      return { ...settings, params: indices };
    });
    return { state, paramGroups };
  }

  /**
   * Restores a saved state; parameters without a saved state restart at step 0.
   *
   * @param saved A state as {@linkcode Optimizer.stateDict} returns it; tensors may be
   * arrays of their values.
   * @throws {RangeError} If the groups differ, or a tensor is missing or has the wrong
   * size; nothing is changed then.
   */
  loadStateDict(saved: {
    state: Record<
      number,
      { step: number; tensors: Record<string, Tensor | ArrayLike<number>> }
    >;
    paramGroups: readonly Record<string, unknown>[];
  }): void {
    this.#checkSettled("load an optimizer's state");
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
        refuse(`the optimizer has no parameter ${i}`);
      for (const name of this.stateNames) {
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
        const values = entry?.tensors[this.stateNames[j]!];
        if (!values) view.device.clear(view);
        else if (values instanceof Tensor) view.device.copy(values, view);
        else view.device.upload(view, Float32Array.from(values));
      });
      if (entry) this.#steps.set(parameter, entry.step);
      else this.#steps.delete(parameter);
    });
    for (const { blockTable } of this.#states.values()) {
      blockTable.invalidate();
    }
  }

  #checkSettled(action: string): void {
    if (this.#skipped?.isSettled ?? true) return;
    throw new Error(
      `Cannot ${action}: whether a GradScaler skipped its last steps was not read back; await optimizer.settle() first`,
    );
  }

  #parameters(): Tensor[] {
    return this.paramGroups.flatMap(({ params }) => params);
  }

  /** Returns the state of a flat buffer; makes it at the first step. */
  #stateOf(flatBuffer: FlatParameters): FlatState {
    let state = this.#states.get(flatBuffer);
    if (!state) {
      const tensors = this.stateNames.map(() => zerosLike(flatBuffer));
      state = { blockTable: new BlockTable(ZERO_STATE), tensors };
      this.#states.set(flatBuffer, state);
    }
    return state;
  }

  /** Makes views of the state tensors of one parameter. */
  #viewsOf(parameter: Tensor): Tensor[] {
    const { device, shape, byteOffset } = parameter;
    return this.#stateOf(flatParametersOf(parameter)).tensors.map((
      { storage },
    ) => new Tensor(device, shape, { storage, byteOffset }));
  }
}
