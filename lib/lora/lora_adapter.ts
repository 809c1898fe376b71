/**
 * LoRA: training of a low-rank update of some weights, and of the head, with all
 * else frozen. Rules and files are those of peft.
 *
 * Source: Hu et al. 2021, https://arxiv.org/abs/2106.09685, and
 * https://github.com/huggingface/peft/blob/main/src/peft/tuners/lora/layer.py
 *
 * @module
 */
import { checkOptions, type OptionNames } from "../check_options.ts";
import { streamSafetensors } from "../checkpoint/safetensors.ts";
import { type FolderTarget, writeFile } from "../files/save_files.ts";
import { checkSeed } from "../models/layer_factory.ts";
import type { ForSequenceClassification } from "../models/sequence_classification.ts";
import { separateParameters } from "../nn/flatten_parameters.ts";
import { Initializer } from "../nn/init.ts";
import { type Linear, LORA_PARAMETER } from "../nn/linear.ts";
import type { Parameter } from "../nn/parameter.ts";
import {
  checkLoraSettings,
  type LoraConfig,
  toAdapterJson,
} from "./lora_config.ts";
import {
  modulesToSaveOf,
  savedParameters,
  targetLayers,
  targetsOf,
} from "./lora_layers.ts";

/** Name of the file of an adapter's weights. */
export const ADAPTER_WEIGHTS = "adapter_model.safetensors";
/** Name of the file of an adapter's configuration. */
export const ADAPTER_CONFIG = "adapter_config.json";
/** Prefix of the names in the file of the weights. */
export const ADAPTER_PREFIX = "base_model.model.";

/** Options of {@linkcode addLora}, with peft's defaults. */
export interface LoraOptions {
  /**
   * Rank of the updates, a whole number from 1.
   *
   * @default 8
   */
  r?: number;
  /**
   * The updates are scaled by `alpha / r`.
   *
   * @default 8
   */
  alpha?: number;
  /**
   * Dropout of the input of an update, from 0 to less than 1.
   *
   * @default 0
   */
  dropout?: number;
  /**
   * Names of the linear layers that get an update, such as `query`: each layer whose
   * name is one of them, or ends with one after a dot.
   *
   * @default The projections of queries and values, as in peft.
   */
  targets?: readonly string[];
  /**
   * Seed of the initial values, a whole number from 0.
   *
   * @default 0
   */
  seed?: number;
}

const OPTIONS: OptionNames<LoraOptions> = {
  r: true,
  alpha: true,
  dropout: true,
  targets: true,
  seed: true,
};

/**
 * Adds low-rank updates to the linear layers of a classifier, `W + alpha/r · B A`, and
 * freezes all else but the head, as `get_peft_model` of peft with the task type
 * `SEQ_CLS`. The model is the same one as before; frozen parameters have no
 * gradient, and so no moments.
 *
 * @example
 * ```ts ignore
 * const adapter = addLora(model, { r: 8, alpha: 16, dropout: 0.1 });
 * const optimizer = new AdamW(model.parameters(), { lr: 1e-3 });
 * // … training …
 * await adapter.savePretrained("adapter"); // peft loads it
 * adapter.mergeAndUnload();
 * await model.savePretrained("model"); // transformers loads it
 * ```
 *
 * @param model The model.
 * @param options Rank, scale, dropout and layers.
 * @returns The adapter.
 * @throws {TypeError} If an option has an unknown name, a target is no linear layer, or the
 * architecture has no default targets.
 * @throws {RangeError} If an option is out of range, a target names no layer, or the model has
 * an adapter.
 */
export function addLora(
  model: ForSequenceClassification,
  options: LoraOptions = {},
): LoraAdapter {
  checkOptions("add LoRA", options, OPTIONS, "{ r: 8 }");
  const { r = 8, alpha = 8, dropout = 0, targets, seed = 0 } = options;
  checkLoraSettings({ r, alpha, dropout });
  checkSeed(seed);
  return new LoraAdapter(model, {
    ...{ r, alpha, dropout },
    targets: targetsOf(model, targets),
    modulesToSave: modulesToSaveOf(model),
  }, seed);
}

/** The trained part of a model: low-rank updates, and the head. */
export class LoraAdapter {
  /** Rank, scale, dropout, and names of what is trained. */
  readonly config: LoraConfig;
  readonly #layers: readonly Linear[];
  readonly #parameters: ReadonlyMap<string, Parameter>;
  #isMerged = false;

  /**
   * Adds updates to a model; see {@linkcode addLora}.
   *
   * @param model The model.
   * @param config Settings, and names of what is trained.
   * @param seed Seed of the initial values.
   * @throws {TypeError} If a target is no linear layer.
   * @throws {RangeError} If a target names no layer, or the model has an adapter.
   */
  constructor(
    model: ForSequenceClassification,
    config: LoraConfig,
    seed: number,
  ) {
    const layers = targetLayers(model, config);
    if (
      [...model.namedParameters()].some(([name]) => LORA_PARAMETER.test(name))
    ) {
      throw new RangeError(
        "Cannot add LoRA: the model has an adapter; call mergeAndUnload() of that first",
      );
    }
    for (const parameter of model.parameters()) {
      parameter.requiresGrad = false;
      parameter.grad = undefined;
    }
    const trained = savedParameters(model, config.modulesToSave);
    // Another seed than those of encoder and head, whose values they do not repeat.
    const initializer = new Initializer(seed + 2);
    for (const layer of layers.values()) layer.addLora(config, initializer);
    for (const [name, parameter] of model.namedParameters()) {
      if (LORA_PARAMETER.test(name)) trained.set(name, parameter);
    }
    for (const parameter of trained.values()) parameter.requiresGrad = true;
    separateParameters([...trained]);
    this.config = config;
    this.#layers = [...layers.values()];
    this.#parameters = trained;
  }

  /** Trained parameters by name. */
  get parameters(): ReadonlyMap<string, Parameter> {
    return this.#parameters;
  }

  /**
   * Writes a folder that peft loads: `adapter_config.json` and
   * `adapter_model.safetensors`, with the trained parameters alone.
   *
   * @param target The folder, created if it does not exist, or an object that
   * receives the files, `{}`.
   * @throws {Error} If it was merged, or a file cannot be written.
   */
  async savePretrained(target: FolderTarget): Promise<void> {
    this.#checkUnmerged("save");
    const tensors = [...this.#parameters].map(([name, parameter]) => ({
      name: ADAPTER_PREFIX + name,
      dtype: "F32" as const,
      shape: parameter.shape,
      data: () => parameter.toArray(),
    }));
    const content = streamSafetensors(tensors, { format: "pt" });
    await writeFile(target, ADAPTER_WEIGHTS, content);
    const json = JSON.stringify(toAdapterJson(this.config), null, 2);
    await writeFile(target, ADAPTER_CONFIG, `${json}\n`);
  }

  /**
   * Adds the updates to the weights and removes them, as `merge_and_unload` of peft:
   * the model is one without an adapter, with the same results. What was frozen stays
   * so.
   *
   * @throws {Error} If it was merged before.
   */
  mergeAndUnload(): void {
    this.#checkUnmerged("merge");
    for (const layer of this.#layers) layer.mergeLora();
    this.#isMerged = true;
  }

  #checkUnmerged(action: string): void {
    if (!this.#isMerged) return;
    throw new Error(
      `Cannot ${action} the adapter: it is merged into the model; ${action} it before mergeAndUnload(), or add another`,
    );
  }
}
