import {
  BertConfig,
  BertForSequenceClassification,
  type Device,
  HostTensor,
  requestDevice,
  type Tensor,
} from "../../mod.ts";
import { SIZES } from "./small_models.ts";

const [ROWS, TOKENS, HIDDEN] = [4, 64, 64];
/** Bytes of one tensor of a layer, `[T, H]`, such as its input. */
export const TENSOR_BYTES = 4 * ROWS * TOKENS * HIDDEN;

/** A model of some layers, and its loss on rows of one length. */
export function longRows(
  device: Device,
  numHiddenLayers: number,
): { model: BertForSequenceClassification; forward: () => Tensor } {
  const config = new BertConfig({
    ...SIZES,
    numHiddenLayers,
    hiddenSize: HIDDEN,
    intermediateSize: 4 * HIDDEN,
    maxPositionEmbeddings: TOKENS,
  });
  const model = BertForSequenceClassification.fromConfig(config, { device });
  const rows = (value: number) =>
    HostTensor.from(
      Array.from({ length: ROWS }, () => Array<number>(TOKENS).fill(value)),
    );
  const forward = () =>
    model.forward({
      inputIds: rows(5),
      tokenTypeIds: rows(0),
      attentionMask: rows(1),
      labels: HostTensor.from([0, 1, 2, 0]),
    }).loss;
  return { model, forward };
}

/**
 * Bytes of a training step beside weights and their gradients: after the forward pass,
 * and at most.
 *
 * @param layers Number of layers.
 * @param prepare Sets how the model trains; what it returns is disposed at the end.
 */
export async function bytesOfLongRows(
  layers: number,
  prepare: (
    device: Device,
    model: BertForSequenceClassification,
  ) => Disposable | void,
): Promise<{ kept: number; peak: number }> {
  using device = await requestDevice();
  const { model, forward } = longRows(device, layers);
  using _prepared = prepare(device, model) ?? null;
  for (let step = 0; step < 2; step++) { // the first one allocates gradients
    using _step = device.scope();
    forward().backward();
  }
  const before = device.memory.liveBytes;
  const peak = device.memory.peakBytes - before;
  using _step = device.scope();
  forward();
  return { kept: device.memory.liveBytes - before, peak };
}
