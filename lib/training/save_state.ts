/**
 * Saves and restores everything that a training loop needs to go on as if it had
 * not been interrupted.
 *
 * @module
 */
import { describe } from "../check_options.ts";
import { readJsonObject } from "../checkpoint/files.ts";
import { streamSafetensors } from "../checkpoint/safetensors.ts";
import { openTensorFile } from "../checkpoint/tensor_file.ts";
import type { FolderSource } from "../files/folder.ts";
import { OpenFiles } from "../files/open_files.ts";
import { openFolder } from "../files/open_folder.ts";
import {
  type FolderTarget,
  saveFolder,
  writeFile,
} from "../files/save_files.ts";
import { PreTrainedModel } from "../models/pretrained_model.ts";
import { Module } from "../nn/module.ts";
import { Optimizer } from "../optim/optimizer.ts";
import { GradientsPart } from "./state/gradients.ts";
import { ModulePart } from "./state/module.ts";
import { OptimizerPart } from "./state/optimizer.ts";
import type { SavedPart, StatePart, StoredPart } from "./state/part.ts";
import { PlainPart, type Stateful } from "./state/plain.ts";
import type { Json } from "./state/values.ts";

/** Name of the file with everything that is not a tensor. */
const STATE = "trainer_state.json";
/** Version of the format; another one is refused. */
const VERSION = 1;
const KEY = /^[a-z]\w*$/i;
/** Names that entries of the state have already. */
const RESERVED = ["version", "gradients"];

/** An object that is saved for others to read, such as a `Tokenizer`, and not restored. */
export interface Pretrained {
  /** Writes its files into a folder. */
  savePretrained(target: FolderTarget): Promise<void>;
}

/**
 * The objects of a training loop by name. The name `model` gives a folder that
 * transformers loads.
 */
export type StateObjects = Readonly<
  Record<string, Module | Stateful | Pretrained>
>;

/**
 * Saves the state of a training loop to a folder: weights, moments and step counts
 * of the optimizer, schedule, position of the loader, dropout keys, and the
 * gradients if the accumulation window is open. As accelerate's `save_state`.
 *
 * The folder is complete or not there: it is written under another name, synced
 * and renamed. It holds `NAME.safetensors` for each module and optimizer, with
 * moments under PyTorch's names, as `encoder.weight.exp_avg`; `config.json` for a
 * pretrained model named `model`; and the rest in `trainer_state.json`. Of the
 * tensors, 16 MiB at a time are in memory, or the largest one.
 *
 * Call it between two batches, after `zeroGrad()` where the optimizer took a step,
 * and wait for it. Training mode and `requiresGrad` are not saved.
 *
 * @example
 * ```ts ignore
 * const state = { model, optimizer, scheduler, loader: trainLoader, tokenizer };
 * await saveState(`runs/mine/checkpoint-${step}`, state);
 * ```
 *
 * @param target The folder, which must not exist, or an empty object that receives the files.
 * @param objects The objects by name: modules, optimizers, objects with `stateDict()` and `loadStateDict()`, tokenizers.
 * @throws {TypeError} If an object has no state, or a value in it cannot be saved.
 * @throws {RangeError} If a name cannot be that of a file, or a parameter of an optimizer is in no module that is saved, or a parameter is NaN.
 * @throws {Error} If the folder exists or cannot be written, or an optimizer took a
 * step meanwhile; nothing is left then.
 */
export async function saveState(
  target: FolderTarget,
  objects: StateObjects,
): Promise<void> {
  const parts = [...partsOf("save", objects)];
  for (const settled of settling(objects)) await settled;
  const saved = parts.map(([name, part]) => [name, part.save()] as const);
  const entries = saved.map(([name, { json }]) => [name, json]);
  const state = { version: VERSION, ...Object.fromEntries(entries) };
  await saveFolder(target, async (partial) => {
    for (const object of Object.values(objects)) {
      if (isPretrained(object)) await object.savePretrained(partial);
    }
    const { model } = objects;
    if (model instanceof PreTrainedModel) await model.saveConfig(partial);
    for (const [name, { tensors }] of saved) {
      if (tensors.length === 0) continue;
      const content = streamSafetensors(tensors, { format: "pt" });
      await writeFile(partial, `${name}.safetensors`, content);
    }
    for (const settled of settling(objects)) await settled;
    checkUnchanged(target, parts, new Map(saved));
    await writeFile(partial, STATE, `${JSON.stringify(state, null, 2)}\n`);
  });
}

/** Waits for each object whose state the host does not know yet. */
function* settling(objects: StateObjects): Generator<Promise<void>> {
  for (const object of Object.values(objects)) {
    const settled = "settle" in object ? object.settle?.() : undefined;
    if (settled) yield settled;
  }
}

