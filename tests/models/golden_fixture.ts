/** Golden files of transformers, and the models and batches in them. */
import {
  type Batch,
  type Device,
  type ForSequenceClassification,
  type HostTensor,
  saveSafetensors,
} from "../../mod.ts";
import type { SequenceClassifierClass } from "../../lib/models/sequence_classification.ts";
import { device as defaultDevice } from "../helpers/device.ts";
import { batchOf } from "./fixture_model.ts";
import { type Digest, goldenWeight } from "./golden_digest.ts";
import type { Tensors } from "./model_folder.ts";

/** A batch of a golden file; without token types they are 0. */
export interface GoldenBatch {
  readonly inputIds: number[][];
  readonly attentionMask: number[][];
  readonly tokenTypeIds?: number[][];
  readonly labels: number[];
}

/** Results for a batch. */
export interface GoldenResults {
  readonly logits: number[][];
  readonly loss: number;
  readonly gradients: Readonly<Record<string, Digest>>;
}

/** A golden file as `golden` of `fixtures/golden.py` makes it. */
export interface GoldenFixture {
  readonly config: Readonly<Record<string, unknown>>;
  readonly parameters: Readonly<Record<string, number[]>>;
  readonly cases: readonly (GoldenResults & { readonly batch: GoldenBatch })[];
  readonly course: {
    /** The steps take this many of the cases in turn. */
    readonly batches: number;
    readonly lr: number;
    readonly weightDecay: number;
    readonly eps: number;
    readonly steps: readonly { loss: number; gradNorm: number }[];
    readonly weightsAfter: Readonly<Record<string, Digest>>;
  };
  readonly dropout: GoldenResults & {
    readonly seed: number;
    readonly sites: readonly number[];
  };
}

/** Every parameter of a golden file. */
export function goldenWeights(
  { parameters }: Pick<GoldenFixture, "parameters">,
): Record<string, Float32Array<ArrayBuffer>> {
  return Object.fromEntries(
    Object.entries(parameters)
      .map(([name, shape]) => [name, goldenWeight(name, shape)]),
  );
}

/** Tensors of a golden file's checkpoint whose names start with `prefix`. */
export function goldenTensors(
  { parameters }: Pick<GoldenFixture, "parameters">,
  prefix = "",
): Tensors {
  return Object.fromEntries(
    Object.entries(parameters)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, shape]) => [
        name,
        { dtype: "F32", shape, data: goldenWeight(name, shape) },
      ]),
  );
}

/** The model of a golden file, in training mode. */
export function goldenModel(
  modelClass: SequenceClassifierClass,
  fixture: Pick<GoldenFixture, "config" | "parameters">,
  { device = defaultDevice, seed = 0 }: { device?: Device; seed?: number } = {},
): ForSequenceClassification {
  const config = modelClass.configClass.fromJson(fixture.config);
  const model = modelClass.fromConfig(config, { device, seed });
  model.loadStateDict(goldenWeights(fixture));
  return model;
}

/** A batch of a golden file, for `model.forward`. */
export function goldenBatch(
  { tokenTypeIds, ...batch }: GoldenBatch,
): Batch & { labels: HostTensor } {
  const zeros = () => batch.inputIds.map((row) => row.map(() => 0));
  return batchOf({ ...batch, tokenTypeIds: tokenTypeIds ?? zeros() });
}

/** Config and checkpoint of a golden file, for `exported`. */
export function goldenCheckpoint(fixture: GoldenFixture): {
  readonly config: Record<string, unknown>;
  readonly weights: string;
} {
  const bytes = saveSafetensors(goldenTensors(fixture));
  return { config: { ...fixture.config }, weights: bytes.toBase64() };
}
