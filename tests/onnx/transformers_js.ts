/**
 * A fake `@huggingface/transformers` with the API that README's program uses. It
 * reads the same files, tokenizes with gradloop and runs the model in the
 * interpreter, without a download of 480 MB and a native library.
 */
// deno-lint-ignore-file camelcase -- the package's names
import { Tokenizer } from "../../mod.ts";
import { run, TYPES, type Value } from "./interpreter.ts";

/** Settings of the package: the folder of local models. */
export const env = { localModelPath: "/models/", allowRemoteModels: true };

const FILES: Readonly<Record<string, string>> = {
  fp32: "model.onnx",
  fp16: "model_fp16.onnx",
  q8: "model_quantized.onnx",
};

const folderOf = (name: string) => `${env.localModelPath}/${name}`;

/** Options of a tokenizer; without `truncation` it truncates nothing. */
interface TokenizerOptions {
  readonly text_pair?: string;
  readonly truncation?: boolean;
}

/** The tokenizer of a folder. */
export const AutoTokenizer = {
  async from_pretrained(name: string) {
    const folder = folderOf(name);
    // Required by the package, which truncates to what it says.
    const config = JSON.parse(
      await Deno.readTextFile(`${folder}/tokenizer_config.json`),
    );
    const tokenizer = await Tokenizer.fromPretrained(folder);
    return (text: string, options: TokenizerOptions = {}) => {
      const { inputIds, attentionMask, tokenTypeIds } = tokenizer
        .encode(text, options.text_pair);
      const length = options.truncation ? config.model_max_length : Infinity;
      const row = (ids: number[]): Value => {
        const data = ids.slice(0, length); // [SEP] too, as the package does
        return { type: TYPES.int64, dims: [1, data.length], data };
      };
      return {
        input_ids: row(inputIds),
        attention_mask: row(attentionMask),
        token_type_ids: row(tokenTypeIds),
      };
    };
  },
};

/** The classifier of a folder. */
export const AutoModelForSequenceClassification = {
  async from_pretrained(name: string, { dtype }: { dtype: string }) {
    const folder = folderOf(name);
    const config = JSON.parse(await Deno.readTextFile(`${folder}/config.json`));
    const file = await Deno.readFile(`${folder}/onnx/${FILES[dtype]}`);
    const model = (inputs: Record<string, Value>) => run(file, inputs);
    return Object.assign(model, { config });
  },
};

/** The pipeline for one text. */
export async function pipeline(
  task: "text-classification",
  name: string,
  options: { dtype: string },
) {
  if (task !== "text-classification") throw new Error(`There is no ${task}`);
  const tokenizer = await AutoTokenizer.from_pretrained(name);
  const model = await AutoModelForSequenceClassification
    .from_pretrained(name, options);
  return async (
    text: string,
    { top_k = 1 }: { top_k?: number | null } = {},
  ) => {
    const { logits } = await model(tokenizer(text, { truncation: true }));
    const { id2label, problem_type: problemType } = model.config;
    const scores = problemType === "multi_label_classification"
      ? logits!.data.map((logit) => 1 / (1 + Math.exp(-logit)))
      : softmax(logits!.data);
    return scores.map((score, i) => ({ label: id2label[i], score }))
      .sort((a, b) => b.score - a.score).slice(0, top_k ?? scores.length);
  };
}

/** Probabilities of logits. */
export function softmax(logits: readonly number[]): number[] {
  const powers = logits.map(Math.exp);
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
}
