/**
 * Model and data of a run: those of the flags, or the embedded ones.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import {
  AutoConfig,
  type AutoConfigOptions,
  AutoModelForSequenceClassification,
  type Dataset,
  type Device,
  type ForSequenceClassification,
  type ProblemType,
} from "../../mod.ts";
import type { Options } from "./options.ts";

const data = new URL("../../data/", import.meta.url);

/** Folder of the embedded sentence pairs. */
export const embeddedData = decodeURIComponent(new URL("pairs", data).pathname);
/** Folder of the embedded model. */
export const embeddedModel = decodeURIComponent(
  new URL("model", data).pathname,
);

/** Labels of a model's head. */
export interface Head {
  /** Number of labels. */
  readonly numLabels: number;
  /** Label names by number. */
  readonly id2label?: Readonly<Record<number, string>>;
  /** Loss. */
  readonly problemType: ProblemType;
}

/**
 * The labels of MRPC, with their names if the data has any.
 *
 * @param rows Rows with a column `label`.
 * @returns The labels.
 */
export function pairHead(rows: Dataset): Head {
  const problemType = "single_label_classification";
  const names = rows.labelNames("label");
  return names?.length === 2
    ? { numLabels: 2, problemType, id2label: { ...names } }
    : { numLabels: 2, problemType };
}

/**
 * Loads the model of a run and prints what was newly initialised.
 *
 * @param options Settings of the run.
 * @param device The device of the model.
 * @param head Labels of the model.
 * @returns The model.
 */
export async function loadModel(
  { model: path = embeddedModel, noPretrained, dropout, seed }: Options,
  device: Device,
  head: Head,
): Promise<ForSequenceClassification> {
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
      await AutoConfig.fromPretrained(path, { ...config, ...head }),
      { device, seed },
    );
  }
  const model = await AutoModelForSequenceClassification.fromPretrained(path, {
    device,
    ...head,
    seed,
    config,
  });
  if (model.loadReport) console.log(model.loadReport);
  return model;
}
