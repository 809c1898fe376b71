/**
 * The model and the data of a run: those of the flags, or the embedded ones.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import {
  type AutoConfigOptions,
  AutoModelForSequenceClassification,
  BertConfig,
  BertForSequenceClassification,
  type Dataset,
  type Device,
  DistilBertConfig,
  DistilBertForSequenceClassification,
  type ModelForSequenceClassification,
  type ModelOptions,
} from "../../mod.ts";
import type { Options } from "./options.ts";

const data = new URL("../../data/", import.meta.url);

/** Folder of the embedded sentence pairs. */
export const embeddedData = decodeURIComponent(new URL("pairs", data).pathname);
/** Folder of the embedded model. */
export const embeddedModel = decodeURIComponent(
  new URL("model", data).pathname,
);

/** How many labels, and their names. */
export interface Head {
  /** How many. */
  readonly numLabels: number;
  /** Their names by number. */
  readonly id2label?: Record<number, string>;
}

/**
 * The labels of MRPC, with their names where the data has some.
 *
 * @param rows Rows with a column `label`.
 */
export function pairHead(rows: Dataset): Head {
  const names = rows.labelNames("label");
  return names?.length === 2
    ? { numLabels: 2, id2label: { ...names } }
    : { numLabels: 2 };
}

/**
 * Loads the model of a run and says what was newly initialised.
 *
 * @param options The run's settings.
 * @param device Where.
 * @param head Its labels.
 * @returns The model.
 */
export async function loadModel(
  { model: path = embeddedModel, noPretrained, dropout, seed }: Options,
  device: Device,
  head: Head,
): Promise<ModelForSequenceClassification> {
  const changes: AutoConfigOptions = dropout === undefined ? {} : {
    hiddenDropoutProb: dropout,
    attentionProbsDropoutProb: dropout,
    classifierDropout: dropout,
    // The same of a DistilBERT.
    dropout,
    attentionDropout: dropout,
    seqClassifDropout: dropout,
  };
  if (noPretrained) {
    console.log(
      "The model starts from random weights: it has not been pretrained",
    );
    return await fromConfig(path, { ...changes, ...head }, { device, seed });
  }
  const model = await AutoModelForSequenceClassification.fromPretrained(path, {
    device,
    ...head,
    seed,
    config: changes,
  });
  if (model.loadReport) console.log(model.loadReport);
  return model;
}

/** A model of a folder's configuration, from random weights. */
async function fromConfig(
  path: string,
  changes: AutoConfigOptions,
  options: ModelOptions,
): Promise<ModelForSequenceClassification> {
  const source = `${path}/config.json`;
  const json = JSON.parse(await Deno.readTextFile(source));
  return json.model_type === "distilbert"
    ? DistilBertForSequenceClassification.fromConfig(
      DistilBertConfig.fromJson(json, changes, source),
      options,
    )
    : BertForSequenceClassification.fromConfig(
      BertConfig.fromJson(json, changes, source),
      options,
    );
}
