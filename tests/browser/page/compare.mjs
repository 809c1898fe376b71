/**
 * Compares the page's model in transformers.js with the page's own probabilities.
 *
 *     node compare.mjs FOLDER
 *
 * FOLDER is that of the unpacked zip; answers.json lies beside it. Run a copy of this
 * file beside a node_modules with @huggingface/transformers.
 */
import {
  AutoModelForSequenceClassification,
  AutoTokenizer,
  env,
  softmax,
} from "@huggingface/transformers";
import { readFileSync } from "node:fs";

const folder = process.argv[2];
env.localModelPath = folder;
const local = { local_files_only: true };
const answers = JSON.parse(readFileSync(`${folder}/../answers.json`, "utf8"));
const tokenizer = await AutoTokenizer.from_pretrained("model", local);
let failed = false;
for (const dtype of ["fp32", "q8"]) {
  const model = await AutoModelForSequenceClassification
    .from_pretrained("model", { ...local, dtype });
  let largest = 0;
  for (const [text, expected] of Object.entries(answers)) {
    const inputs = tokenizer(text, { truncation: true, max_length: 128 });
    const { logits } = await model(inputs);
    softmax(logits.data).forEach((score, i) => {
      const difference = Math.abs(score - expected[model.config.id2label[i]]);
      largest = Math.max(largest, difference);
    });
  }
  console.log(
    `transformers.js, ${dtype}: largest difference ${largest.toExponential(1)}`,
  );
  failed ||= dtype === "fp32" && largest >= 1e-4;
}
process.exit(failed ? 1 : 0);
