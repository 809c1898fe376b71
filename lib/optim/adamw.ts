/**
 * AdamW: Adam with decoupled weight decay.
 *
 * @module
 */
import { checkOptions, type OptionNames } from "../check_options.ts";
import { adamwStep } from "../ops/adamw_step.ts";
import type { FlatGradients } from "../ops/flat_step.ts";
import type { Tensor } from "../tensor/tensor.ts";
import {
  Optimizer,
  type ParamGroup,
  type ParamsOrGroups,
  type SettingsRow,
} from "./optimizer.ts";

/** Options of {@linkcode AdamW}. */
export interface AdamWOptions {
  /**
   * Learning rate, at least 0.
   *
   * @default 1e-3
   */
  lr?: number;
  /**
   * Decay rates β₁, β₂ of the first and second moment, in [0, 1).
   *
   * @default [0.9, 0.999]
   */
  betas?: readonly [number, number];
  /**
   * Added to the denominator after its bias correction, at least 0.
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

const OPTIONS: OptionNames<AdamWOptions> = {
  lr: true,
  betas: true,
  eps: true,
  weightDecay: true,
};

/** A parameter group of {@linkcode AdamW}. */
export interface AdamWGroup extends ParamGroup {
  /** Decay rates β₁, β₂ of the first and second moment. */
  betas: readonly [number, number];
  /** Added to the denominator. */
  eps: number;
}

/**
 * `torch.optim.AdamW`, with the same order of operations. At step t, from 1, with
 * gradient g, first moment m and second moment v:
 *
 *     p ← p (1 - lr·wd)
 *     m ← m + (g - m)(1 - β₁)
 *     v ← β₂ v + (1 - β₂) g²
 *     p ← p - lr/(1 - β₁ᵗ) · m / (√v / √(1 - β₂ᵗ) + eps)
 *
 * The bias corrections are computed in f64 on the host.
 * Source: Loshchilov & Hutter 2019, https://arxiv.org/abs/1711.05101.
 */
export class AdamW extends Optimizer<AdamWGroup> {
  /**
   * Makes an optimizer.
   *
   * @param params Parameters, or groups with their own settings.
   * @param options Default settings of the groups, such as `{ lr: 5e-5 }`.
   * @throws {RangeError} If a setting is out of range, there is no parameter, or one appears twice.
   * @throws {TypeError} If `options` is not an object or has an unknown name, or a parameter is not a leaf that requires a gradient.
   */
  constructor(
    params: ParamsOrGroups<Omit<AdamWGroup, "params">>,
    options: AdamWOptions = {},
  ) {
    checkOptions("make AdamW", options, OPTIONS);
    const defaults = {
      lr: 1e-3,
      betas: [0.9, 0.999] as const,
      eps: 1e-8,
      weightDecay: 1e-2,
      ...options,
    };
    super(params, defaults, ["expAvg", "expAvgSq"]);
  }

  /** Throws if a setting is out of range. */
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

  /** Returns the settings of a group at a step, for the kernel. */
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

  /** Records the update of one flat buffer. */
  protected override update(
    gradients: FlatGradients,
    blockTable: Tensor,
    settings: Tensor,
    values: Tensor,
    [expAvg, expAvgSq]: readonly [Tensor, Tensor],
  ): void {
    adamwStep(gradients, blockTable, settings, values, expAvg, expAvgSq);
  }
}
