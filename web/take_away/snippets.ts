/**
 * The lines that use the model elsewhere.
 *
 * @module
 */
import type { Plan } from "../messages.ts";

/**
 * Writes the lines for transformers.
 *
 * @param plan The training.
 * @returns A program in Python.
 */
export function python({ isPair, maxLength }: Plan): string {
  const input = isPair
    ? `{"text": "It rains.", "text_pair": "Rain is falling."}`
    : `"Please turn on the lamp."`;
  return `# pip install transformers torch
from transformers import pipeline

classifier = pipeline("text-classification", model="model")
print(classifier(
    ${input},
    top_k=None, truncation=True, max_length=${maxLength},
))
`;
}

/**
 * Writes the lines for transformers.js.
 *
 * @param plan The training.
 * @returns A program in JavaScript.
 */
export function javaScript({ isPair, maxLength }: Plan): string {
  const [text, pair] = isPair
    ? [`"It rains."`, `text_pair: "Rain is falling.", `]
    : [`"Please turn on the lamp."`, ""];
  return [
    "// npm install @huggingface/transformers",
    "import {",
    "  AutoModelForSequenceClassification, AutoTokenizer, env, softmax,",
    '} from "@huggingface/transformers";',
    "",
    'env.localModelPath = "./"; // the folder that has model/',
    "const local = { local_files_only: true };",
    'const tokenizer = await AutoTokenizer.from_pretrained("model", local);',
    "const model = await AutoModelForSequenceClassification",
    '  .from_pretrained("model", { ...local, dtype: "fp32" }); // or "q8"',
    `const options = { ${pair}truncation: true, max_length: ${maxLength} };`,
    `const { logits } = await model(tokenizer(${text}, options));`,
    "softmax(logits.data)",
    "  .forEach((p, i) => console.log(model.config.id2label[i], p));",
    "",
  ].join("\n");
}
