/**
 * Loads a model in transformers.js, on demand: the package takes 480 MB and has a
 * native library that needs the permission ffi.
 *
 * @module
 */

/** A tensor of transformers.js. */
export interface JsTensor {
  /** Sizes of the dimensions. */
  readonly dims: readonly number[];
  /** The elements, row-major. */
  readonly data: Float32Array | BigInt64Array;
}

/** Output of the tokenizer and input of the model: `input_ids` and others, each `[B, S]`. */
export type JsBatch = Readonly<Record<string, JsTensor>>;

/** A classifier in transformers.js. */
export interface JsClassifier {
  /** Tokenises texts or text pairs into a padded batch. */
  tokenize(texts: readonly string[], pairs?: readonly string[]): JsBatch;
  /** Classifies a batch and returns the logits, `[B, numLabels]`. */
  classify(batch: JsBatch): Promise<Float32Array>;
}

/** The part of the package that is used here. */
interface TransformersJs {
  readonly env: {
    allowRemoteModels: boolean;
    localModelPath: string;
    useFSCache: boolean;
  };
  readonly AutoTokenizer: {
    // deno-lint-ignore camelcase
    from_pretrained(name: string): Promise<
      (texts: readonly string[], options: object) => JsBatch
    >;
  };
  readonly AutoModelForSequenceClassification: {
    // deno-lint-ignore camelcase
    from_pretrained(
      name: string,
      options: { readonly dtype: string },
    ): Promise<(batch: JsBatch) => Promise<{ readonly logits: JsTensor }>>;
  };
}

// Not a literal in the import, which every user and CI would download.
const PACKAGE: string = "npm:@huggingface/transformers@4.3.1";

/** File names by number format, as the package looks for them. */
const FILES: Readonly<Record<string, string>> = {
  fp32: "onnx/model.onnx",
  fp16: "onnx/model_fp16.onnx",
  q8: "onnx/model_quantized.onnx",
};

/**
 * Loads a model folder in transformers.js, on the CPU.
 *
 * @param path The folder, with the ONNX file in `onnx/`.
 * @param dtype Number format of the file: `fp32`, `fp16` or `q8`.
 * @returns The model and its tokenizer.
 * @throws {Error} If the folder lacks a file, or the package cannot be loaded.
 */
export async function loadInTransformersJs(
  path: string,
  dtype: string,
): Promise<JsClassifier> {
  const file = `${path}/${FILES[dtype]}`;
  await Deno.stat(file).catch((cause) => {
    throw new Error(
      `There is no ${file}: write it with deno task export --model ${path} --dtype ${dtype}`,
      { cause },
    );
  });
  const { env, AutoTokenizer, AutoModelForSequenceClassification } =
    await import(PACKAGE) as TransformersJs;
  const [, parent, name] = (await Deno.realPath(path)).match(/^(.*\/)(.*)$/)!;
  Object.assign(env, {
    allowRemoteModels: false, // no request to the Hub
    localModelPath: parent,
    useFSCache: false, // no cache on disk
  });
  const tokenizer = await AutoTokenizer.from_pretrained(name!);
  const model = await AutoModelForSequenceClassification.from_pretrained(
    name!,
    { dtype },
  );
  return {
    tokenize: (texts, pairs) =>
      tokenizer(texts, {
        "text_pair": pairs,
        padding: true,
        truncation: true,
      }),
    classify: async (batch) => (await model(batch)).logits.data as Float32Array,
  };
}
