/**
 * Dynamic scaling of the loss.
 *
 * @module
 */
import type { Device } from "../gpu/device.ts";
import { accumulate } from "../ops/accumulate.ts";
import { MIN_SCALE, unscaleFlat, updateScale } from "../ops/grad_scale.ts";
import { mul } from "../ops/mul.ts";
import { fromArray, Tensor, zeros } from "../tensor/tensor.ts";
import { gradientsOf } from "./flat_gradients.ts";
import {
  type GradScalerOptions,
  isScale,
  withDefaults,
} from "./grad_scaler_options.ts";
import type { Optimizer } from "./optimizer.ts";

export type { GradScalerOptions };

/** State of a {@linkcode GradScaler}. */
export interface GradScalerState {
  /** The scale. */
  scale: number;
  /** Steps in a row that were not skipped, since the scale changed. */
  growthTracker: number;
  /** Number of all steps that were skipped. */
  skippedSteps: number;
}

/** One optimizer since the last update. */
interface Unscaled {
  /** 1 if a gradient is not finite, a scalar. */
  readonly foundInf: Tensor;
  /** The same, once it was read back. */
  readonly found: Promise<number>;
  /** Whether it took its step. */
  hasStepped: boolean;
}

/**
 * `torch.amp.GradScaler`: multiplies the loss by a scale, divides the gradients by it,
 * and skips the steps of an optimizer whose gradients are not finite. The scale is
 * halved then, and doubled after 2000 steps that went well. The device decides:
 * no step waits for it.
 *
 * Source: Micikevicius et al. 2018, https://arxiv.org/abs/1710.03740
 *
 * @example
 * ```ts ignore
 * const scaler = new GradScaler(device);
 * scaler.scale(loss).backward();
 * scaler.unscale(optimizer);
 * clipGradNorm(model.parameters(), 1);
 * scaler.step(optimizer);
 * scaler.update();
 * ```
 */
export class GradScaler {
  readonly #options: Required<GradScalerOptions>;
  readonly #device: Device;
  readonly #scale: Tensor;
  readonly #growthTracker: Tensor;
  readonly #foundInf = new Map<Optimizer, Tensor>();
  readonly #unscaled = new Map<Optimizer, Unscaled>();
  /** The state after all steps of which the host knows. */
  readonly #known: GradScalerState;
  /** Updates of which it does not. */
  #open = 0;
  #pending: Promise<void> = Promise.resolve();

