/**
 * Stochastic gradient descent, with momentum.
 *
 * @module
 */
import { checkOptions, type OptionNames } from "../check_options.ts";
import type { FlatGradients } from "../ops/flat_step.ts";
import { sgdStep } from "../ops/sgd_step.ts";
import type { Tensor } from "../tensor/tensor.ts";
import {
  Optimizer,
  type ParamGroup,
  type ParamsOrGroups,
  type SettingsRow,
} from "./optimizer.ts";

/** Options of {@linkcode SGD}. */
export interface SGDOptions {
  /**
   * Learning rate, at least 0.
   *
   * @default 1e-3
   */
  lr?: number;
  /**
   * Momentum, at least 0.
   *
   * @default 0
   */
  momentum?: number;
  /**
   * Dampening of the momentum.
   *
   * @default 0
   */
  dampening?: number;
  /**
   * Weight decay, at least 0, added to the gradient.
   *
   * @default 0
   */
  weightDecay?: number;
  /**
   * Whether to use Nesterov momentum.
   *
   * @default false
   */
  nesterov?: boolean;
}

const OPTIONS: OptionNames<SGDOptions> = {
  lr: true,
  momentum: true,
  dampening: true,
  weightDecay: true,
  nesterov: true,
};

/** A parameter group of {@linkcode SGD}. */
export interface SGDGroup extends ParamGroup {
  /** Momentum. */
  momentum: number;
  /** Dampening of the momentum. */
  dampening: number;
  /** Whether to use Nesterov momentum. */
  nesterov: boolean;
}

/**
 * `torch.optim.SGD`, with the same order of operations, for the gradient g and the
 * momentum buffer b:
 *
 *     g ← g + wd·p
 *     b ← g at the first step, then momentum·b + (1 - dampening)·g
 *     p ← p - lr·b, or p - lr·(g + momentum·b) with nesterov
 *
 * Source: https://docs.pytorch.org/docs/stable/generated/torch.optim.SGD.html
 */
export class SGD extends Optimizer<SGDGroup> {
  /**
   * Makes an optimizer.
   *
   * @param params Parameters, or groups with their own settings.
   * @param options Default settings of the groups, such as `{ lr: 0.1 }`.
   * @throws {RangeError} If a setting is out of range, there is no parameter, or one appears twice.
   * @throws {TypeError} If `options` is not an object or has an unknown name, or a parameter is not a leaf that requires a gradient.
   */
  constructor(
    params: ParamsOrGroups<Omit<SGDGroup, "params">>,
    options: SGDOptions = {},
  ) {
    checkOptions("make SGD", options, OPTIONS);
    const defaults = {
      lr: 1e-3,
      momentum: 0,
      dampening: 0,
      weightDecay: 0,
      nesterov: false,
      ...options,
    };
    super(params, defaults, ["momentumBuffer"]);
  }

  /** Throws if a setting is out of range. */
  protected override checkGroup(group: SGDGroup): void {
    const { lr, momentum, dampening, weightDecay, nesterov } = group;
    if (!(lr >= 0)) throw new RangeError(`Invalid learning rate: ${lr}`);
    if (!(momentum >= 0)) {
      throw new RangeError(`Invalid momentum value: ${momentum}`);
    }
    if (!(weightDecay >= 0)) {
      throw new RangeError(`Invalid weight_decay value: ${weightDecay}`);
    }
    if (nesterov && (momentum <= 0 || dampening !== 0)) {
      throw new RangeError(
        "Nesterov momentum requires a momentum and zero dampening",
      );
    }
  }

  /** Returns the settings of a group at a step, for the kernel. */
  protected override row(group: SGDGroup, step: number): SettingsRow {
    const { lr, momentum, dampening, weightDecay, nesterov } = group;
    return step === 1
      ? [lr, weightDecay, 0, 1, momentum, Number(nesterov)]
      : [lr, weightDecay, momentum, 1 - dampening, momentum, Number(nesterov)];
  }

  /** Records the update of one flat buffer. */
  protected override update(
    gradients: FlatGradients,
    blockTable: Tensor,
    settings: Tensor,
    values: Tensor,
    [momentumBuffer]: readonly [Tensor],
  ): void {
    sgdStep(gradients, blockTable, settings, values, momentumBuffer);
  }
}
