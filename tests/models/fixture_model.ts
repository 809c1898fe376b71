import { assertEquals } from "@std/assert";
import {
  type Batch,
  BertConfig,
  type BertConfigOptions,
  BertForSequenceClassification,
  type Device,
  HostTensor,
  loadSafetensors,
  type Module,
  type NestedNumbers,
  type Tensor,
} from "../../mod.ts";
import { device as defaultDevice } from "../helpers/device.ts";

/** A batch as the golden files hold it. */
export interface FixtureBatch {
  readonly inputIds: number[][];
  readonly tokenTypeIds: number[][];
  readonly attentionMask: number[][];
  readonly labels: number[];
}

/** A batch for `model.forward`; `labels` are i32 unless a number is not whole. */
export function batchOf(
  { inputIds, tokenTypeIds, attentionMask, labels }: FixtureBatch,
): Batch & { labels: HostTensor } {
  const from = (nested: NestedNumbers) => HostTensor.from(nested);
  return {
    inputIds: from(inputIds),
    tokenTypeIds: from(tokenTypeIds),
    attentionMask: from(attentionMask),
    labels: from(labels),
  };
}

/** Named tensors that a golden file holds as the base64 of a safetensors file. */
export function tensorsOf(base64: string): Record<string, Float32Array> {
  const tensors = loadSafetensors(Uint8Array.fromBase64(base64));
  return Object.fromEntries(
    [...tensors].map(([name, { data }]) => [name, data as Float32Array]),
  );
}

/** Differences of {@linkcode modelOf} from the golden file. */
export interface FixtureModelOptions {
  readonly device?: Device;
  readonly seed?: number;
  /** Rates of dropout, which are 0 in the golden file. */
  readonly config?: BertConfigOptions;
}

/** The model of a golden file, in training mode. */
export function modelOf(
  fixture: { config: Record<string, unknown>; weights: string },
  { device = defaultDevice, seed = 0, config = {} }: FixtureModelOptions = {},
): BertForSequenceClassification {
  const model = BertForSequenceClassification.fromConfig(
    BertConfig.fromJson(fixture.config, config),
    { device, seed },
  );
  model.loadStateDict(tensorsOf(fixture.weights));
  return model;
}

/** The values of every parameter by name. */
export function weightsOf(
  model: Module,
): Promise<Record<string, Float32Array>> {
  return read(model, (parameter) => parameter);
}

/** The gradient of every parameter by name. */
export function gradientsOf(
  model: Module,
): Promise<Record<string, Float32Array>> {
  return read(model, (parameter) => parameter.grad!);
}

async function read(
  model: Module,
  pick: (parameter: Tensor) => Tensor,
): Promise<Record<string, Float32Array>> {
  const entries = [...model.namedParameters()].map(
    async ([name, parameter]) =>
      [name, await pick(parameter).toArray()] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}

/** Fails, naming the first element that differs, unless two models hold the same numbers. */
export function assertSameValues(
  actual: Record<string, Float32Array>,
  expected: Record<string, Float32Array>,
): void {
  assertEquals(Object.keys(actual).sort(), Object.keys(expected).sort());
  for (const [name, values] of Object.entries(expected)) {
    const other = actual[name]!;
    assertEquals(other.length, values.length, name);
    const i = values.findIndex((value, i) => !Object.is(other[i], value));
    if (i >= 0) {
      throw new Error(`${name}[${i}] is ${other[i]}, expected ${values[i]}`);
    }
  }
}
