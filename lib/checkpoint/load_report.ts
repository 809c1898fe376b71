/**
 * Which tensor of a checkpoint is for which parameter of a model, under the
 * rules of transformers, and a report on what is left on either side.
 *
 * @module
 */
import type { StoredTensor } from "./weights.ts";

/** Tensors of a wrong shape that an error names. */
const MAX_NAMED = 3;

/** How the tensors of a checkpoint and the parameters of a model correspond. */
export interface LoadReport {
  /** For each parameter that was found: the tensor's name in the checkpoint. */
  readonly sources: ReadonlyMap<string, string>;
  /** Parameters that the checkpoint does not have. */
  readonly missing: readonly string[];
  /** Tensors of the checkpoint that the model does not have. */
  readonly unexpected: readonly string[];
}

/** What {@linkcode matchParameters} has to know of the model. */
export interface MatchOptions {
  /**
   * The attribute under which a model with a head keeps its base model, such as
   * `bert`. Checkpoints of the base model alone have names without it.
   */
  readonly baseModelPrefix: string;
  /** Tensors that may be unexpected without being reported. */
  readonly keysToIgnoreOnLoadUnexpected: readonly RegExp[];
}

/**
 * Finds the tensor of each parameter, under the rules of transformers: the old
 * names `LayerNorm.gamma` and `LayerNorm.beta` mean `weight` and `bias`, and the
 * base model's prefix is added or taken off where that makes a name fit.
 *
 * @param checkpoint The checkpoint: its path, and its tensors by name.
 * @param parameters The model's parameters by name.
 * @param options What to know of the model.
 * @returns The tensor of each parameter, and what is left on either side.
 * @throws {RangeError} If a shape differs, if two tensors are for one parameter,
 * or if no tensor is for any.
 */
export function matchParameters(
  checkpoint: {
    readonly path: string;
    readonly tensors: ReadonlyMap<string, StoredTensor>;
  },
  parameters: Iterable<
    readonly [string, { readonly shape: readonly number[] }]
  >,
  { baseModelPrefix, keysToIgnoreOnLoadUnexpected }: MatchOptions,
): LoadReport {
  const { path, tensors } = checkpoint;
  const prefix = `${baseModelPrefix}.`;
  const shapes = new Map(parameters);
  const sources = new Map<string, string>();
  const unexpected: string[] = [];
  const mismatched: string[] = [];
  for (const [source, { shape, fileName }] of tensors) {
    const name = source
      .replace(/\bLayerNorm\.gamma$/, "LayerNorm.weight")
      .replace(/\bLayerNorm\.beta$/, "LayerNorm.bias");
    const parameter = [
      name,
      prefix + name,
      name.startsWith(prefix) ? name.slice(prefix.length) : name,
    ].find((candidate) => shapes.has(candidate));
    if (parameter === undefined) {
      const isIgnored = keysToIgnoreOnLoadUnexpected
        .some((pattern) => pattern.test(name));
      if (!isIgnored) unexpected.push(source);
      continue;
    }
    const other = sources.get(parameter);
    if (other !== undefined) {
      throw new RangeError(
        `Cannot load ${path}: its tensors "${other}" and "${source}" are both for ${parameter}`,
      );
    }
    sources.set(parameter, source);
    const expected = shapes.get(parameter)!.shape;
    if (`${shape}` !== `${expected}`) {
      mismatched.push(
        `${source} is [${shape}] in ${fileName} and [${expected}] in the model`,
      );
    }
  }
  if (mismatched.length > 0) {
    const more = mismatched.length - MAX_NAMED;
    throw new RangeError(
      `Cannot load ${path}: ${mismatched.slice(0, MAX_NAMED).join("; ")}${
        more > 0 ? `; and ${more} more` : ""
      }: make the model with the sizes of the checkpoint (config.json has them, numLabels those of a classifier), or load another checkpoint`,
    );
  }
  const missing = [...shapes.keys()].filter((name) => !sources.has(name));
  if (sources.size === 0) {
    throw new RangeError(
      `Cannot load ${path}: none of its ${tensors.size} tensors is for this model, which has ${
        missing[0]
      } and ${
        missing.length - 1
      } more: load a checkpoint of the same architecture`,
    );
  }
  return { sources, missing, unexpected };
}

/**
 * Says what a checkpoint lacked and what it had besides, in the words of
 * transformers' loading report.
 *
 * @param report What {@linkcode matchParameters} found.
 * @param modelName The model's class, for the first line.
 * @param path The model folder, for the first line.
 * @returns A few lines without a final newline, or `undefined` if all matched.
 */
export function formatLoadReport(
  { missing, unexpected }: LoadReport,
  modelName: string,
  path: string,
): string | undefined {
  const rows = [
    ...mergeLayers(unexpected).map((key) => [key, "UNEXPECTED"] as const),
    ...mergeLayers(missing).map((key) => [key, "MISSING"] as const),
  ];
  if (rows.length === 0) return undefined;
  const width = Math.max(...rows.map(([key]) => key.length));
  const lines = [
    `${modelName} LOAD REPORT from: ${path}`,
    `${"Key".padEnd(width)} | Status`,
    `${"-".repeat(width)}-+-----------`,
    ...rows.map(([key, status]) => `${key.padEnd(width)} | ${status}`),
    "",
    "Notes:",
  ];
  if (unexpected.length > 0) {
    lines.push(
      "- UNEXPECTED: can be ignored when loading from different task/architecture; not ok if you expect identical arch.",
    );
  }
  if (missing.length > 0) {
    lines.push(
      "- MISSING: those params were newly initialized because missing from the checkpoint. Consider training on your downstream task.",
    );
  }
  return lines.join("\n");
}

/** Writes names that differ only in the number of a layer as one, with `{0, 1}`. */
function mergeLayers(names: readonly string[]): string[] {
  const number = /(?<=\.)\d+(?=\.)/;
  const groups = Map.groupBy(names, (name) => name.replace(number, "*"));
  return [...groups].map(([pattern, members]) => {
    if (members.length === 1) return members[0]!;
    const numbers = members.map((name) => Number(number.exec(name)![0]))
      .sort((a, b) => a - b);
    return pattern.replace("*", `{${numbers.join(", ")}}`);
  });
}
