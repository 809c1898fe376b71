/**
 * Layers of full and of local attention in a `config.json`.
 *
 * @module
 */
import type { ConfigJson } from "../config_spec.ts";

/** Attention of a layer, under transformers' names: over the whole row, or over a window. */
export type LayerType = "full_attention" | "sliding_attention";

/** Keys of the frequency bases before transformers 5. */
const OLDER_KEYS: Readonly<Record<LayerType, string>> = {
  "full_attention": "global_rope_theta",
  "sliding_attention": "local_rope_theta",
};

/** Attention of each of `count` layers: full in the first and in every nth after it. */
export function layerTypes(count: number, every: number): LayerType[] {
  return Array.from(
    { length: count },
    (_, i) => i % every === 0 ? "full_attention" : "sliding_attention",
  );
}

/**
 * Reads `layer_types`.
 *
 * @param json Content of `config.json`.
 * @param source Path for errors.
 * @returns `global_attn_every_n_layers` of the same meaning, if the file has them.
 * @throws {SyntaxError} If full attention is not at equal distances, from the first layer on.
 */
export function readLayerTypes(json: ConfigJson, source: string): ConfigJson {
  const types = json.layer_types;
  if (types == null) return {};
  const given = Array.isArray(types) ? types : [types];
  const matches = (every: number) =>
    `${layerTypes(given.length, every)}` === `${given}`;
  const key = "global_attn_every_n_layers";
  const next = given.indexOf("full_attention", 1);
  const every = next < 0 ? given.length : next;
  const candidates = [Number(json[key]), every];
  const found = candidates.find((n) => n >= 1 && matches(n));
  if (found !== undefined) return { [key]: found };
  throw new SyntaxError(
    `Cannot read ${source}: layer_types is ${
      JSON.stringify(types)
    }; only "full_attention" in the first and in every nth layer, and "sliding_attention" in the others, are supported`,
  );
}

/**
 * Reads `rope_parameters`.
 *
 * @param json Content of `config.json`.
 * @param source Path for errors.
 * @returns `global_rope_theta` and `local_rope_theta` of the same meaning, as far as the file has them.
 * @throws {SyntaxError} If frequencies are scaled, or not given by the type of a layer.
 */
export function readRopeParameters(
  json: ConfigJson,
  source: string,
): ConfigJson {
  const refuse = (key: string, value: unknown): never => {
    throw new SyntaxError(
      `Cannot read ${source}: ${key} is ${
        JSON.stringify(value)
      }, only rotary frequencies that are not scaled are supported`,
    );
  };
  if (json.rope_scaling != null) refuse("rope_scaling", json.rope_scaling);
  const all = (json.rope_parameters ?? {}) as Record<string, unknown>;
  const other = Object.keys(all).find((key) => !Object.hasOwn(OLDER_KEYS, key));
  if (other !== undefined) {
    throw new SyntaxError(
      `Cannot read ${source}: rope_parameters has the key "${other}"; only those by type of layer, "full_attention" and "sliding_attention", are supported`,
    );
  }
  const thetas: Record<string, unknown> = {};
  for (const [type, key] of Object.entries(OLDER_KEYS)) {
    const given = (all[type] ?? {}) as Record<string, unknown>;
    const { rope_theta: theta, rope_type: ropeType = given.type ?? "default" } =
      given;
    if (ropeType !== "default") {
      refuse(`rope_type of ${type} in rope_parameters`, ropeType);
    }
    if (theta !== undefined) thetas[key] = theta;
  }
  // Null meant the base of full attention, and is refused where that is not given.
  if (json.local_rope_theta === null) {
    return { "local_rope_theta": json.global_rope_theta ?? null, ...thetas };
  }
  return thetas;
}

/** `rope_parameters` of frequency bases by the type of a layer. */
export function ropeParameters(
  thetas: Readonly<Record<LayerType, number>>,
): Record<string, unknown> {
  const all = Object.entries(thetas).map((
    [type, theta],
  ) => [type, { "rope_theta": theta, "rope_type": "default" }]);
  return Object.fromEntries(all);
}
