/**
 * Sequence classifiers as ONNX files, for onnxruntime: in a browser or in Node
 * through transformers.js, or in Python.
 *
 * @module
 */
import { checkOptions, type OptionNames } from "../check_options.ts";
import {
  matchParameters,
  type ModelFolder,
  openModelFolder,
} from "../checkpoint/hugging_face.ts";
import { areFinite } from "../checkpoint/load_report.ts";
import { join } from "../files.ts";
import type { FolderSource } from "../files/folder.ts";
import { OpenFiles } from "../files/open_files.ts";
import { type FolderTarget, writeFile } from "../files/save_files.ts";
import { type OnnxDtype, OnnxLayers } from "../onnx/layers.ts";
import { sequenceClassifierOf } from "./auto.ts";
import type { PretrainedConfig } from "./pretrained_config.ts";
import type { SequenceClassifierClass } from "./sequence_classification.ts";

/** Subfolder and file names that transformers.js expects. */
const FOLDER = "onnx";
const FILE_NAMES: Readonly<Record<OnnxDtype, string>> = {
  fp32: "model.onnx",
  fp16: "model_fp16.onnx",
  q8: "model_quantized.onnx",
};

/** Options of {@linkcode OnnxModel.savePretrained}. */
export interface OnnxSaveOptions {
  /**
   * Number format.
   *
   * @default "fp32"
   */
  dtype?: OnnxDtype;
  /**
   * Aborts the writing; no file is left then.
   *
   * @default None.
   */
  signal?: AbortSignal;
}

const OPTIONS: OptionNames<OnnxSaveOptions> = {
  dtype: true,
  signal: true,
};

/**
 * A trained sequence classifier that can be written as ONNX. Weights are read
 * when they are written; no device is needed.
 *
 * @example
 * ```ts ignore
 * using model = await OnnxModel.fromPretrained("runs/mrpc/model");
 * await model.savePretrained("runs/mrpc/model"); // onnx/model.onnx in it
 * ```
 */
export class OnnxModel implements Disposable {
  readonly #folder: ModelFolder;
  readonly #modelClass: SequenceClassifierClass;
  readonly #config: PretrainedConfig;
  /** Tensor name in the folder of each parameter. */
  readonly #sources: ReadonlyMap<string, string>;

  private constructor(folder: ModelFolder) {
    const { path, config: json, configPath: source } = folder;
    this.#folder = folder;
    this.#modelClass = sequenceClassifierOf(json.model_type, source);
    const { configClass } = this.#modelClass;
    this.#config = configClass.fromJson(json, {}, source);
    const { parameters } = this.#build("fp32");
    const { sources, missing, unexpected } = matchParameters(
      folder,
      parameters,
      configClass.spec,
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
        }, which the model of its config.json does not have: correct its config.json`,
      );
    }
    this.#sources = sources;
  }

  /**
   * Opens a Hugging Face model folder and checks that its weights fit the
   * classifier of its `config.json`.
   *
   * @param source Path, URL or files of the folder: `config.json` and `model.safetensors`.
   * @returns The model; dispose it after writing.
   * @throws {SyntaxError} If `model_type` is missing or unknown, or a file is truncated or invalid.
   * @throws {RangeError} If weights and `config.json` contradict each other.
   * @throws {Error} If a file is missing.
   */
  static async fromPretrained(source: FolderSource): Promise<OnnxModel> {
    using opened = new OpenFiles();
    const folder = opened.use(await openModelFolder(source));
    const model = new OnnxModel(folder);
    opened.move();
    return model;
  }

  /**
   * Writes `onnx/model.onnx`, or for another dtype `onnx/model_fp16.onnx` or
   * `onnx/model_quantized.onnx`, as transformers.js expects. The file is replaced
   * whole or not at all.
   *
   * Inputs: `input_ids`, `attention_mask` and, with token types,
   * `token_type_ids`, each int64 `[B, S]` of any B and S. Output: `logits`, float32
   * `[B, numLabels]`.
   *
   * @param target The model folder, or another with the same `config.json`,
   * `tokenizer.json` and `tokenizer_config.json`; or an object that receives the file.
   * @param options Number format.
   * @returns Path of the file; its name in an object.
   * @throws {TypeError} If an option has an unknown name.
   * @throws {RangeError} If a weight is not finite or does not fit the dtype, or the model the file.
   * @throws {Error} If the file cannot be written.
   */
  async savePretrained(
    target: FolderTarget,
    options: OnnxSaveOptions = {},
  ): Promise<string> {
    checkOptions("save an ONNX model", options, OPTIONS);
    const { dtype = "fp32", signal } = options;
    const name = `${FOLDER}/${FILE_NAMES[dtype]}`;
    const { graph } = this.#build(dtype);
    const content = graph.stream(async (name) => {
      signal?.throwIfAborted();
      const source = this.#sources.get(name)!;
      const values = await this.#folder.read(source);
      if (areFinite(values)) return values;
      throw new RangeError(
        `Cannot export ${this.#folder.path}: ${source} has values that are NaN or infinite; export a model whose training did not diverge`,
      );
    });
    await writeFile(target, name, content);
    return typeof target === "string" ? join(target, name) : name;
  }

  /** Closes the files of the weights. */
  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]();
  }

  #build(dtype: OnnxDtype): OnnxLayers {
    const layers = new OnnxLayers(dtype);
    this.#modelClass.addToGraph(layers, this.#config);
    return layers;
  }
}
