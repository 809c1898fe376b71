/**
 * Classifiers as ONNX files, which onnxruntime runs: in a browser or in Node
 * through transformers.js, or in Python.
 *
 * @module
 */
import { writeFile } from "../checkpoint/files.ts";
import {
  type MatchOptions,
  matchParameters,
  type ModelFolder,
  openModelFolder,
} from "../checkpoint/hugging_face.ts";
import { BertConfig } from "../models/bert/bert_config.ts";
import { BERT } from "../models/pretrained_model.ts";
import { bertConfigOf, DISTILBERT } from "../models/distilbert/distilbert.ts";
import { DistilBertConfig } from "../models/distilbert/distilbert_config.ts";
import {
  addClassifier,
  BERT_NAMES,
  DISTILBERT_NAMES,
  type Names,
} from "./bert_graph.ts";
import { Layers, type OnnxDtype } from "./layers.ts";

/** The folder in a model's folder in which transformers.js looks for the files, and their names. */
const FOLDER = "onnx";
const FILE_NAMES: Readonly<Record<OnnxDtype, string>> = {
  fp32: "model.onnx",
  fp16: "model_fp16.onnx",
  q8: "model_quantized.onnx",
};

/** What has to be known of a model. */
interface Architecture {
  /** How its tensors are called. */
  readonly names: Names;
  /** What else a checkpoint may have. */
  readonly match: MatchOptions;
  /** Sizes under BERT's names, and the number of labels. */
  readonly config: BertConfig;
  readonly numLabels: number;
}

/** By the `model_type` of `config.json`. */
const ARCHITECTURES: Readonly<
  Record<string, (json: ModelFolder["config"], source: string) => Architecture>
> = {
  bert(json, source) {
    const config = BertConfig.fromJson(json, {}, source);
    const { numLabels } = config;
    return { names: BERT_NAMES, match: BERT, config, numLabels };
  },
  distilbert(json, source) {
    const config = DistilBertConfig.fromJson(json, {}, source);
    return {
      names: DISTILBERT_NAMES,
      match: DISTILBERT,
      config: bertConfigOf(config),
      numLabels: config.numLabels,
    };
  },
};

/** How a file is written. */
export interface OnnxSaveOptions {
  /**
   * How it keeps the numbers.
   *
   * @default "fp32"
   */
  dtype?: OnnxDtype;
  /**
   * Ends the writing when it is aborted; nothing is left then.
   *
   * @default None.
   */
  signal?: AbortSignal;
}

/**
 * A trained classifier, BERT or DistilBERT, that can be written as ONNX. Its
 * weights stay in their file until then, and no device is needed.
 *
 * @example
 * ```ts ignore
 * using model = await OnnxModel.fromPretrained("runs/mrpc/model");
 * await model.savePretrained("runs/mrpc/model"); // onnx/model.onnx in it
 * ```
 */
export class OnnxModel implements Disposable {
  readonly #folder: ModelFolder;
  readonly #architecture: Architecture;
  /** The tensor of each parameter in the folder. */
  readonly #sources: ReadonlyMap<string, string>;

  private constructor(folder: ModelFolder) {
    const { path, config: { model_type: modelType } } = folder;
    if (
      typeof modelType !== "string" || !Object.hasOwn(ARCHITECTURES, modelType)
    ) {
      const known = Object.keys(ARCHITECTURES).map((name) => `"${name}"`);
      throw new SyntaxError(
        `Cannot export ${path}: the model_type in its config.json is ${
          JSON.stringify(modelType) ?? "missing"
        }; there are ${known.join(" and ")}: name the folder of such a model`,
      );
    }
    this.#folder = folder;
    this.#architecture = ARCHITECTURES[modelType]!(
      folder.config,
      `${path}/config.json`,
    );
    const { parameters } = this.#build("fp32");
    const { sources, missing, unexpected } = matchParameters(
      folder,
      parameters,
      this.#architecture.match,
    );
    const { length } = missing;
    if (length > 0) {
      throw new RangeError(
        `Cannot export ${path}: its weights lack ${missing[0]}${
          length > 1 ? ` and ${length - 1} more` : ""
        }: train the model first, or correct its config.json`,
      );
    }
    if (unexpected.length > 0) {
      throw new RangeError(
        `Cannot export ${path}: its weights have ${unexpected[0]}${
          unexpected.length > 1 ? ` and ${unexpected.length - 1} more` : ""
        }, which a model of its config.json has not: correct that`,
      );
    }
    this.#sources = sources;
  }

  /**
   * Opens a Hugging Face model folder, and checks that its weights are those of
   * the classifier that its `config.json` describes.
   *
   * @param path The folder: `config.json` and `model.safetensors`.
   * @returns The model; dispose it when its files are written.
   * @throws {SyntaxError} If `model_type` is missing or unknown, or a file is torn or not what it should be.
   * @throws {RangeError} If weights and `config.json` contradict each other.
   * @throws {Error} If a file is missing.
   */
  static async fromPretrained(path: string): Promise<OnnxModel> {
    using opened = new DisposableStack();
    const folder = opened.use(await openModelFolder(path));
    const model = new OnnxModel(folder);
    opened.move();
    return model;
  }

  /**
   * Writes `onnx/model.onnx`, or for another dtype `onnx/model_fp16.onnx` or
   * `onnx/model_quantized.onnx`, as transformers.js looks for them. The file is
   * replaced whole or not at all.
   *
   * The model takes `input_ids`, `attention_mask` and, if it is a BERT,
   * `token_type_ids`, each int64 `[B, S]` of any B and S, and gives `logits`,
   * float32 `[B, numLabels]`.
   *
   * @param path The model folder in which `onnx` is to lie, or another that has
   * the same `config.json`, `tokenizer.json` and `tokenizer_config.json`.
   * @param options How it keeps the numbers.
   * @returns Path of the file.
   * @throws {RangeError} If a weight does not fit the dtype, or the model the file.
   * @throws {Error} If the file cannot be written.
   */
  async savePretrained(
    path: string,
    { dtype = "fp32", signal }: OnnxSaveOptions = {},
  ): Promise<string> {
    const folder = `${path.replace(/\/+$/, "")}/${FOLDER}`;
    const fileName = FILE_NAMES[dtype];
    const { graph } = this.#build(dtype);
    const content = graph.stream((name) => {
      signal?.throwIfAborted();
      return this.#folder.read(this.#sources.get(name)!);
    });
    await writeFile(folder, fileName, content);
    return `${folder}/${fileName}`;
  }

  /** Closes the files of the weights. */
  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]();
  }

  #build(dtype: OnnxDtype): Layers {
    const { config, names, numLabels } = this.#architecture;
    const layers = new Layers(dtype);
    addClassifier(layers, config, names, numLabels);
    return layers;
  }
}
