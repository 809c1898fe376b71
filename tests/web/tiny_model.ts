/** A BERT of two narrow layers with the embedded tokenizer, for rows of one text. */
import {
  BertConfig,
  BertForSequenceClassification,
  type OutputFiles,
  Tokenizer,
} from "../../mod.ts";
import { prepare, type PreparedData } from "../../web/worker/prepared_data.ts";
import { readTable } from "../../web/worker/table.ts";
import { device } from "../helpers/device.ts";
import { ROOT } from "../helpers/permissions.ts";

/** The embedded tokenizer. */
export function tokenizer(): Promise<Tokenizer> {
  return Tokenizer.fromPretrained(new URL("data/model", ROOT).pathname);
}

/** A model of random weights. */
export async function tinyFiles(): Promise<OutputFiles> {
  const config = new BertConfig({
    vocabSize: 1280,
    hiddenSize: 8,
    numHiddenLayers: 2,
    numAttentionHeads: 2,
    intermediateSize: 16,
    maxPositionEmbeddings: 32,
    initializerRange: 0.3,
  });
  const files: OutputFiles = {};
  const model = BertForSequenceClassification.fromConfig(config, { device });
  await model.savePretrained(files);
  await (await tokenizer()).savePretrained(files);
  return files;
}

/** Twenty rows of two classes. */
export async function tinyData(): Promise<PreparedData> {
  const rows = Array.from(
    { length: 20 },
    (_, i) =>
      `${i % 2 ? "it rains on day" : "buy bread for"} ${i}\t${"ab"[i % 2]}`,
  );
  const text = `text\tlabel\n${rows.join("\n")}\n`;
  const table = await readTable({ kind: "text", text });
  return prepare(table, { text: ["text"], label: "label", heldOut: 0.2 });
}
