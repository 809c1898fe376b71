/**
 * Objects of a training loop, each with a state of another kind.
 *
 * @module
 */
import {
  AdamW,
  DataLoader,
  Dropout,
  fromArray,
  getScheduler,
  Initializer,
  Linear,
  Module,
  type Optimizer,
  RandomSampler,
  sum,
  type Tensor,
} from "../../mod.ts";
import { device } from "../helpers/device.ts";

/** Two layers, a dropout, and extra state of every kind. */
export class Net extends Module {
  readonly first: Linear;
  readonly dropout = new Dropout(0.2, { seed: 7 });
  readonly second: Linear;
  extra: Record<string, unknown> = {
    nothing: null,
    numbers: [NaN, -0, [Infinity, -Infinity, [0.1]], true, "text"],
    floats: Float64Array.of(NaN, -0, 0.1),
    long: BigInt64Array.of(-(2n ** 63n)),
    bytes: new Uint8Array(),
    "__proto__x": { "a/b": Int16Array.of(-5) },
  };
  readonly isStrict: boolean;

  constructor(width = 3, isStrict = false) {
    super();
    const initializer = new Initializer(1);
    this.first = new Linear(device, 2, width, { initializer });
    this.second = new Linear(device, width, 1, { initializer });
    this.isStrict = isStrict;
  }

  override getExtraState(): unknown {
    return { ...this.extra, missing: undefined };
  }

  override setExtraState(state: Record<string, unknown>): void {
    this.extra = state;
    if (this.isStrict) throw new TypeError("Cannot take this extra state");
  }
}

/** A moving average of the weights, by the name of the parameter. */
export class Average {
  readonly #shadow: Record<string, Tensor> = {};
  #updates = 0;

  constructor(module: Module) {
    for (const [name, { shape, size }] of module.namedParameters()) {
      this.#shadow[name] = fromArray(device, Array(size).fill(0.5), shape);
    }
  }

  update(value: number): void {
    this.#updates++;
    for (const tensor of Object.values(this.#shadow)) {
      device.upload(tensor, new Float32Array(tensor.size).fill(value));
    }
  }

  stateDict() {
    return { updates: this.#updates, shadow: this.#shadow };
  }

  loadStateDict(
    { updates, shadow }: {
      updates: number;
      shadow: Record<string, Float32Array<ArrayBuffer>>;
    },
  ): void {
    this.#updates = updates;
    for (const [name, values] of Object.entries(shadow)) {
      device.upload(this.#shadow[name]!, values);
    }
  }
}

/** Differences of the objects. */
export interface Options {
  readonly width?: number;
  readonly isStrict?: boolean;
  readonly make?: (net: Net) => Optimizer;
  readonly seed?: number;
  readonly batchSize?: number;
  readonly rows?: number;
}

/** Makes the objects. */
export function makeObjects(options: Options = {}) {
  const { width, isStrict, seed = 3, batchSize = 2, rows = 7 } = options;
  const { make = (net) => new AdamW(net.parameters()) } = options;
  const model = new Net(width, isStrict);
  const optimizer = make(model);
  const data = Array.from({ length: rows }, (_, i) => i);
  const sampler = new RandomSampler(data, { seed });
  const loader = new DataLoader(data, {
    ...{ batchSize, sampler },
    collateFn: (rows) => rows,
  });
  const scheduler = getScheduler("linear", optimizer, {
    numWarmupSteps: 0,
    numTrainingSteps: 9,
  });
  return { model, average: new Average(model), loader, scheduler, optimizer };
}

/** Takes batches and steps; leaves gradients of `second`. */
export async function advance(
  { model, optimizer, scheduler, loader, average }: ReturnType<
    typeof makeObjects
  >,
  steps: number,
): Promise<void> {
  let step = 0;
  for await (const batch of loader) {
    using _step = device.scope();
    const x = fromArray(device, [batch[0]!, 1], [1, 2]);
    const hidden = model.dropout.forward(model.first.forward(x));
    sum(model.second.forward(hidden)).backward();
    optimizer.step();
    scheduler.step();
    optimizer.zeroGrad();
    average.update(step);
    if (++step === steps) break;
  }
  using _scope = device.scope();
  const x = fromArray(device, Array(model.second.weight.size).fill(2), [
    1,
    model.second.weight.size,
  ]);
  sum(model.second.forward(x)).backward();
}
