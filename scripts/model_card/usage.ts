/**
 * Section on the use of a model: in transformers, transformers.js and gradloop.
 *
 * @module
 */
import type { ModelCardData } from "./card_data.ts";

const TEXT = '"The ferry leaves at seven."';
const SECOND = '"It leaves at seven."';

/**
 * Writes the section. Each program gives all labels with their scores.
 *
 * @param data The data of a model card.
 * @returns Its Markdown.
 */
export function usageSection(data: ModelCardData): string {
  const { dataset, maxLength, onnxFiles } = data;
  const isPair = dataset.textColumns.length > 1;
  const kind = isPair ? "A pair of texts is" : "A text is";
  return `## Use

\`MODEL\` is this folder, or the name of its repository. ${kind} truncated after ${maxLength} tokens, as in training.

transformers:

\`\`\`python
${python(data, isPair)}
\`\`\`

transformers.js${
    onnxFiles.length > 0
      ? ""
      : ", once the folder has an ONNX file (`deno task export --model FOLDER`)"
  }:

\`\`\`js
${javaScript(data, isPair)}
\`\`\`

gradloop, with \`MODEL\` a folder:

\`\`\`ts
${typeScript(data, isPair)}
\`\`\`
`;
}

function python(
  { problemType, maxLength }: ModelCardData,
  isPair: boolean,
): string {
  const input = isPair ? `{"text": ${TEXT}, "text_pair": ${SECOND}}` : TEXT;
  const options = problemType === "regression"
    ? 'function_to_apply="none"'
    : "top_k=None";
  return `from transformers import pipeline

classifier = pipeline("text-classification", model="MODEL")
print(classifier(${input}, ${options}, truncation=True, max_length=${maxLength}))`;
}

/** The pipeline of transformers.js takes no pairs and has no choice of the length. */
function javaScript(
  { problemType, maxLength, onnxFiles }: ModelCardData,
  isPair: boolean,
): string {
  const dtype = onnxFiles.length === 0 || onnxFiles.includes("onnx/model.onnx")
    ? "fp32"
    : onnxFiles[0]!.includes("fp16")
    ? "fp16"
    : "q8";
  const scores = {
    regression: "logits",
    single_label_classification: "softmax(logits.data)",
    multi_label_classification: "logits.sigmoid().data",
  }[problemType];
  const names = [
    "AutoModelForSequenceClassification",
    "AutoTokenizer",
    ...problemType === "single_label_classification" ? ["softmax"] : [],
  ];
  const print = problemType === "regression"
    ? "console.log(logits.data[0]);"
    : `${scores}.forEach((score, i) => console.log(model.config.id2label[i], score));`;
  return `import { ${names.join(", ")} } from "@huggingface/transformers";

const tokenizer = await AutoTokenizer.from_pretrained("MODEL");
const model = await AutoModelForSequenceClassification.from_pretrained("MODEL", { dtype: "${dtype}" });
const inputs = tokenizer(${TEXT}, { ${
    isPair ? `text_pair: ${SECOND}, ` : ""
  }truncation: true, max_length: ${maxLength} });
const { logits } = await model(inputs);
${print}`;
}

function typeScript(
  { problemType, maxLength }: ModelCardData,
  isPair: boolean,
): string {
  const input = isPair ? `{ text: ${TEXT}, textPair: ${SECOND} }` : TEXT;
  const options = problemType === "regression" ? "" : ", { topK: null }";
  return `import { TextClassifier } from "@gradloop/gradloop";

using classifier = await TextClassifier.fromPretrained("MODEL", { maxLength: ${maxLength} });
console.log(await classifier.predict(${input}${options}));`;
}
