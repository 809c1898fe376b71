/**
 * The configuration of an adapter, and its file `adapter_config.json`.
 *
 * Source: https://huggingface.co/docs/peft/package_reference/lora#peft.LoraConfig
 *
 * @module
 */
import type { LoraSettings } from "../nn/linear.ts";

/** Settings of an adapter, by the meaning that peft gives them. */
export interface LoraConfig extends LoraSettings {
  /** Names of the adapted layers, or ends of them after a dot. */
  readonly targets: readonly string[];
  /** Ends of the names of modules that are trained as a whole: the head. */
  readonly modulesToSave: readonly string[];
}

/** Ranges of the numbers. */
const RANGES: Readonly<
  Record<keyof LoraSettings, [test: (value: number) => boolean, text: string]>
> = {
  r: [(r) => Number.isSafeInteger(r) && r > 0, "a whole number from 1"],
  alpha: [(alpha) => alpha > 0 && alpha < Infinity, "a number above 0"],
  dropout: [(p) => p >= 0 && p < 1, "from 0 to less than 1"],
};

/**
 * Keys that change what an adapter computes, with their values for LoRA as here. With
 * other initial values peft changes the frozen weights too.
 */
const SUPPORTED: Readonly<Record<string, readonly unknown[]>> = {
  bias: ["none"],
  "init_lora_weights": [true, false, "gaussian", "eva", "orthogonal"],
  "use_rslora": [false],
  "use_dora": [false],
  "use_qalora": [false],
  "lora_bias": [false],
  "layer_replication": [null],
  "target_parameters": [null],
  "trainable_token_indices": [null],
  "alora_invocation_tokens": [null],
  "arrow_config": [null],
  "kasa_config": [null],
  "monteclora_config": [null],
  "use_bdlora": [null, false],
  "velora_config": [null],
  "rank_pattern": [{}, null],
  "alpha_pattern": [{}, null],
};

/**
 * Checks the numbers of an adapter.
 *
 * @param settings Rank, scale and dropout.
 * @throws {RangeError} If one is out of range.
 */
export function checkLoraSettings(settings: LoraSettings): void {
  for (const [name, [test, text]] of Object.entries(RANGES)) {
    const value = settings[name as keyof LoraSettings];
    if (test(value)) continue;
    throw new RangeError(
      `Cannot add LoRA with { ${name}: ${value} }: it must be ${text}`,
    );
  }
}

/**
 * Makes the content of `adapter_config.json`.
 *
 * @param config The configuration.
 * @returns The content, with the keys in order.
 */
export function toAdapterJson(config: LoraConfig): Record<string, unknown> {
  return {
    "alpha_pattern": {},
    "base_model_name_or_path": null,
    "bias": "none",
    "fan_in_fan_out": false,
    "inference_mode": true,
    "init_lora_weights": true,
    "lora_alpha": config.alpha,
    "lora_dropout": config.dropout,
    "modules_to_save": config.modulesToSave,
    "peft_type": "LORA",
    "r": config.r,
    "rank_pattern": {},
    "target_modules": config.targets,
    "task_type": "SEQ_CLS",
    "use_dora": false,
    "use_rslora": false,
  };
}

/**
 * Reads the content of `adapter_config.json`.
 *
 * @param json The content.
 * @param path Path of the file, for errors.
 * @returns The configuration without the targets, which are those that have tensors.
 * @throws {RangeError} If it is another method than LoRA, or a value is out of range.
 */
export function fromAdapterJson(
  json: Readonly<Record<string, unknown>>,
  path: string,
): Omit<LoraConfig, "targets"> {
  const refuse = (key: string, needed: string): never => {
    throw new RangeError(
      `Cannot load ${path}: its ${key} is ${
        JSON.stringify(json[key])
      }; give an adapter with ${needed}`,
    );
  };
  if (json.peft_type !== "LORA") refuse("peft_type", '"LORA"');
  for (const [key, values] of Object.entries(SUPPORTED)) {
    const texts = values.map((value) => JSON.stringify(value));
    if (key in json && !texts.includes(JSON.stringify(json[key]))) {
      refuse(key, texts[0]!);
    }
  }
  const number = (key: string) => {
    if (typeof json[key] !== "number") refuse(key, "a number");
    return json[key] as number;
  };
  const modulesToSave: unknown = json.modules_to_save ?? [];
  if (
    !Array.isArray(modulesToSave) ||
    modulesToSave.some((name) => typeof name !== "string")
  ) refuse("modules_to_save", "a list of names");
  const config = {
    r: number("r"),
    alpha: number("lora_alpha"),
    dropout: number("lora_dropout"),
    modulesToSave: modulesToSave as string[],
  };
  checkLoraSettings(config);
  return config;
}
