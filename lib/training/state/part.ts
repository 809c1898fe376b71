/**
 * The part of a saved state that belongs to one object.
 *
 * @module
 */
import type { SafetensorsSource } from "../../checkpoint/safetensors.ts";
import type { TensorFile } from "../../checkpoint/tensor_file.ts";
import type { Json } from "./values.ts";

/** A part as it is saved. */
export interface SavedPart {
  /** Its entry in `trainer_state.json`. */
  readonly json: Json;
  /** The tensors of its file; no file is written if there are none. */
  readonly tensors: readonly SafetensorsSource[];
}

/** A part as it is found in a folder. */
export interface StoredPart {
  /** Its entry in `trainer_state.json`. */
  readonly json: Json;
  /** Its file of tensors, open; `undefined` if there is none. */
  readonly file: TensorFile | undefined;
}

/** Saves and restores one object. */
export interface StatePart {
  /** Collects the state; the values of tensors are read when they are written. */
  save(): SavedPart;
  /** Throws if a stored part does not fit; changes nothing. */
  check(stored: StoredPart): void;
  /** Copies what `restore` replaces; returns a function that puts it back. */
  snapshot?(): Promise<() => void>;
  /** Restores what the object itself may still refuse. */
  restore?(stored: StoredPart): Promise<void>;
  /** Restores the tensors, after everything was checked. */
  restoreTensors?(stored: StoredPart): Promise<void>;
}

/**
 * Checks that a file has the given tensors and no others.
 *
 * @param file The file; `undefined` if there is none.
 * @param name Name of the object, for errors.
 * @param shapes Shape of each tensor in f32, by name; `undefined` for any shape and
 * type.
 * @throws {SyntaxError} If the file is missing.
 * @throws {RangeError} If a tensor is missing or unknown, or has another shape.
 * @throws {TypeError} If a tensor with a shape is not F32.
 */
export function checkTensors(
  file: TensorFile | undefined,
  name: string,
  shapes: ReadonlyMap<string, readonly number[] | undefined>,
): void {
  if (!file) {
    if (shapes.size === 0) return;
    throw new SyntaxError(
      `Cannot load the state of ${name}: there is no file ${name}.safetensors; the folder is incomplete, use another checkpoint`,
    );
  }
  const fail = (reason: string): never => {
    throw new RangeError(
      `Cannot load the state of ${name} from ${file.path}: ${reason}; make the objects as they were when it was saved`,
    );
  };
  for (const tensor of file.tensors.keys()) {
    if (!shapes.has(tensor)) fail(`it has "${tensor}", which is not expected`);
  }
  for (const [tensor, shape] of shapes) {
    const info = file.tensors.get(tensor) ?? fail(`it has no "${tensor}"`);
    if (!shape) continue;
    if (`${info.shape}` !== `${shape}`) {
      fail(`"${tensor}" is [${info.shape}], not [${shape}]`);
    }
    if (info.dtype !== "F32") {
      throw new TypeError(
        `Cannot load the state of ${name} from ${file.path}: "${tensor}" is ${info.dtype}, not F32; save it as F32`,
      );
    }
  }
}
