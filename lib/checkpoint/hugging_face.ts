/**
 * A model folder as Hugging Face keeps it, in and out: `config.json` and
 * `model.safetensors`, tensor by tensor, under Hugging Face's names.
 *
 * @module
 */
import { widen } from "./dtype.ts";
import { fileExists, openFile, readJsonObject, writeFile } from "./files.ts";
import { parseHeader, parseHeaderSize, type TensorInfo } from "./header.ts";
import { type SafetensorsSource, streamSafetensors } from "./safetensors.ts";

const CONFIG = "config.json";
const WEIGHTS = "model.safetensors";
const PICKLED_WEIGHTS = "pytorch_model.bin";
const IF_MISSING =
  ": a model folder needs config.json, model.safetensors and tokenizer.json";

/** A model folder that is open for reading; `using` closes it. */
export interface ModelFolder extends Disposable {
  /** Path of the folder. */
  readonly path: string;
  /** What `config.json` holds. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Type, shape and place of each tensor, by its name in the checkpoint. */
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /**
   * Reads the values of one tensor: F32 as they are, F16 and BF16 widened.
   *
   * @param name A key of `tensors`.
   * @returns The values, row-major, in a buffer of their own.
   * @throws {RangeError} If there is no such tensor.
   * @throws {TypeError} If the tensor is of another dtype.
   */
  read(name: string): Float32Array<ArrayBuffer>;
}

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
 * Opens a model folder: reads `config.json` and the header of
 * `model.safetensors`. Values are read later, one tensor at a time.
 *
 * @param path The folder.
 * @returns The folder; dispose it when the tensors are read.
 * @throws {SyntaxError} If a file is not valid, or torn.
 * @throws {Error} If a file is missing or cannot be read, or if the weights are
 * there in pickled form only.
 */
export async function openModelFolder(path: string): Promise<ModelFolder> {
  const config = await readJsonObject(path, CONFIG, IF_MISSING);
  if (
    !await fileExists(path, WEIGHTS) && await fileExists(path, PICKLED_WEIGHTS)
  ) {
    throw new Error(
      `Cannot load ${path}: its weights are in ${PICKLED_WEIGHTS} only, a pickle file, and reading one runs code that it brings: ` +
        `load it in transformers and call save_pretrained, which writes ${WEIGHTS}`,
    );
  }
  const file = await openFile(path, WEIGHTS, IF_MISSING);
  try {
    const start = file.read(0, Math.min(8, file.size));
    const header = file.read(8, parseHeaderSize(start, file.size, file.path));
    const { tensors } = parseHeader(header, file.size, file.path);
    return {
      path,
      config,
      tensors,
      read(name) {
        const info = tensors.get(name);
        if (!info) throw new RangeError(`No tensor "${name}" in ${file.path}`);
        const { buffer } = file.read(info.offset, info.byteLength);
        switch (info.dtype) {
          case "F32":
            return new Float32Array(buffer);
          case "F16":
          case "BF16":
            return widen(info.dtype, new Uint16Array(buffer));
          default:
            throw new TypeError(
              `Cannot load tensor "${name}" of ${file.path}: it is ${info.dtype}, a parameter takes F32, F16 or BF16`,
            );
        }
      },
      [Symbol.dispose]: () => file[Symbol.dispose](),
    };
  } catch (error) {
    file[Symbol.dispose]();
    throw error;
  }
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
  checkpoint: Pick<ModelFolder, "path" | "tensors">,
  parameters: Iterable<
    readonly [string, { readonly shape: readonly number[] }]
  >,
  { baseModelPrefix, keysToIgnoreOnLoadUnexpected }: MatchOptions,
): LoadReport {
  const { path, tensors } = checkpoint;
  const shapes = new Map(parameters);
  const sources = new Map<string, string>();
  const unexpected: string[] = [];
  const mismatched: string[] = [];
  for (const [source, { shape }] of tensors) {
    const name = source
      .replace(/\bLayerNorm\.gamma$/, "LayerNorm.weight")
      .replace(/\bLayerNorm\.beta$/, "LayerNorm.bias");
    const prefix = `${baseModelPrefix}.`;
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
        `${parameter} is [${shape}] in the checkpoint and [${expected}] in the model`,
      );
    }
  }
  if (mismatched.length > 0) {
    throw new RangeError(
      `Cannot load ${path}: ${
        mismatched.join("; ")
      }: make the model with the sizes of the checkpoint (numLabels for a classifier), or load another checkpoint`,
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

/**
 * Writes a model folder: `config.json` with sorted keys, and `model.safetensors`
 * under the names that the tensors are given. Each file is replaced whole, and
 * the same content gives the same bytes.
 *
 * @param path The folder; it is made where there is none.
 * @param config Content of `config.json`.
 * @param tensors The tensors; their values are asked for one at a time.
 * @throws {RangeError | TypeError} If a tensor's values do not fit it.
 * @throws {Error} If a file cannot be written.
 */
export async function saveModelFolder(
  path: string,
  config: Readonly<Record<string, unknown>>,
  tensors: Iterable<SafetensorsSource>,
): Promise<void> {
  const sorted = Object.fromEntries(Object.entries(config).sort());
  const text = `${JSON.stringify(sorted, null, 2)}\n`;
  await writeFile(path, WEIGHTS, streamSafetensors(tensors, { format: "pt" }));
  await writeFile(path, CONFIG, [new TextEncoder().encode(text)]);
}
