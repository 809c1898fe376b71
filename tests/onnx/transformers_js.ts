/**
 * Stands in for `@huggingface/transformers`, of which it has what README's
 * program uses: it looks for the same files, takes tokens from our tokenizer,
 * and runs the model in the interpreter, without 480 MB and a native library.
 */
// deno-lint-ignore-file camelcase -- the package's names
import { Tokenizer } from "../../mod.ts";
import { run, TYPES, type Value } from "./interpreter.ts";

/** Where the package looks for models. */
export const env = { localModelPath: "/models/", allowRemoteModels: true };

const FILES: Readonly<Record<string, string>> = {
  fp32: "model.onnx",
  fp16: "model_fp16.onnx",
  q8: "model_quantized.onnx",
};

const folderOf = (name: string) => `${env.localModelPath}/${name}`;

/** The tokenizer of a folder. */
export const AutoTokenizer = {
  async from_pretrained(name: string) {
    const folder = folderOf(name);
    await Deno.stat(`${folder}/tokenizer_config.json`); // the package needs it
    const tokenizer = await Tokenizer.fromPretrained(folder);
    return (text: string, options: { text_pair?: string } = {}) => {
      const { inputIds, attentionMask, tokenTypeIds } = tokenizer
        .encode(text, options.text_pair);
      const row = (data: number[]): Value => {
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

/** Probabilities of logits. */
export function softmax(logits: readonly number[]): number[] {
  const powers = logits.map(Math.exp);
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
}
