/**
 * State of an object with `stateDict()` and `loadStateDict()`.
 *
 * @module
 */
import {
  checkTensors,
  type SavedPart,
  type StatePart,
  type StoredPart,
} from "./part.ts";
import { copyState, encodeState, readState, tensorNames } from "./values.ts";

/** An object with a state, such as a `DataLoader` or a scheduler. */
export interface Stateful {
  /** Returns the state: plain values for JSON, typed arrays or tensors. */
  stateDict(): unknown;
  /** Waits until the state is known on the host, where it is not, before `stateDict()` and `loadStateDict()`. */
  settle?(): Promise<void> | undefined;
  /**
   * Restores a state; throws if it does not fit. Values of tensors are typed arrays
   * in it.
   */
  loadStateDict(state: never): void;
}

/** Saves and restores an object with a state. */
export class PlainPart implements StatePart {
  readonly #name: string;
  readonly #object: Stateful;

  /** Takes an object and its name. */
  constructor(name: string, object: Stateful) {
    this.#name = name;
    this.#object = object;
  }

  /** Collects the state. */
  save(): SavedPart {
    return encodeState(this.#object.stateDict(), this.#name);
  }

  /** Checks the names of the tensors: the object itself refuses what does not fit. */
  check({ json, file }: StoredPart): void {
    const names = tensorNames(json).map((name) => [name, undefined] as const);
    checkTensors(file, this.#name, new Map(names));
  }

  /** Copies the state. */
  async snapshot(): Promise<() => void> {
    const before = await copyState(this.#object.stateDict(), this.#name);
    return () => this.#object.loadStateDict(before as never);
  }

  /** Restores the state. */
  async restore({ json, file }: StoredPart): Promise<void> {
    const state = await readState(json, file);
    this.#object.loadStateDict(state as never);
  }
}
