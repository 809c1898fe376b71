/**
 * The LoRA adapter of a run: `adapter/` in its folder, for peft.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import {
  addLora,
  type ForSequenceClassification,
  type LoraAdapter,
  removeFolder,
  writeFolder,
} from "../../mod.ts";
import type { RunFolder } from "../run_folder/run_folder.ts";
import type { Options } from "./options.ts";

/**
 * Adds an adapter to the model of a run, if the settings ask for one, and prints the
 * number of trained parameters.
 *
 * @param model The model.
 * @param options Settings of the run.
 * @returns The adapter, if there is one.
 */
export function adapterOf(
  model: ForSequenceClassification,
  { loraR: r, loraAlpha: alpha, loraDropout: dropout, seed }: Options,
): LoraAdapter | undefined {
  if (r === undefined) return undefined;
  const adapter = addLora(model, {
    ...{ r, seed },
    ...alpha !== undefined && { alpha },
    ...dropout !== undefined && { dropout },
  });
  let [trained, all] = [0, 0];
  for (const { requiresGrad, size } of model.parameters()) {
    all += size;
    if (requiresGrad) trained += size;
  }
  const [count, total] = [trained, all].map((n) => n.toLocaleString("en-US"));
  const percent = (100 * trained / all).toFixed(2);
  console.log(`LoRA trains ${count} of ${total} parameters (${percent} %)`);
  return adapter;
}

/**
 * Writes an adapter into the folder of its run, and merges it into the model.
 *
 * @param adapter The adapter; nothing is done without one.
 * @param folder The folder.
 * @throws {DeviceLostError} If the GPU, which has the weights, was lost.
 */
export async function mergeAdapter(
  adapter: LoraAdapter | undefined,
  folder: RunFolder,
): Promise<void> {
  if (!adapter) return;
  const path = `${folder.path}/adapter`;
  await folder.attempt("the adapter", async () => {
    await removeFolder(path); // of a killed process
    await writeFolder(path, (partial) => adapter.savePretrained(partial));
  });
  adapter.mergeAndUnload();
}
