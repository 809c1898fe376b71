import {
  type Batch,
  BertConfig,
  type BertConfigOptions,
  BertForMaskedLM,
  BertForPreTraining,
  type Device,
  type FromPretrainedOptions,
  HostTensor,
  type ModelOptions,
  type NestedNumbers,
  type Tensor,
} from "../../../mod.ts";
import maskedLm from "../../fixtures/masked_lm.json" with { type: "json" };
import preTraining from "../../fixtures/pre_training.json" with {
  type: "json",
};
import { device as defaultDevice } from "../../helpers/device.ts";
import { tensorsOf } from "../fixture_model.ts";

/** A class of either model. */
interface PretrainingClass {
  readonly architecture: string;
  fromConfig(
    config: BertConfig,
    options: ModelOptions,
  ): BertForMaskedLM | BertForPreTraining;
  fromPretrained(
    path: string,
    options: FromPretrainedOptions<BertConfigOptions>,
  ): Promise<BertForMaskedLM | BertForPreTraining>;
}

/** A model with a masked-LM head, and its golden file. */
interface Golden<Fixture> {
  readonly Model: PretrainingClass;
  readonly fixture: Fixture;
}

/** Both models with a masked-LM head. */
export const PRETRAINING: readonly [
  Golden<typeof maskedLm>,
  Golden<typeof preTraining>,
] = [
  { Model: BertForMaskedLM, fixture: maskedLm },
  { Model: BertForPreTraining, fixture: preTraining },
];

/** One of {@linkcode PRETRAINING}. */
export type Pretraining = typeof PRETRAINING[number];

/** The model of a golden file, in training mode. */
export function modelOf(
  { Model, fixture }: Pretraining,
  device: Device = defaultDevice,
): BertForMaskedLM | BertForPreTraining {
  const config = BertConfig.fromJson(fixture.config);
  const model = Model.fromConfig(config, { device });
  model.loadStateDict(tensorsOf(fixture.weights));
  return model;
}

/** The batches of a golden file. */
export function batchesOf({ fixture }: Pretraining): Batch[] {
  return fixture.batches.map((batch) =>
    Object.fromEntries(
      Object.entries<NestedNumbers>(batch)
        .map(([name, nested]) => [name, HostTensor.from(nested)]),
    ) as unknown as Batch
  );
}

/** What either model gives, under one name. */
export function forward(
  model: BertForMaskedLM | BertForPreTraining,
  batch: Batch,
): { loss: Tensor | undefined; wordLogits: Tensor; pairLogits?: Tensor } {
  if (model instanceof BertForMaskedLM) {
    const { loss, logits } = model.forward(batch);
    return { loss, wordLogits: logits };
  }
  const output = model.forward(batch);
  return {
    loss: output.loss,
    wordLogits: output.predictionLogits,
    pairLogits: output.seqRelationshipLogits,
  };
}
