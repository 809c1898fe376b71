/**
 * The model of a run: that of the flags, or the embedded one.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import {
  AutoConfig,
  type AutoConfigOptions,
  AutoModelForSequenceClassification,
  type Device,
  type ForSequenceClassification,
} from "../../mod.ts";
import { embeddedModel } from "./embedded.ts";
import type { Head } from "./head.ts";
import type { Options } from "./options.ts";

/**
 * Loads the model of a run and prints what was newly initialised.
 *
 * @param options Settings of the run.
 * @param device The device of the model.
 * @param head Labels of the model.
 * @returns The model.
 */
export async function loadModel(
  options: Options,
  device: Device,
  head: Head,
): Promise<ForSequenceClassification> {
  const model = await newModel(options, device, head);
  if (options.gradientCheckpointing) model.gradientCheckpointingEnable();
  return model;
}

async function newModel(
  { model: path = embeddedModel, noPretrained, dropout, seed }: Options,
  device: Device,
  { numLabels, id2label, problemType, newHead }: Head,
): Promise<ForSequenceClassification> {
  const labels = {
    numLabels,
    problemType,
    ...id2label && { id2label },
  };
  const config: AutoConfigOptions = dropout === undefined ? {} : {
    hiddenDropoutProb: dropout,
    attentionProbsDropoutProb: dropout,
    classifierDropout: dropout,
  };
  if (noPretrained) {
    console.log(
      "The model starts from random weights: it has not been pretrained",
    );
    return AutoModelForSequenceClassification.fromConfig(
      await AutoConfig.fromPretrained(path, { ...config, ...labels }),
      { device, seed },
    );
  }
  const model = await AutoModelForSequenceClassification.fromPretrained(path, {
    device,
    ...labels,
    newHead,
    seed,
    config,
  });
  if (model.loadReport) console.log(model.loadReport);
  return model;
}