/** Throws if a step was taken meanwhile: the tensors would be of several steps. */
function checkUnchanged(
  target: FolderTarget,
  parts: readonly (readonly [string, StatePart])[],
  saved: ReadonlyMap<string, SavedPart>,
): void {
  for (const [name, part] of parts) {
    if (!(part instanceof OptimizerPart)) continue;
    const [before, now] = [saved.get(name)!, part.save()]
      .map(({ json }) => JSON.stringify(json));
    if (before === now) continue;
    const path = typeof target === "string" ? ` in ${target}` : "";
    throw new Error(
      `Cannot save the state${path}: ${name} took a step meanwhile; wait for saveState before the next one`,
    );
  }
}

/**
 * Restores a state that {@linkcode saveState} wrote, into objects that were made
 * as those of the saved loop. Everything is checked before anything is changed.
 *
 * @param source Path, URL or files of the folder.
 * @param objects The objects by name, the same names as those that were saved.
 * @throws {RangeError} If names, shapes, groups, the order of the rows or the version differ.
 * @throws {SyntaxError} If a file is invalid or truncated.
 * @throws {Error} If a file is missing or cannot be read.
 */
export async function loadState(
  source: FolderSource,
  objects: StateObjects,
): Promise<void> {
  const parts = partsOf("load", objects);
  const folder = openFolder(source);
  const state = await readJsonObject(
    folder,
    STATE,
    "; give the folder of a checkpoint, such as runs/…/checkpoint-100",
  );
  checkNames(folder.path, state, parts);
  for (const settled of settling(objects)) await settled;
  using opened = new OpenFiles();
  const entries: [StatePart, StoredPart][] = [];
  for (const [name, part] of parts) {
    const found = await folder.find(`${name}.safetensors`);
    const file = found && opened.use(await openTensorFile(found));
    entries.push([part, { json: state[name] as Json, file }]);
  }
  for (const [part, stored] of entries) part.check(stored);
  const undo: (() => void)[] = [];
  try {
    for (const [part, stored] of entries) {
      if (part.snapshot) undo.push(await part.snapshot());
      await part.restore?.(stored);
    }
  } catch (error) {
    for (const undoPart of undo.reverse()) undoPart();
    throw error;
  }
  for (const [part, stored] of entries) await part.restoreTensors?.(stored);
}

function partsOf(
  action: "save" | "load",
  objects: StateObjects,
): Map<string, StatePart> {
  const modules = Object.entries(objects)
    .filter((entry): entry is [string, Module] => entry[1] instanceof Module);
  const gradients = new GradientsPart(modules);
  const parts = new Map<string, StatePart>();
  for (const [name, object] of Object.entries(objects)) {
    if (!KEY.test(name) || RESERVED.includes(name)) {
      throw new RangeError(
        `Cannot ${action} a state with the name "${name}": it must be letters and digits, begin with a letter, and not be ${
          RESERVED.join(" or ")
        }`,
      );
    }
    // A collator is a function with a state.
    const isObject = typeof object === "function" ||
      typeof object === "object" && object !== null;
    if (object instanceof Module) {
      parts.set(name, new ModulePart(name, object));
    } else if (object instanceof Optimizer) {
      parts.set(name, new OptimizerPart(name, object, gradients.names));
    } else if (isObject && isStateful(object)) {
      parts.set(name, new PlainPart(name, object));
    } else if (!isObject || !isPretrained(object)) {
      throw new TypeError(
        `Cannot ${action} the state of ${name}: it is ${
          describe(object)
        }; pass a module, an optimizer, or an object with stateDict() and loadStateDict()`,
      );
    }
  }
  return parts.set("gradients", gradients);
}

function checkNames(
  path: string,
  { version, ...state }: Readonly<Record<string, unknown>>,
  parts: ReadonlyMap<string, StatePart>,
): void {
  if (version !== VERSION) {
    throw new RangeError(
      `Cannot load the state in ${path}: its version is ${version}, not ${VERSION}; use the version of gradloop that saved it`,
    );
  }
  for (const name of Object.keys(state)) {
    if (parts.has(name)) continue;
    throw new RangeError(
      `Cannot load the state in ${path}: it has "${name}", which was not given; pass the objects that were saved`,
    );
  }
  for (const name of parts.keys()) {
    if (Object.hasOwn(state, name)) continue;
    throw new RangeError(
      `Cannot load the state in ${path}: it has no "${name}"; pass the objects that were saved`,
    );
  }
}

/** Whether it has its own files, and no state to restore. */
function isPretrained(object: StateObjects[string]): object is Pretrained {
  return "savePretrained" in object && !isStateful(object);
}

function isStateful(object: StateObjects[string]): object is Stateful {
  return "stateDict" in object && "loadStateDict" in object;
}
