/**
 * Saved files of a tokenizer: as they were read, unless they leave open or
 * contradict how transformers reads them.
 *
 * @module
 */
import type { TokenizerClass } from "./class_parts.ts";
import type { Component } from "./settings.ts";
import { PLAIN_CLASS } from "./tokenizer_classes.ts";

/**
 * Returns the `tokenizer.json` to save.
 *
 * @param json The file as it was read.
 * @param content Its contents.
 * @param effective Its contents as transformers understands them.
 * @returns The file as it was read if it says the same, else the effective one.
 */
export function tokenizerToSave(
  json: string,
  content: Component,
  effective: Component,
): string {
  const { vocab: _, ...model } = content.model as Component;
  const { vocab: _vocab, ...effectiveModel } = effective.model as Component;
  const says = (part: Component, settings: Component) =>
    canonical([
      part.normalizer ?? null,
      part.pre_tokenizer ?? null,
      part.added_tokens ?? [],
      part.post_processor ?? null,
      { type: "WordPiece", ...settings },
    ]);
  return says(content, model) === says(effective, effectiveModel)
    ? json
    : JSON.stringify(effective, null, 2);
}

/**
 * Returns the `tokenizer_config.json` to save.
 *
 * @param configJson The file as it was read, if there is one.
 * @param config Contents of `tokenizer_config.json`, with those of `special_tokens_map.json`.
 * @param tokenizerClass The class that the tokenizer is built with, if any.
 * @param defaults Settings to add if they are absent.
 * @returns The file as it was read if it says all of it, else with the settings added.
 */
export function configToSave(
  configJson: string | undefined,
  config: Component,
  tokenizerClass: TokenizerClass | undefined,
  defaults: Component,
): string {
  const { settings = {}, inputNames } = tokenizerClass ?? {};
  const effective = {
    ...defaults,
    "tokenizer_class": tokenizerClass ? "BertTokenizer" : PLAIN_CLASS,
    ...settings,
    ...inputNames && { "model_input_names": inputNames },
    ...config,
  };
  const read = JSON.parse(configJson ?? "{}") as Component;
  const required = [
    ...Object.keys(settings).slice(0, 1),
    ...inputNames ? ["model_input_names"] : [],
  ];
  const saysAll = canonical(read) === canonical(config) &&
    "tokenizer_class" in read &&
    required.every((key) => key in read);
  return configJson !== undefined && saysAll
    ? configJson
    : JSON.stringify(effective, null, 2);
}

/**
 * Sets the length that a model was trained with.
 *
 * @param configJson The `tokenizer_config.json`.
 * @param length Its `model_max_length`, or undefined to keep that of the file.
 * @returns The file; the same bytes if it has that length.
 */
export function withMaxLength(
  configJson: string,
  length: number | undefined,
): string {
  const config = JSON.parse(configJson) as Component;
  if (length === undefined || length === config.model_max_length) {
    return configJson;
  }
  return JSON.stringify({ ...config, "model_max_length": length }, null, 2);
}

/** JSON with sorted keys, to compare. */
function canonical(value: unknown): string {
  return JSON.stringify(
    value,
    (_, item) =>
      typeof item === "object" && item !== null && !Array.isArray(item)
        ? Object.fromEntries(
          Object.entries(item).sort(([a], [b]) => a < b ? -1 : 1),
        )
        : item,
  );
}
