/**
 * The model at the end of a run: `model/` in its folder, or elsewhere if that
 * cannot be written.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import {
  DeviceLostError,
  type Pretrained,
  removeFolder,
  writeFolder,
} from "../../mod.ts";
import { exists } from "./paths.ts";

/** Places of a model. */
export interface ModelPlaces {
  /** Folder of the run. */
  readonly folder: string;
  /** A checkpoint that has the same weights, if there is one. */
  readonly checkpoint: string | undefined;
  /**
   * Whether this process writes the model; another one does otherwise.
   *
   * @default true
   */
  readonly isWriter?: boolean;
}

/**
 * Writes a model folder: `model/` in the folder of the run, or beside that folder.
 * If both fail, a user on a terminal can make room; else a checkpoint has the
 * weights.
 *
 * @param places Where it can be.
 * @param parts The model and its tokenizer.
 * @returns The folder that has the model.
 * @throws {Error} If it is nowhere.
 * @throws {DeviceLostError} If the GPU, which has the weights, was lost.
 */
export async function saveModel(
  { folder, checkpoint, isWriter = true }: ModelPlaces,
  parts: readonly Pretrained[],
): Promise<string> {
  const places = [`${folder}/model`, `${folder}-model`];
  if (!isWriter) return places[0]!;
  for (;;) {
    let failure: unknown;
    for (const place of places) {
      try {
        if (place === places[0]) await removeFolder(place); // of a killed process
        await write(place, parts);
        if (failure) {
          console.warn(`Warning: the model is in ${place}: ${textOf(failure)}`);
        }
        return place;
      } catch (error) {
        if (error instanceof DeviceLostError) throw error;
        failure ??= error;
      }
    }
    if (Deno.stdin.isTerminal()) {
      console.warn(`Warning: the model cannot be saved: ${textOf(failure)}`);
      // Ctrl-C and Ctrl-D give null: a prompt keeps the signal from the run.
      if (prompt("Press Enter to try again, or Ctrl-C to end") !== null) {
        continue;
      }
    }
    if (checkpoint !== undefined && exists(checkpoint)) {
      console.warn(
        `Warning: the model is in ${checkpoint} only: ${textOf(failure)}`,
      );
      return checkpoint;
    }
    throw failure;
  }
}

async function write(
  path: string,
  parts: readonly Pretrained[],
): Promise<void> {
  await writeFolder(path, async (partial) => {
    for (const part of parts) await part.savePretrained(partial);
  });
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : `${error}`;
}
