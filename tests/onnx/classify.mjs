// deno-lint-ignore-file no-console
import { env, pipeline } from "@huggingface/transformers";

env.localModelPath = "runs"; // the name of a model is its path from here
env.allowRemoteModels = false;
const classify = await pipeline("text-classification", "mine/model", {
  dtype: "fp32",
});
console.log(await classify("The ferry leaves at seven.", { top_k: null }));
