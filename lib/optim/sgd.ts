/**
 * Stochastic gradient descent, with momentum.
 *
 * @module
 */
import type { FlatGradients } from "../ops/flat_step.ts";
import { sgdStep } from "../ops/sgd_step.ts";
import type { Tensor } from "../tensor/tensor.ts";
import {
  Optimizer,
  type ParamGroup,
  type ParamsOrGroups,
  type SettingsRow,
} from "./optimizer.ts";

/** Settings of {@linkcode SGD}. */
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
   * Whether to look one step of momentum ahead.
   *
   * @default false
   */
  nesterov?: boolean;
}

/** A group of {@linkcode SGD}. */
export interface SGDGroup extends ParamGroup {
  /** Momentum. */
  momentum: number;
  /** Dampening of the momentum. */
  dampening: number;
  /** Whether to look one step of momentum ahead. */
  nesterov: boolean;
}

/**
 * `torch.optim.SGD`, in its order of operations:
 *
 *     g ← g + wd·p
 *     b ← g in the first step, then momentum·b + (1 - dampening)·g
 *     p ← p - lr·b, or p - lr·(g + momentum·b) with nesterov
 *
 * Source: https://docs.pytorch.org/docs/stable/generated/torch.optim.SGD.html
 */
export class SGD extends Optimizer<SGDGroup> {
  /**
   * Makes an optimizer.
   *
   * @param params Parameters, or groups with settings of their own.
   * @param options The settings of all that do not say otherwise.
   * @throws {RangeError} If a setting is out of range.
   */
  constructor(
    params: ParamsOrGroups<Omit<SGDGroup, "params">>,
    options: SGDOptions = {},
  ) {
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

  /** Refuses settings that are out of range. */
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

  /** The numbers of a group for the kernel. */
  protected override row(group: SGDGroup, step: number): SettingsRow {
    const { lr, momentum, dampening, weightDecay, nesterov } = group;
    return step === 1
      ? [lr, weightDecay, 0, 1, momentum, Number(nesterov)]
      : [lr, weightDecay, momentum, 1 - dampening, momentum, Number(nesterov)];
  }

  /** Records the update of one arena. */
  protected override update(
    gradients: FlatGradients,
    table: Tensor,
    rows: Tensor,
    values: Tensor,
    [momentumBuffer]: readonly [Tensor],
  ): void {
    sgdStep(gradients, table, rows, values, momentumBuffer);
  }
}
