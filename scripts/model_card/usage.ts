/**
 * Section on the use of a model: in transformers, transformers.js and gradloop.
 *
 * @module
 */
import type { ModelCardData } from "./card_data.ts";

const TEXT = '"The ferry leaves at seven."';
const SECOND = '"It leaves at seven."';

/** First sentence of the section. */
const INTRODUCTION = "`MODEL` is this folder, or the name of its repository.";

/** Second sentence of the section, up to the length, of single texts. */
const SINGLE_TEXTS = "A text is truncated after";

/**
 * Writes the section. Each program gives all labels with their scores.
 *
 * @param data The data of a model card.
 * @returns Its Markdown.
 */
export function usageSection(data: ModelCardData): string {
  const { dataset, maxLength, onnxFiles } = data;
  const isPair = dataset.textColumns.length > 1;
  const truncated = isPair
    ? "A pair of texts is truncated after"
    : SINGLE_TEXTS;
  return `## Use

${INTRODUCTION} ${truncated} ${maxLength} tokens, as in training.

transformers:

\`\`\`python
${python(data, isPair)}
\`\`\`

${onnxHeading(onnxFiles)}

\`\`\`js
${javaScript(data, isPair)}
\`\`\`

gradloop, with \`MODEL\` a folder:

\`\`\`ts
${typeScript(data, isPair)}
\`\`\`
`;
}

/**
 * Tells whether a card says that its model was trained on single texts.
 *
 * @param text Text of the card.
 * @returns Whether it does; not of a card that is not from here.
 */
export function isOfSingleTexts(text: string): boolean {
  return text.includes(`\n${INTRODUCTION} ${SINGLE_TEXTS} `);
}

/**
 * Names the ONNX files in a section that is there, and leaves all else as it is.
 *
 * @param text Text with the section.
 * @param onnxFiles Paths of all ONNX files in the folder.
 * @returns The text; undefined if it has no such section.
 */
export function nameOnnxFiles(
  text: string,
  onnxFiles: readonly string[],
): string | undefined {
  if (!HEADING.test(text)) return undefined;
  return text.replace(HEADING, () => onnxHeading(onnxFiles))
    .replace(DTYPE, (_, before) => `${before}"${dtypeOf(onnxFiles)}"`);
}

const HEADING = /^transformers\.js, (?:once the folder has|with) .*:$/m;
const DTYPE =
  /^(const model = await AutoModelForSequenceClassification\.from_pretrained\("MODEL", \{ dtype: )"\w+"/m;

function onnxHeading(onnxFiles: readonly string[]): string {
  return `transformers.js, ${
    onnxFiles.length > 0
      ? `with ${onnxFiles.map((file) => `\`${file}\``).join(", ")}`
      : "once the folder has an ONNX file (`deno task export --model FOLDER`)"
  }:`;
}

/** The dtype of a file, which the pipeline of transformers.js loads. */
function dtypeOf(onnxFiles: readonly string[]): string {
  const has = (name: string) => onnxFiles.some((file) => file.includes(name));
  if (onnxFiles.length === 0 || has("/model.onnx")) return "fp32";
  return has("fp16") ? "fp16" : "q8";
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
const model = await AutoModelForSequenceClassification.from_pretrained("MODEL", { dtype: "${
    dtypeOf(onnxFiles)
  }" });
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
