/**
 * Loads an adapter of peft.
 *
 * @module
 */
import { readJsonObject } from "../checkpoint/files.ts";
import type { TensorInfo } from "../checkpoint/header.ts";
import { matchParameters } from "../checkpoint/load_report.ts";
import { openTensorFile } from "../checkpoint/tensor_file.ts";
import { readTensor, type StoredTensor } from "../checkpoint/weights.ts";
import type { FolderSource } from "../files/folder.ts";
import { openFolder } from "../files/open_folder.ts";
import type { ForSequenceClassification } from "../models/sequence_classification.ts";
import {
  ADAPTER_CONFIG,
  ADAPTER_PREFIX,
  ADAPTER_WEIGHTS,
  LoraAdapter,
} from "./lora_adapter.ts";
import { fromAdapterJson, type LoraConfig } from "./lora_config.ts";
import { savedParameters, targetLayers } from "./lora_layers.ts";

const IF_MISSING =
  ": an adapter has adapter_config.json and adapter_model.safetensors";
const LORA_A = ".lora_A.weight";

/**
 * Loads an adapter that peft or {@linkcode LoraAdapter.savePretrained} wrote into a model
 * that has none, as `PeftModel.from_pretrained`. It can be trained on. Everything is
 * checked before the model is changed.
 *
 * @example
 * ```ts ignore
 * const model = await BertForSequenceClassification.fromPretrained(base, {
 *   device,
 * });
 * const adapter = await loadAdapter(model, "adapter");
 * ```
 *
 * @param model The model that the adapter was trained for.
 * @param source Path, URL or files of the folder.
 * @returns The adapter.
 * @throws {SyntaxError} If a file is invalid or truncated.
 * @throws {RangeError} If it does not fit the model, is another method than LoRA, or the model
 * has an adapter.
 * @throws {Error} If a file is missing or cannot be read.
 */
export async function loadAdapter(
  model: ForSequenceClassification,
  source: FolderSource,
): Promise<LoraAdapter> {
  const folder = openFolder(source);
  const json = await readJsonObject(folder, ADAPTER_CONFIG, IF_MISSING);
  const config = fromAdapterJson(json, folder.pathOf(ADAPTER_CONFIG));
  using file = await openTensorFile(
    await folder.open(ADAPTER_WEIGHTS, IF_MISSING),
  );
  const { path } = file;
  const targets = adaptedLayers(file.tensors.keys());
  if (targets.length === 0) {
    throw new RangeError(
      `Cannot load ${path}: it has no tensor ${ADAPTER_PREFIX}…${LORA_A}; give an adapter of LoRA`,
    );
  }
  // The tensors decide, since target_modules may be a pattern.
  const own = { ...config, targets };
  const { sources, missing, unexpected } = matchParameters(
    { path, tensors: new Map([...file.tensors].map(inWeights)) },
    shapesOf(model, own),
    { baseModelPrefix: "base_model.model", keysToIgnoreOnLoadUnexpected: [] },
  );
  const [name] = [...missing, ...unexpected];
  if (name !== undefined) {
    throw new RangeError(
      `Cannot load ${path}: ${name} is ${
        missing.length > 0 ? "missing" : "not in the model"
      }; give the model that the adapter was trained for`,
    );
  }
  const adapter = new LoraAdapter(model, own, 0);
  for (const [name, parameter] of adapter.parameters) {
    const source = sources.get(name)!;
    const { dtype } = file.tensors.get(source)!;
    parameter.load(await readTensor(source, dtype, file));
  }
  return adapter;
}

/** Names of the layers that have an update. */
function adaptedLayers(tensors: Iterable<string>): string[] {
  return [...tensors]
    .filter((name) => name.startsWith(ADAPTER_PREFIX) && name.endsWith(LORA_A))
    .map((name) => name.slice(ADAPTER_PREFIX.length, -LORA_A.length));
}

function inWeights(
  [name, info]: [string, TensorInfo],
): [string, StoredTensor] {
  return [name, { ...info, fileName: ADAPTER_WEIGHTS }];
}

/** Shapes of the parameters that an adapter trains, by name. */
function shapesOf(
  model: ForSequenceClassification,
  config: LoraConfig,
): [name: string, { readonly shape: readonly number[] }][] {
  const { r } = config;
  const updates = [...targetLayers(model, config)].flatMap(
    ([name, { weight: { shape: [outputs, inputs] } }]) =>
      [
        [`${name}.lora_A.weight`, { shape: [r, inputs!] }],
        [`${name}.lora_B.weight`, { shape: [outputs!, r] }],
      ] as [string, { shape: number[] }][],
  );
  return [...updates, ...savedParameters(model, config.modulesToSave)];
}
