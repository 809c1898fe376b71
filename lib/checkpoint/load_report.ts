/**
 * Matches the tensors of a checkpoint to the parameters of a model, by the rules
 * of transformers, and reports what is missing and unexpected.
 *
 * @module
 */
import type { StoredTensor } from "./weights.ts";

/** Most tensors of mismatched shape that an error names. */
const MAX_NAMED = 3;

/** Correspondence of the tensors of a checkpoint and the parameters of a model. */
export interface LoadReport {
  /** Name of the tensor in the checkpoint, by parameter. */
  readonly sources: ReadonlyMap<string, string>;
  /** Parameters that the checkpoint does not have. */
  readonly missing: readonly string[];
  /** Tensors of the checkpoint that the model does not have. */
  readonly unexpected: readonly string[];
  /** Those of `missing` that the checkpoint has, but with values for other labels. */
  readonly reinitialized?: readonly string[];
}

/** Options of {@linkcode matchParameters}. */
export interface MatchOptions {
  /**
   * Attribute that holds the base model in a model with a head, such as `bert`.
   * Names in checkpoints of the base model alone lack this prefix.
   */
  readonly baseModelPrefix: string;
  /** Unexpected tensors that are not reported. */
  readonly keysToIgnoreOnLoadUnexpected: readonly RegExp[];
}

/**
 * Finds the tensor of each parameter, by the rules of transformers: the legacy
 * names `LayerNorm.gamma` and `LayerNorm.beta` mean `weight` and `bias`, and the
 * prefix of the base model is added or removed if the name then matches.
 *
 * @param checkpoint The checkpoint: its path, and its tensors by name.
 * @param parameters The model's parameters by name.
 * @param options Prefix of the base model, and tensors to ignore.
 * @returns The tensor of each parameter, and the missing and unexpected names.
 * @throws {RangeError} If a shape differs, two tensors match one parameter, or
 * no tensor matches any parameter.
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
        `Cannot load ${path}: its tensors "${other}" and "${source}" both match ${parameter}`,
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
      `Cannot load ${path}: none of its ${tensors.size} tensors matches this model, which has ${
        missing[0]
      } and ${
        missing.length - 1
      } more: load a checkpoint of the same architecture`,
    );
  }
  return { sources, missing, unexpected };
}

/**
 * Formats the missing and unexpected names like the load report of transformers.
 *
 * @param report The result of {@linkcode matchParameters}.
 * @param modelName Class of the model, for the first line.
 * @param path The model folder, for the first line.
 * @param notFinite Parameters with values that are NaN or infinite.
 * @returns A few lines without a final newline, or `undefined` if everything matched.
 */
export function formatLoadReport(
  { missing, unexpected, reinitialized = [] }: LoadReport,
  modelName: string,
  path: string,
  notFinite: readonly string[] = [],
): string | undefined {
  const absent = missing.filter((name) => !reinitialized.includes(name));
  const rows = [
    ...mergeLayers(notFinite).map((key) => [key, "NOT FINITE"] as const),
    ...mergeLayers(unexpected).map((key) => [key, "UNEXPECTED"] as const),
    ...mergeLayers(absent).map((key) => [key, "MISSING"] as const),
    ...mergeLayers(reinitialized).map((key) => [key, "NEW"] as const),
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
  if (notFinite.length > 0) {
    lines.push(
      "- NOT FINITE: those params have values that are NaN or infinite. Load another checkpoint, or train again with a lower learning rate.",
    );
  }
  if (unexpected.length > 0) {
    lines.push(
      "- UNEXPECTED: can be ignored when loading from different task/architecture; not ok if you expect identical arch.",
    );
  }
  if (absent.length > 0) {
    lines.push(
      "- MISSING: those params were newly initialized because missing from the checkpoint. Consider training on your downstream task.",
    );
  }
  if (reinitialized.length > 0) {
    lines.push(
      "- NEW: those params were newly initialized although the checkpoint has them: its values are for other labels.",
    );
  }
  return lines.join("\n");
}

/** Merges names that differ only in the index of a layer into one, with `{0, 1}`. */
function mergeLayers(names: readonly string[]): string[] {
  const number = /(?<=\.)\d+(?=\.)/;
  const groups = new Map<string, string[]>(); // Node 20 has no Map.groupBy
  for (const name of names) {
    const pattern = name.replace(number, "*");
    groups.set(pattern, [...groups.get(pattern) ?? [], name]);
  }
  return [...groups].map(([pattern, members]) => {
    if (members.length === 1) return members[0]!;
    const numbers = members.map((name) => Number(number.exec(name)![0]))
      .sort((a, b) => a - b);
    return pattern.replace("*", `{${numbers.join(", ")}}`);
  });
}

/**
 * Checks that all values are finite; a loop, since `every` takes twenty times as long.
 *
 * @param values The values.
 * @returns Whether none is NaN or infinite.
 */
export function areFinite(values: Float32Array): boolean {
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) return false;
  }
  return true;
}
