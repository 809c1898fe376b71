/**
 * AdamW: Adam with decoupled weight decay.
 *
 * @module
 */
import { adamwStep } from "../ops/adamw_step.ts";
import type { FlatGradients } from "../ops/flat_step.ts";
import type { Tensor } from "../tensor/tensor.ts";
import {
  Optimizer,
  type ParamGroup,
  type ParamsOrGroups,
  type SettingsRow,
} from "./optimizer.ts";

/** Settings of {@linkcode AdamW}. */
export interface AdamWOptions {
  /**
   * Learning rate, at least 0.
   *
   * @default 1e-3
   */
  lr?: number;
  /**
   * Decay rates of the two moments, in [0, 1).
   *
   * @default [0.9, 0.999]
   */
  betas?: readonly [number, number];
  /**
   * Added to the denominator, after its bias correction; at least 0.
   *
   * @default 1e-8
   */
  eps?: number;
  /**
   * Weight decay, at least 0.
   *
   * @default 1e-2
   */
  weightDecay?: number;
}

/** A group of {@linkcode AdamW}. */
export interface AdamWGroup extends ParamGroup {
  /** Decay rates of the two moments. */
  betas: readonly [number, number];
  /** Added to the denominator. */
  eps: number;
}

/**
 * `torch.optim.AdamW`, in its order of operations. In step t, from 1:
 *
 *     p ← p (1 - lr·wd)
 *     m ← m + (g - m)(1 - β₁)
 *     v ← β₂ v + (1 - β₂) g²
 *     p ← p - lr/(1 - β₁ᵗ) · m / (√v / √(1 - β₂ᵗ) + eps)
 *
 * Bias corrections are computed in f64 on the host.
 * Source: Loshchilov & Hutter 2019, https://arxiv.org/abs/1711.05101.
 */
export class AdamW extends Optimizer<AdamWGroup> {
  /**
   * Makes an optimizer.
   *
   * @param params Parameters, or groups with settings of their own.
   * @param options The settings of all that do not say otherwise.
   * @throws {RangeError} If a setting is out of range.
   */
  constructor(
    params: ParamsOrGroups<Omit<AdamWGroup, "params">>,
    options: AdamWOptions = {},
  ) {
    const defaults = {
      lr: 1e-3,
      betas: [0.9, 0.999] as const,
      eps: 1e-8,
      weightDecay: 1e-2,
      ...options,
    };
    super(params, defaults, ["expAvg", "expAvgSq"]);
  }

  /** Refuses settings that are out of range. */
  protected override checkGroup(group: AdamWGroup): void {
    const { lr, betas, eps, weightDecay } = group;
    if (!(lr >= 0)) throw new RangeError(`Invalid learning rate: ${lr}`);
    if (!(eps >= 0)) throw new RangeError(`Invalid epsilon value: ${eps}`);
    betas.forEach((beta, i) => {
      if (!(beta >= 0 && beta < 1)) {
        throw new RangeError(`Invalid beta parameter at index ${i}: ${beta}`);
      }
    });
    if (!(weightDecay >= 0)) {
      throw new RangeError(`Invalid weight_decay value: ${weightDecay}`);
    }
  }

  /** The numbers of a group for the kernel. */
  protected override row(group: AdamWGroup, step: number): SettingsRow {
    const { lr, betas: [beta1, beta2], eps, weightDecay } = group;
    return [
      1 - lr * weightDecay,
      1 - beta1,
      beta2,
      1 - beta2,
      lr / (1 - beta1 ** step),
      Math.sqrt(1 - beta2 ** step),
      eps,
    ];
  }

  /** Records the update of one arena. */
  protected override update(
    gradients: FlatGradients,
    table: Tensor,
    rows: Tensor,
    values: Tensor,
    [expAvg, expAvgSq]: readonly [Tensor, Tensor],
  ): void {
    adamwStep(gradients, table, rows, values, expAvg, expAvgSq);
  }
}
