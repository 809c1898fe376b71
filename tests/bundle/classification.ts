// A page that trains a classifier: what it needs is all that its bundle has.
import {
  AdamW,
  AutoModelForSequenceClassification,
  dataCollatorWithPadding,
  DataLoader,
  readCsv,
  requestDevice,
  Tokenizer,
} from "../../mod.ts";

const device = await requestDevice();
const folder = new URL("model/", location.href);
const tokenizer = await Tokenizer.fromPretrained(folder);
const model = await AutoModelForSequenceClassification
  .fromPretrained(folder, { device, numLabels: 2 });
const csv = await (await fetch("train.csv")).blob();
const dataset = (await readCsv(csv, "train.csv"))
  .map((row) => tokenizer.encode(`${row.text}`, undefined))
  .removeColumns(["text"]).renameColumn("label", "labels");
const collateFn = dataCollatorWithPadding(tokenizer);
const loader = new DataLoader(dataset, { batchSize: 8, collateFn });
const optimizer = new AdamW(model.parameters(), { lr: 5e-5 });
for await (const batch of loader) {
  const { loss } = model.forward(batch);
  loss.backward();
  optimizer.step();
  optimizer.zeroGrad();
}
