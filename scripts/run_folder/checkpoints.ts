/**
 * The checkpoints of a run: `checkpoint-STEP/` in its folder, each complete or not
 * there.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import {
  loadState,
  type Module,
  removeFolder,
  saveState,
  type Stateful,
  type StateObjects,
  writeFile,
} from "../../mod.ts";
import { exists } from "./paths.ts";

const NAME = /^checkpoint-(\d+)$/;
const STATE = "trainer_state.json";
/** Bytes of an element in f32. */
const ELEMENT_BYTES = 4;
/** AdamW's moments of a parameter. */
const MOMENTS = 2;

/** Checkpoints to keep. */
export interface KeptCheckpoints {
  /** Step of the newest one, which may be that of an interruption. */
  readonly step: number;
  /** Step of the best one, if any. */
  readonly best: number | undefined;
  /** Number of checkpoints, not counting those of interruptions. */
  readonly limit: number;
}

/** State of a run, as far as its checkpoints need it. */
export interface RunState {
  /** Whether the settings ask for no checkpoint at the step: the run was interrupted. */
  readonly isTemporary: boolean;
}

/** Objects of a checkpoint. */
export type CheckpointObjects = StateObjects & {
  /** The run, with a {@linkcode RunState}. */
  readonly run: { stateDict(): RunState } & Stateful;
};

/** Saves, loads and removes the checkpoints of a run. */
export class Checkpoints {
  readonly #folder: string;
  readonly #objects: CheckpointObjects;
  readonly #isWriter: boolean;

  /**
   * Takes the folder of a run.
   *
   * @param folder The folder.
   * @param objects Everything that a checkpoint holds.
   * @param isWriter Whether this process writes and removes them; another one does otherwise.
   */
  constructor(folder: string, objects: CheckpointObjects, isWriter = true) {
    this.#folder = folder;
    this.#objects = objects;
    this.#isWriter = isWriter;
  }

  /**
   * The path of a checkpoint.
   *
   * @param step Its step.
   * @returns The path.
   */
  pathOf(step: number): string {
    return `${this.#folder}/checkpoint-${step}`;
  }

  /** Steps of the checkpoints, in order. */
  get steps(): number[] {
    return checkpointSteps(this.#folder);
  }

  /**
   * Saves a checkpoint. One that is there has the same tensors, and only its
   * `trainer_state.json` is replaced.
   *
   * @param step Its step.
   * @throws {Error} If it cannot be written; an old one stays then.
   */
  async save(step: number): Promise<void> {
    const path = this.pathOf(step);
    if (!exists(path)) return await saveState(path, this.#objects);
    const other = `${path}.new`;
    await removeFolder(other);
    await saveState(other, this.#objects);
    await writeFile(path, STATE, Deno.readTextFileSync(`${other}/${STATE}`));
    await removeFolder(other);
  }

  /**
   * Loads the newest checkpoint that can be read; newer ones, damaged after they
   * were written, are reported and removed.
   *
   * @returns Its step; `undefined` if there is none.
   * @throws {RangeError} If a checkpoint does not fit the run.
   */
  async load(): Promise<number | undefined> {
    for (const step of this.steps.reverse()) {
      try {
        await loadState(this.pathOf(step), this.#objects);
        return step;
      } catch (error) {
        const isDamaged = error instanceof SyntaxError ||
          error instanceof Deno.errors.NotFound;
        if (!isDamaged) throw error;
        console.warn(
          `Warning: checkpoint-${step} is damaged and is removed: ${error.message}`,
        );
        await this.remove(step);
      }
    }
    return undefined;
  }

  /**
   * Removes a checkpoint.
   *
   * @param step Its step.
   */
  async remove(step: number): Promise<void> {
    if (this.#isWriter) await removeFolder(this.pathOf(step));
  }

  /**
   * Removes checkpoints of interruptions that have been replaced, and regular ones
   * beyond the limit: all but the newest, the best, and the newest of the others.
   *
   * @param kept Checkpoints to keep.
   */
  async removeOld({ step, best, limit }: KeptCheckpoints): Promise<void> {
    const regular: number[] = [];
    for (const other of this.steps) {
      if (!this.#isTemporary(other)) regular.push(other);
      else if (other !== step) await this.remove(other);
    }
    const kept = keptSteps(regular, best, limit);
    for (const other of regular) {
      if (!kept.has(other)) await this.remove(other);
    }
  }

  #isTemporary(step: number): boolean {
    try {
      const text = Deno.readTextFileSync(`${this.pathOf(step)}/${STATE}`);
      return JSON.parse(text).run.isTemporary === true;
    } catch {
      return false; // a damaged one is reported where it is loaded
    }
  }

  /** Removes what a killed process left behind. */
  async removePartial(): Promise<void> {
    if (!this.#isWriter) return;
    for (const { name } of Deno.readDirSync(this.#folder)) {
      if (/^checkpoint-\d+\.(new|partial|new\.partial)$/.test(name)) {
        await Deno.remove(`${this.#folder}/${name}`, { recursive: true });
      }
    }
  }
}

/**
 * Computes the size of a checkpoint with AdamW.
 *
 * @param model The model.
 * @returns Bytes of its weights, and of the moments of those that are trained.
 */
export function checkpointBytes(model: Module): number {
  const trained = [...model.parameters()]
    .filter(({ requiresGrad }) => requiresGrad);
  return modelBytes(model) + MOMENTS * bytesOf(trained);
}

/**
 * Computes the size of a model.
 *
 * @param model The model.
 * @returns Bytes of its weights.
 */
export function modelBytes(model: Module): number {
  return bytesOf([...model.parameters()]);
}

function bytesOf(parameters: readonly { readonly size: number }[]): number {
  return parameters.reduce((sum, { size }) => sum + ELEMENT_BYTES * size, 0);
}

/**
 * Lists the checkpoints of a run.
 *
 * @param folder The folder of the run.
 * @returns Their steps, in order; none if there is no such folder.
 */
export function checkpointSteps(folder: string): number[] {
  if (!exists(folder)) return [];
  return [...Deno.readDirSync(folder)]
    .flatMap(({ name, isDirectory }) =>
      isDirectory ? NAME.exec(name)?.slice(1).map(Number) ?? [] : []
    )
    .sort((a, b) => a - b);
}

/**
 * Chooses the regular checkpoints to keep, as transformers does.
 *
 * @param steps Steps of the checkpoints, in order.
 * @param best Step of the best one, if any.
 * @param limit Number of checkpoints.
 * @returns The steps to keep.
 */
export function keptSteps(
  steps: readonly number[],
  best: number | undefined,
  limit: number,
): Set<number> {
  const kept = new Set(steps.slice(-1));
  if (best !== undefined && steps.includes(best)) kept.add(best);
  for (const step of steps.toReversed()) {
    if (kept.size < limit) kept.add(step);
  }
  return kept;
}