  /**
   * Makes a scaler.
   *
   * @param device The device of the loss.
   * @param options Settings.
   * @throws {RangeError} If a setting is out of range.
   * @throws {TypeError} If an option has an unknown name.
   */
  constructor(device: Device, options: GradScalerOptions = {}) {
    this.#options = withDefaults(options);
    const scale = Math.fround(this.#options.initScale);
    this.#device = device;
    this.#known = { scale, growthTracker: 0, skippedSteps: 0 };
    this.#scale = fromArray(device, [scale], [], { lifetime: "kept" });
    this.#growthTracker = zeros(device, [], {
      ...{ dtype: "u32", lifetime: "kept" },
    });
  }

  /** Whether it does anything. */
  get isEnabled(): boolean {
    return this.#options.enabled;
  }

  /** Number of steps that were skipped, of those that were read back. */
  get skippedSteps(): number {
    return this.#known.skippedSteps;
  }

  /**
   * Multiplies a loss by the scale.
   *
   * @param loss The loss, any shape.
   * @returns The product, to be differentiated.
   */
  scale(loss: Tensor): Tensor {
    return this.isEnabled ? mul(loss, this.#scale) : loss;
  }

  /**
   * Divides the gradients of an optimizer by the scale, so that they can be clipped;
   * {@linkcode GradScaler.step} does it where this was not called.
   *
   * @param optimizer The optimizer.
   * @throws {Error} If it was called since the last update already, or there is no gradient.
   */
  unscale(optimizer: Optimizer): void {
    if (!this.isEnabled) return;
    if (this.#unscaled.has(optimizer)) {
      throw new Error(
        "Cannot divide the gradients by the scale twice: call update() after the step",
      );
    }
    const parameters = optimizer.paramGroups.flatMap(({ params }) => params);
    const gradients = gradientsOf(parameters);
    if (gradients.length === 0) {
      throw new Error(
        "Cannot divide gradients by the scale: no parameter has one; call backward() first",
      );
    }
    const foundInf = this.#foundInf.get(optimizer) ??
      new Tensor(this.#device, [], { lifetime: "kept" });
    this.#foundInf.set(optimizer, foundInf);
    this.#device.clear(foundInf);
    unscaleFlat(gradients, this.#scale, foundInf);
    const found = this.#device.readLater(foundInf);
    this.#unscaled.set(optimizer, { foundInf, found, hasStepped: false });
  }

  /**
   * Takes a step of an optimizer, unless a gradient is not finite.
   *
   * @param optimizer The optimizer.
   * @throws {Error} If it took one since the last update already, or there is no gradient.
   */
  step(optimizer: Optimizer): void {
    if (!this.isEnabled) return optimizer.step();
    if (!this.#unscaled.has(optimizer)) this.unscale(optimizer);
    const unscaled = this.#unscaled.get(optimizer)!;
    if (unscaled.hasStepped) {
      throw new Error("Cannot take a step twice: call update() between them");
    }
    unscaled.hasStepped = true;
    const { foundInf, found } = unscaled;
    const wasSkipped = found.then((value) => value > 0);
    optimizer.step({ foundInf, wasSkipped });
  }

  /**
   * Updates the scale, after the steps of all optimizers.
   *
   * @throws {Error} If there was no step.
   */
  update(): void {
    if (!this.isEnabled) return;
    const all = [...this.#unscaled.values()];
    const [first, ...others] = all;
    if (!first) {
      throw new Error(
        "Cannot update the scale: no gradient was divided by it; call step() first",
      );
    }
    this.#unscaled.clear();
    using _scope = this.#device.scope();
    for (const { foundInf } of others) {
      accumulate({ tensor: first.foundInf, accumulate: true }, foundInf);
    }
    updateScale(
      this.#scale,
      this.#growthTracker,
      first.foundInf,
      this.#options,
    );
    this.#open++;
    this.#pending = Promise.all(all.map(({ found }) => found)).then(
      (values) => this.#learn(values.some((value) => value > 0)),
      () => {},
    );
  }

  /** Updates what the host knows as the device did. */
  #learn(foundInf: boolean): void {
    const known = this.#known;
    const { growthFactor, backoffFactor, growthInterval } = this.#options;
    this.#open--;
    if (foundInf) {
      const backedOff = known.scale * Math.fround(backoffFactor);
      known.scale = Math.max(Math.fround(backedOff), MIN_SCALE);
      known.growthTracker = 0;
      known.skippedSteps++;
    } else if (++known.growthTracker >= growthInterval) {
      const grown = Math.fround(known.scale * Math.fround(growthFactor));
      if (Number.isFinite(grown)) known.scale = grown;
      known.growthTracker = 0;
    }
  }

  /**
   * Waits until it is known which steps were skipped, before {@linkcode GradScaler.stateDict}.
   *
   * @returns A promise; `undefined` if all are known.
   */
  settle(): Promise<void> | undefined {
    if (this.#open === 0) return undefined;
    return this.#device.flushReads().then(() => this.#pending);
  }

  /**
   * Reads the scale; waits for the GPU.
   *
   * @returns The scale; 1 if it does nothing.
   */
  async getScale(): Promise<number> {
    return this.isEnabled ? await this.#scale.item() : 1;
  }

  /**
   * Returns the state to save.
   *
   * @returns Scale and counts.
   * @throws {Error} If it is not known yet whether a step was skipped.
   */
  stateDict(): GradScalerState {
    this.#checkSettled("save");
    return { ...this.#known };
  }

  /**
   * Restores a saved state.
   *
   * @param state The state.
   * @throws {Error} If it is not known yet whether a step was skipped.
   * @throws {RangeError} If a value is out of range; nothing is changed then.
   */
  loadStateDict(state: GradScalerState): void {
    this.#checkSettled("load");
    const { scale, growthTracker, skippedSteps } = state;
    const isCount = (value: number) =>
      Number.isSafeInteger(value) && value >= 0;
    if (!isScale(scale) || !isCount(growthTracker) || !isCount(skippedSteps)) {
      throw new RangeError(
        `Cannot load the state of a GradScaler: ${
          JSON.stringify(state)
        } has no scale above 0, and counts`,
      );
    }
    Object.assign(this.#known, { scale, growthTracker, skippedSteps });
    this.#device.upload(this.#scale, Float32Array.of(scale));
    this.#device.upload(this.#growthTracker, Uint32Array.of(growthTracker));
  }

  #checkSettled(action: string): void {
    if (this.#open === 0) return;
    throw new Error(
      `Cannot ${action} the state of a GradScaler: whether its last steps were skipped was not read back; await scaler.settle() first`,
    );
  }
}
