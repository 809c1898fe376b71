// deno-lint-ignore-file no-console
import {
  AutoModelForSequenceClassification,
  AutoTokenizer,
  env,
  softmax,
} from "@huggingface/transformers";

env.localModelPath = "runs";
env.allowRemoteModels = false;
const tokenizer = await AutoTokenizer.from_pretrained("mine/model");
const model = await AutoModelForSequenceClassification
  .from_pretrained("mine/model", { dtype: "fp32" });
const inputs = tokenizer("The ferry leaves at seven.", {
  text_pair: "It leaves at seven.",
  truncation: true,
});
const { logits } = await model(inputs);
softmax(logits.data).forEach((probability, i) =>
  console.log(model.config.id2label[i], probability)
);
