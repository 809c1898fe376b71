/**
 * The parts of a model that an adapter trains, found by the rules of peft.
 *
 * @module
 */
import type { PretrainedConfig } from "../models/pretrained_config.ts";
import type { ForSequenceClassification } from "../models/sequence_classification.ts";
import { Linear } from "../nn/linear.ts";
import type { Parameter } from "../nn/parameter.ts";
import type { LoraConfig } from "./lora_config.ts";

/** Modules that peft trains as a whole in every classifier. */
const CLASSIFIERS = ["classifier", "score"];

/** Most names in an error. */
const MAX_NAMED = 12;

/**
 * Chooses the targets of a model.
 *
 * @param model The model.
 * @param targets Names of layers; those of the architecture if left out.
 * @returns The names.
 * @throws {TypeError} If there are none, or they are no list of names.
 */
export function targetsOf(
  model: ForSequenceClassification,
  targets: readonly string[] | undefined,
): readonly string[] {
  const { loraTargets, modelType } = specOf(model);
  const names: unknown = targets ?? loraTargets;
  if (
    Array.isArray(names) && names.length > 0 &&
    names.every((name) => typeof name === "string")
  ) return names;
  throw new TypeError(
    names === undefined
      ? `Cannot add LoRA: models of type "${modelType}" have no default targets; give { targets: ["…"] }, such as ${
        listed(model)
      }`
      : `Cannot add LoRA: targets are ${
        JSON.stringify(names)
      }; give a list of names, such as { targets: ["query", "value"] }`,
  );
}

/**
 * Lists the modules that are trained as a whole: those of peft for classifiers, and
 * what else of the model is outside its encoder.
 *
 * @param model The model.
 * @returns Ends of their names.
 */
export function modulesToSaveOf(model: ForSequenceClassification): string[] {
  const { baseModelPrefix } = specOf(model);
  const parts = new Set(
    [...model.namedParameters()].map(([name]) => name.split(".", 1)[0]!),
  );
  parts.delete(baseModelPrefix);
  const others = [...parts].filter((part) => !isSaved(part, CLASSIFIERS));
  return [...CLASSIFIERS, ...others];
}

/**
 * Finds the layers that targets name.
 *
 * @param model The model.
 * @param config The targets, and modules that are trained as a whole, in which no layer is adapted.
 * @returns Layers by name.
 * @throws {RangeError} If a target names no layer.
 * @throws {TypeError} If a target names a module that is no linear layer.
 */
export function targetLayers(
  model: ForSequenceClassification,
  { targets, modulesToSave }: Pick<LoraConfig, "targets" | "modulesToSave">,
): Map<string, Linear> {
  const layers = new Map<string, Linear>();
  const found = new Set<string>();
  for (const [name, module] of model.namedModules()) {
    const target = targets
      .find((end) => name === end || name.endsWith(`.${end}`));
    if (target === undefined || isSaved(name, modulesToSave)) continue;
    if (!(module instanceof Linear)) {
      throw new TypeError(
        `Cannot add LoRA to ${name}: it is no linear layer; name linear layers, such as ${
          listed(model)
        }`,
      );
    }
    layers.set(name, module);
    found.add(target);
  }
  const missing = targets.find((target) => !found.has(target));
  if (missing !== undefined) {
    throw new RangeError(
      `Cannot add LoRA to "${missing}": the encoder has no layer of that name; name some of ${
        listed(model)
      }`,
    );
  }
  return layers;
}

/**
 * Lists the parameters that are trained as a whole.
 *
 * @param model The model.
 * @param modulesToSave Ends of the names of their modules.
 * @returns Parameters by name.
 */
export function savedParameters(
  model: ForSequenceClassification,
  modulesToSave: readonly string[],
): Map<string, Parameter> {
  return new Map(
    [...model.namedParameters()]
      .filter(([name]) => isSaved(name, modulesToSave)),
  );
}

/** Whether a module is one of those that are trained as a whole, or in one of them. */
function isSaved(name: string, modulesToSave: readonly string[]): boolean {
  return name.split(".").some((_, i, parts) => {
    const module = parts.slice(0, i + 1).join(".");
    return modulesToSave.some((end) => module.endsWith(end));
  });
}

/** Last parts of the names of an encoder's linear layers. */
function listed(model: ForSequenceClassification): string {
  const prefix = `${specOf(model).baseModelPrefix}.`;
  const names = [...model.namedModules()]
    .filter(([name, module]) =>
      name.startsWith(prefix) && module instanceof Linear
    )
    .map(([name]) => name.split(".").at(-1)!);
  return [...new Set(names)].slice(0, MAX_NAMED).join(", ");
}

function specOf(model: ForSequenceClassification) {
  return (model.config.constructor as typeof PretrainedConfig).spec;
}
