// deno-lint-ignore-file no-console
import {
  AutoModelForSequenceClassification,
  AutoTokenizer,
  env,
  softmax,
} from "@huggingface/transformers";

env.localModelPath = "runs/mrpc"; // the folder above model/
env.allowRemoteModels = false;
const tokenizer = await AutoTokenizer.from_pretrained("model");
const model = await AutoModelForSequenceClassification
  .from_pretrained("model", { dtype: "fp32" });
const first = "The ferry leaves at seven.";
const inputs = tokenizer(first, { text_pair: "It leaves at seven." });
const { logits } = await model(inputs);
softmax(logits.data).forEach((probability, i) =>
  console.log(model.config.id2label[i], probability)
);
