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
  type Device,
  type ModelForSequenceClassification,
} from "../mod.ts";
import type { Options } from "./_options.ts";

const data = new URL("../data/", import.meta.url);

/** Folder of the embedded sentence pairs. */
export const embeddedData = decodeURIComponent(new URL("pairs", data).pathname);
/** Folder of the embedded model's configuration and tokenizer. */
export const embeddedModel = decodeURIComponent(
  new URL("model", data).pathname,
);

/**
 * Loads the model of a run and says what was newly initialised.
 *
 * @param options The run's settings.
 * @param device Where.
 * @param head How many labels, and their names.
 * @returns The model.
 */
export async function loadModel(
  { model: path, dropout, seed }: Options,
  device: Device,
  head: { numLabels: number; id2label?: Record<number, string> } = {
    numLabels: 2,
  },
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
  if (path === undefined) {
    const json = await Deno.readTextFile(`${embeddedModel}/config.json`);
    const config = BertConfig.fromJson(JSON.parse(json), changes);
    console.log(
      "The embedded model starts from random weights: it shows that the loop works, not what a pretrained BERT can do",
    );
    return BertForSequenceClassification.fromConfig(config, { device, seed });
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
